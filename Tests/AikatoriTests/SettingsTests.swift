import API
import Foundation
import Logging
import Marketplace
import Organisations
import Outgoing
import Testing

@testable import Aikatori

@Suite("Settings: from the environment and a file, strictly")
struct SettingsTests {
    private func settings(
        _ environment: [String: String] = [:], file: String? = nil
    ) throws -> Settings {
        try Settings(
            environment: environment,
            file: file.map { try ConfigurationFile(path: "a.conf", text: $0) })
    }

    private func refusal(
        _ environment: [String: String] = [:], file: String? = nil
    ) -> String {
        do {
            _ = try settings(environment, file: file)
            return "accepted"
        } catch {
            return "\(error)"
        }
    }

    @Test func whatHoldsWhenNothingIsGiven() throws {
        let settings = try settings()
        #expect(settings.databaseURL == nil)
        #expect(settings.folder.path.hasSuffix("/var"))
        #expect(settings.server.host == "127.0.0.1")
        #expect(settings.server.port == 8080)
        #expect(settings.server.requestDeadline == .seconds(15))
        #expect(settings.server.idleTimeout == .seconds(60))
        #expect(settings.drain == .seconds(20))
        #expect(settings.logLevel == .info)
        #expect(settings.poolConnections == 8)
        #expect(settings.pipelineConnections == 2)
        #expect(settings.server.trustedProxies == .none)
        #expect(settings.server.requestsPerToken == 6_000)
        #expect(settings.server.requestsPerAddress == 12_000)
    }

    @Test("what the table says of the unset is what holds")
    func tableIsTrue() throws {
        let unset = Setting.all.filter { !["none", "var"].contains($0.whenUnset) }
        let texts = Dictionary(uniqueKeysWithValues: unset.map { ($0.name, $0.whenUnset) })
        let told = try settings(
            texts.filter { !$0.value.contains(" ") && !$0.value.contains(":") })
        let held = try settings()
        #expect(told.server.host == held.server.host)
        #expect(told.server.port == held.server.port)
        #expect(told.server.requestDeadline == held.server.requestDeadline)
        #expect(told.server.idleTimeout == held.server.idleTimeout)
        #expect(told.drain == held.drain)
        #expect(told.logLevel == held.logLevel)
        #expect(told.poolConnections == held.poolConnections)
        #expect(told.pipelineConnections == held.pipelineConnections)
        #expect(told.server.requestsPerToken == held.server.requestsPerToken)
        #expect(told.server.requestsPerAddress == held.server.requestsPerAddress)
    }

    @Test func everySettingIsRead() throws {
        let key = Data(1...32).base64EncodedString()
        let settings = try settings(
            file: """
                # A remark.
                DATABASE_URL='postgresql://a'
                MIGRATION_DATABASE_URL = "postgresql://b"
                READER_DATABASE_URL=host=c user=d

                AIKATORI_VAR=/srv/a b
                AIKATORI_MASTER_KEY=\(key)
                AIKATORI_POOL_CONNECTIONS=9
                AIKATORI_PIPELINE_CONNECTIONS=3
                AIKATORI_HOST=::1
                AIKATORI_PORT=0
                AIKATORI_REQUEST_DEADLINE=2m
                AIKATORI_IDLE_TIMEOUT=1h
                AIKATORI_DRAIN=500ms
                AIKATORI_TRUSTED_PROXIES=127.0.0.1, 10.0.0.0/8
                AIKATORI_REQUESTS_PER_TOKEN=1
                AIKATORI_REQUESTS_PER_ADDRESS=1000000
                AIKATORI_LOG_LEVEL=debug
                AIKATORI_TOKENS_FILE=
                AIKATORI_PUBLIC_URL=https://aikatori.example/
                AIKATORI_SENDMAIL=/usr/sbin/sendmail
                AIKATORI_MAIL_FROM=aikatori@hospital.example
                """)
        #expect(settings.databaseURL == "postgresql://a")
        #expect(settings.migrationDatabaseURL == "postgresql://b")
        #expect(settings.readerDatabaseURL == "host=c user=d")
        #expect(settings.folder.path == "/srv/a b")
        #expect(settings.masterKey == Array(1...32))
        #expect(settings.poolConnections == 9)
        #expect(settings.pipelineConnections == 3)
        #expect(settings.server.host == "::1")
        #expect(settings.server.port == 0)
        #expect(settings.server.requestDeadline == .seconds(120))
        #expect(settings.server.idleTimeout == .seconds(3_600))
        #expect(settings.drain == .milliseconds(500))
        #expect(settings.server.trustedProxies == TrustedProxies("127.0.0.1,10.0.0.0/8"))
        #expect(settings.server.requestsPerToken == 1)
        #expect(settings.server.requestsPerAddress == 1_000_000)
        #expect(settings.logLevel == .debug)
        #expect(settings.tokensFile == nil)
        #expect(settings.publicAddress == "https://aikatori.example")
        #expect(settings.sendmail == "/usr/sbin/sendmail")
        #expect(settings.mailFrom?.text == "aikatori@hospital.example")
    }

    @Test("mail goes out by the command, into a page in a demo, and nowhere without either")
    func mail() throws {
        let both = [
            "AIKATORI_SENDMAIL": "/usr/sbin/sendmail", "AIKATORI_MAIL_FROM": "a@hospital.example",
        ]
        let demo = try settings(both).surroundings(isDemo: true)
        #expect(demo.isDemo)
        let told = try settings(both).surroundings(isDemo: false)
        guard case .sendmail(let sendmail, from: let sender) = told.mail else {
            Issue.record("no command")
            return
        }
        #expect((sendmail.program, sender.text) == ("/usr/sbin/sendmail", "a@hospital.example"))
        #expect(sendmail.sender == sender.text)
        let untold = try settings().surroundings(isDemo: false)
        guard case .nowhere = untold.mail else {
            Issue.record("somewhere")
            return
        }
        for (name, value) in both {
            #expect(refusal([name: value]).contains("belong together"))
        }
    }

    @Test func environmentWins() throws {
        let file = "AIKATORI_PORT=1\nAIKATORI_HOST=a"
        let settings = try settings(["AIKATORI_PORT": "2", "AIKATORI_HOST": ""], file: file)
        #expect(settings.server.port == 2)
        #expect(settings.server.host == "a")
    }

    @Test(arguments: [
        ("AIKATORI_PORT", "-1"), ("AIKATORI_PORT", "65536"), ("AIKATORI_PORT", "http"),
        ("AIKATORI_REQUEST_DEADLINE", "999ms"), ("AIKATORI_REQUEST_DEADLINE", "11m"),
        ("AIKATORI_IDLE_TIMEOUT", "0s"), ("AIKATORI_DRAIN", "11m"), ("AIKATORI_DRAIN", "-1s"),
        ("AIKATORI_LOG_LEVEL", "Info"), ("AIKATORI_POOL_CONNECTIONS", "201"),
        ("AIKATORI_PIPELINE_CONNECTIONS", "0"), ("AIKATORI_REQUESTS_PER_TOKEN", "0"),
        ("AIKATORI_REQUESTS_PER_ADDRESS", "1000001"), ("AIKATORI_TRUSTED_PROXIES", "localhost"),
        ("AIKATORI_TRUSTED_PROXIES", "10.0.0.0/33"),
        ("AIKATORI_PUBLIC_URL", "aikatori.example"),
        ("AIKATORI_PUBLIC_URL", "http://aikatori.example"),
        ("AIKATORI_PUBLIC_URL", "https://aikatori.example/pages"),
        ("AIKATORI_SENDMAIL", "sendmail"), ("AIKATORI_MAIL_FROM", "nobody"),
    ])
    func refusedByName(name: String, value: String) throws {
        let setting = try #require(Setting.named(name))
        #expect(
            refusal([name: value]) == "\(name) is \"\(value)\", and must be \(setting.form)")
        #expect(
            refusal(file: "\n\(name)=\(value)")
                == "a.conf:2: \(name) is \"\(value)\", and must be \(setting.form)")
    }

    @Test("a secret that cannot be is not repeated")
    func secrets() {
        let short = Data(1...31).base64EncodedString()
        let said = refusal(["AIKATORI_MASTER_KEY": short])
        #expect(said == "AIKATORI_MASTER_KEY must be \(Setting.masterKey.form)")
        #expect(refusal(["AIKATORI_MASTER_KEY": "not base64"]) == said)
    }

    @Test(arguments: [
        ("AIKATORI_PROT=1", "a.conf:1: AIKATORI_PROT is no setting"),
        ("=1", "a.conf:1:  is no setting"),
        ("# fine\r\nAIKATORI_PORT", "a.conf:2: a line must be KEY=VALUE"),
        ("AIKATORI_PORT=1\n AIKATORI_PORT=1", "a.conf:2: AIKATORI_PORT is there twice"),
    ])
    func refusedLines(text: String, said: String) {
        #expect(refusal(file: text).hasPrefix(said))
    }

    @Test func whatExcludesEachOther() {
        let key = Data(1...32).base64EncodedString()
        #expect(
            refusal(["AIKATORI_MASTER_KEY": key, "AIKATORI_MASTER_KEY_FILE": "a"])
                .contains("one of them is enough"))
        #expect(
            refusal(["DATABASE_URL": "a", "AIKATORI_TOKENS_FILE": "b"])
                .contains("AIKATORI_TOKENS_FILE is for the demo"))
    }

    @Test(arguments: [
        ("0s", Duration.zero), ("500ms", .milliseconds(500)), ("15s", .seconds(15)),
        ("2m", .seconds(120)), ("1h", .seconds(3_600)), ("30d", .seconds(2_592_000)),
    ])
    func times(text: String, time: Duration) {
        #expect(TimeText.read(text) == time)
    }

    @Test(arguments: [
        "", "s", "15", "1.5s", "-1s", "+1s", "1 s", "1S", "1m30s", "9223372036854775807d", "١s",
    ])
    func noTimes(text: String) {
        #expect(TimeText.read(text) == nil)
    }
}

@Suite("Settings are told once, and the same everywhere")
struct SettingTableTests {
    static let root = URL(filePath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    @Test("docs/operating.md has the table as it is in the program")
    func document() throws {
        let text = try String(
            contentsOf: Self.root.appending(path: "docs/operating.md"), encoding: .utf8)
        let table = Setting.markdownTable
        #expect(text.contains("\n\n\(table)\n\n"), "it should have:\n\(table)")
    }

    @Test func help() {
        let lines = Set(Setting.help.split(separator: "\n").map(String.init))
        for setting in Setting.all { #expect(lines.contains(setting.name)) }
    }

    @Test func names() {
        #expect(Set(Setting.all.map(\.name)).count == Setting.all.count)
    }
}

@Suite("Secrets are kept in files that only their owner reads")
struct PrivateFileTests {
    @Test func keptAndRead() throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "aikatori-private-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let file = folder.appending(path: "secret")
        try PrivateFile.write("one", to: file)
        try PrivateFile.write("two", to: file)
        let attributes = try FileManager.default.attributesOfItem(atPath: file.path)
        #expect((attributes[.posixPermissions] as? NSNumber)?.intValue == 0o600)
        #expect(try PrivateFile.read(file) == "two")
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == ["secret"])

        try FileManager.default.setAttributes([.posixPermissions: 0o640], ofItemAtPath: file.path)
        #expect(throws: PrivateFile.Refused.self) { try PrivateFile.read(file) }
        #expect(throws: PrivateFile.Refused.self) {
            try PrivateFile.write("three", to: folder.appending(path: "none/secret"))
        }
    }
}

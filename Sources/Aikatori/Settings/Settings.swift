import API
import Foundation
import Logging
import Marketplace
import Organisations
import Outgoing
import SignIn
import Visits

/// Every setting, read and checked before anything is done.
package struct Settings: Sendable {
    package var databaseURL: String?
    package var migrationDatabaseURL: String?
    package var readerDatabaseURL: String?
    package var folder: URL
    package var masterKey: [UInt8]?
    package var masterKeyFile: URL?
    package var poolConnections: Int
    package var pipelineConnections: Int
    package var server: ServerConfiguration
    package var drain: Duration
    package var logLevel: Logger.Level
    package var tokensFile: URL?
    var demo: DemoPlan.Size
    package var publicAddress: String?
    package var sendmail: String?
    package var mailFrom: EmailAddress?
    package var typstPython: String?
    package var operatorFolder: String?
    package var relay: Relay?
    package var internalAddresses: [AddressRange]

    /// The environment wins over the file.
    package init(
        environment: [String: String], file: ConfigurationFile?
    ) throws(SettingProblem) {
        let given = GivenSettings(environment: environment, file: file)
        databaseURL = given.text(.databaseURL)
        migrationDatabaseURL = given.text(.migrationDatabaseURL)
        readerDatabaseURL = given.text(.readerDatabaseURL)
        folder = URL(filePath: given.text(.folder) ?? Self.usualFolder)
        masterKey = try given.parsed(.masterKey, MasterKey.bytes)
        masterKeyFile = given.text(.masterKeyFile).map { URL(filePath: $0) }
        poolConnections = try given.integer(.poolConnections, in: 1...200) ?? 8
        pipelineConnections = try given.integer(.pipelineConnections, in: 1...64) ?? 2
        server = try given.serverConfiguration()
        drain = try given.time(.drain, in: .zero ... .seconds(600)) ?? .seconds(20)
        logLevel = try given.parsed(.logLevel, Logger.Level.init(rawValue:)) ?? .info
        tokensFile = given.text(.tokensFile).map { URL(filePath: $0) }
        demo = try given.parsed(.demo, DemoPlan.Size.init(rawValue:)) ?? .full
        publicAddress = try given.parsed(.publicURL, Self.publicAddress)
        sendmail = try given.parsed(.sendmail) { $0.first == "/" ? $0 : nil }
        mailFrom = try given.parsed(.mailFrom) { try? EmailAddress($0) }
        typstPython = try given.parsed(.typstPython) { $0.first == "/" ? $0 : nil }
        operatorFolder = try given.parsed(.operatorFolder) { $0.first == "/" ? $0 : nil }
        relay = try given.relay()
        internalAddresses = try given.parsed(.internalAddresses, AddressRange.list) ?? []
        if (sendmail == nil) != (mailFrom == nil) {
            throw SettingProblem(
                "\(Setting.sendmail.name) and \(Setting.mailFrom.name) belong together; "
                    + "only one of them is given")
        }
        if masterKey != nil, masterKeyFile != nil {
            throw SettingProblem(
                "\(Setting.masterKey.name) and \(Setting.masterKeyFile.name) are both given; "
                    + "one of them is enough")
        }
        if tokensFile != nil, databaseURL != nil {
            throw SettingProblem(
                "\(Setting.tokensFile.name) is for the demo, and there is none with "
                    + Setting.databaseURL.name)
        }
    }

    /// From this process's environment and the file, if there is one.
    package static func read(config: String?) throws -> Settings {
        let environment = ProcessInfo.processInfo.environment
        let file = try ConfigurationFile.find(
            asked: config, folder: environment[Setting.folder.name] ?? usualFolder)
        return try Settings(environment: environment, file: file)
    }

    private static let usualFolder = "var"

    /// The address without the slash at its end; a path, a query or plain HTTP elsewhere than on
    /// this machine is none.
    private static func publicAddress(_ text: String) -> String? {
        guard let address = try? WebAddress(text, allowingLoopback: true),
            address.text.split(separator: "/").count == 2
        else { return nil }
        return address.text.last == "/" ? String(address.text.dropLast()) : address.text
    }

    /// A demo's mail goes into a page.
    func surroundings(isDemo: Bool) -> Surroundings {
        var mail = Surroundings.Mail.nowhere
        if isDemo {
            mail = .page
        } else if let sendmail, let mailFrom {
            mail = .sendmail(Sendmail(program: sendmail, sender: mailFrom.text), from: mailFrom)
        }
        return Surroundings(
            mail: mail, publicAddress: publicAddress, relay: relay,
            typesetter: typstPython.map { Typesetter(python: $0) },
            operatorFolder: isDemo ? nil : operatorFolder.map { OperatorFolder(path: $0) },
            internalAddresses: internalAddresses)
    }
}

/// What was given for each setting, and where. An empty value counts as none.
private struct GivenSettings {
    let environment: [String: String]
    let file: ConfigurationFile?

    private func find(_ setting: Setting) -> ConfigurationFile.Entry? {
        if let value = environment[setting.name], !value.isEmpty {
            return ConfigurationFile.Entry(value: value, place: "")
        }
        return file?.entries[setting.name].flatMap { $0.value.isEmpty ? nil : $0 }
    }

    func text(_ setting: Setting) -> String? { find(setting)?.value }

    func parsed<Value>(
        _ setting: Setting, _ read: (String) -> Value?
    ) throws(SettingProblem) -> Value? {
        guard let entry = find(setting) else { return nil }
        guard let value = read(entry.value) else {
            throw SettingProblem(setting, is: entry.value, from: entry.place)
        }
        return value
    }

    func integer(
        _ setting: Setting, in range: ClosedRange<Int>
    ) throws(SettingProblem) -> Int? {
        try parsed(setting) { text in
            Int(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    func time(
        _ setting: Setting, in range: ClosedRange<Duration>
    ) throws(SettingProblem) -> Duration? {
        try parsed(setting) { text in
            TimeText.read(text).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// Addresses and secret belong together.
    func relay() throws(SettingProblem) -> Relay? {
        let isOnlyWay = try parsed(.relayOnly) { ["yes": true, "no": false][$0] } ?? false
        let secret = text(.relaySecret)
        let addresses = try parsed(.relayAddresses, Relay.addresses)
        guard (addresses == nil) == (secret == nil), addresses != nil || !isOnlyWay else {
            throw SettingProblem(
                "\(Setting.relayAddresses.name) and \(Setting.relaySecret.name) belong together, "
                    + "and \(Setting.relayOnly.name) to both; one of them is missing")
        }
        guard let addresses, let secret else { return nil }
        return Relay(addresses: addresses, secret: secret, isOnlyWay: isOnlyWay)
    }

    func serverConfiguration() throws(SettingProblem) -> ServerConfiguration {
        var server = ServerConfiguration()
        if let host = text(.host) { server.host = host }
        if let port = try integer(.port, in: 0...65_535) { server.port = port }
        if let limit = try time(.requestDeadline, in: .seconds(1) ... .seconds(600)) {
            server.requestDeadline = limit
        }
        if let limit = try time(.idleTimeout, in: .seconds(1) ... .seconds(3_600)) {
            server.idleTimeout = limit
        }
        if let proxies = try parsed(.trustedProxies, { TrustedProxies($0) }) {
            server.trustedProxies = proxies
        }
        if let limit = try integer(.requestsPerToken, in: RateLimit.possible) {
            server.requestsPerToken = limit
        }
        if let limit = try integer(.requestsPerAddress, in: RateLimit.possible) {
            server.requestsPerAddress = limit
        }
        return server
    }
}

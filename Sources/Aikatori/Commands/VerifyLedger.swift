import ArgumentParser
import Glibc
import Marketplace
import Storage

struct VerifyLedger: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ledger",
        abstract: "Computes the ledger again from postings and charges, and names what is wrong.",
        discussion: """
            It reads one state of the database beside live traffic, as the role aikatori_reader, \
            in portions, and tells how far it is: by a bar on a terminal, by lines elsewhere. It \
            names the first thing that is wrong; the exit status is 1 when there is one.
            """)

    @OptionGroup var source: ConfigurationOption

    func run() async throws {
        let logger = ConfigurationOption.quietLogger
        var bar = ProgressBar(isTerminal: isatty(STDOUT_FILENO) == 1)
        let report = try await DatabaseDoor.open(
            as: .reader, source.settings(), logger: logger
        ) { reader in
            try await Verification.report(on: reader, rules: VerifiedRule.ofLedger) {
                if let text = bar.text(of: $0) { Self.write(text) }
            }
        }
        if let text = bar.end { Self.write(text) }
        report.tell()
        guard let first = report.findings.first else {
            say("The ledger is as it must be.")
            return
        }
        say("First: \(first.line)")
        if report.findings.count > 1 {
            say("and \(report.findings.count - 1) more; `aikatori verify` lists all.")
        }
        throw ExitCode.failure
    }

    private static func write(_ text: String) {
        print(text, terminator: "")
        fflush(nil)
    }
}

/// How far something is: one line that is written over on a terminal, and elsewhere a line for each
/// new rule and for each further tenth.
struct ProgressBar {
    private static let width = 30

    let isTerminal: Bool
    private var lastRule: VerifiedRule?
    private var lastTenth = -1

    init(isTerminal: Bool) {
        self.isTerminal = isTerminal
    }

    /// What is to be written; nil when nothing new is to be said.
    mutating func text(of progress: VerificationProgress) -> String? {
        let percent = progress.percent
        if isTerminal {
            let full = Self.width * percent / 100
            let bar =
                String(repeating: "#", count: full)
                + String(repeating: ".", count: Self.width - full)
            let name = progress.rule.rawValue
            let blank = String(repeating: " ", count: max(0, 16 - name.count))
            return "\r[\(bar)] \(percent) % \(name)\(blank)"
        }
        guard progress.rule != lastRule || percent / 10 != lastTenth else { return nil }
        (lastRule, lastTenth) = (progress.rule, percent / 10)
        return "\(percent) % \(progress.rule.rawValue)\n"
    }

    /// Before other lines: the terminal's line is cleared.
    var end: String? { isTerminal ? "\r\u{1b}[K" : nil }
}

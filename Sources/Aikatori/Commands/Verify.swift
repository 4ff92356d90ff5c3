import ArgumentParser
import Marketplace
import Storage

struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: """
            Checks what is kept: the database, its ledger alone, a signed contract, or exported \
            audit facts.
            """,
        subcommands: [
            VerifyDatabase.self, VerifyLedger.self, VerifyContract.self, VerifyAudit.self,
        ],
        defaultSubcommand: VerifyDatabase.self)
}

struct VerifyDatabase: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "database",
        abstract: "Computes the whole database again from its facts, and names what differs.",
        discussion: """
            It reads one state of the database, as the role aikatori_reader, and disturbs nobody. \
            The exit status is 1 when something differs.
            """)

    @OptionGroup var source: ConfigurationOption

    func run() async throws {
        let logger = ConfigurationOption.quietLogger
        let report = try await DatabaseDoor.open(
            as: .reader, source.settings(), logger: logger
        ) { reader in
            try await Verification.report(on: reader)
        }
        report.tell()
        for finding in report.findings { say(finding.line) }
        guard report.findings.isEmpty else { throw ExitCode.failure }
        say("Everything is as it must be.")
    }
}

extension VerificationReport {
    /// A line for each rule that was checked.
    func tell() {
        for rule in VerifiedRule.allCases {
            guard let count = checked[rule] else { continue }
            let found = findings.count { $0.rule == rule }
            say("\(found == 0 ? "ok   " : "WRONG") \(count) \(rule.words)")
        }
        if unsealed > 0 { say("      \(unsealed) audit facts wait for their seal") }
    }
}

extension Finding {
    var line: String { "\(rule.rawValue): \(subject): \(message)" }
}

extension VerifiedRule {
    /// What the figure counts, and what holds for it.
    fileprivate var words: String {
        switch self {
        case .entries: "entries balance, and are mirrored"
        case .books: "books come to zero, and agree with each other"
        case .periods: "months are closed, and nothing came into them later"
        case .reversals: "reversals mirror their entries, each once"
        case .budgets: "budgets are the sum of their bookings and charges"
        case .charges: "charges are as they were sealed, and posted"
        case .invoices: "invoices are the sum of their lines, and posted"
        case .invoiceNumbers: "issuers' invoice numbers have no gap, and end where they are counted"
        case .settlements: "settlements are within what was invoiced and paid"
        case .versions: "signed contract versions rule until the next one"
        case .handshakes: "handshakes are what their messages say"
        case .blocks: "blocks hold their buyers' time, and each visit in them has its place"
        case .resources: "rooms and staff are taken once, by the visits that need them"
        case .groups: "group sessions have no more bookings than places, and their shares add up"
        case .startTimes: "windows of time are found where they are free"
        case .auditChain: "links of the audit chains hold"
        }
    }
}

import Billing
import Crypto
import Documents
import Foundation
import MoneyAndTime
import StrictJSON

/// A bank's file of statements as it was read, and what makes it the same file again.
struct BankFileReading {
    /// The statement of one account, with its payments.
    struct ReadStatement {
        let account: IBAN
        let name: String?
        let transactions: [BankTransaction]
        /// SHA-256 of what it says, whatever the spelling.
        let digest: [UInt8]
        /// Opening balance and booked entries less the closing balance, in 1/100,000.
        let difference: Int128?

        fileprivate init(_ statement: BankStatement) throws {
            account = statement.account
            name = statement.id
            transactions = statement.transactions
            digest = [UInt8](SHA256.hash(data: try statement.canonical(transactions)))
            difference = statement.unreconciled
        }
    }

    let file: BankFile
    let statements: [ReadStatement]
    /// SHA-256 of the bytes.
    let digest: [UInt8]
    /// SHA-256 of what the statements say, whatever the spelling.
    let content: [UInt8]
    /// What the seller's own system reported, and not a bank.
    let isReport: Bool

    /// Throws the market's refusal of a file that cannot be read, with the place where.
    init(_ bytes: [UInt8]) throws {
        do {
            try self.init(
                Camt053Reader().read(bytes), digest: SHA256.hash(data: bytes), isReport: false)
        } catch let problem as BankFileProblem {
            throw Refusal(refused: problem)
        }
    }

    private init(
        _ file: BankFile, digest: some Sequence<UInt8>, isReport: Bool
    ) throws {
        self.file = file
        self.isReport = isReport
        self.digest = [UInt8](digest)
        statements = try file.statements.map(ReadStatement.init)
        var hasher = SHA256()
        for statement in statements { hasher.update(data: statement.digest) }
        for entry in file.entriesElsewhere {
            hasher.update(data: Array("\(entry.amount.decimal) \(entry.amount.currency)|".utf8))
        }
        content = [UInt8](hasher.finalize())
    }

    /// Payments that the seller saw elsewhere, as entries of the accounts on which it asks for
    /// them. Of one invoice, the same amount on the same day is the same payment.
    init(reported: [(payment: ReportedPayment, target: ReportedTarget)]) throws {
        let accounts = Dictionary(grouping: reported) { $0.target.iban }
            .sorted { $0.key.text < $1.key.text }
        let statements = try accounts.map { account, reported in
            BankStatement(
                id: nil, account: account, balances: [],
                entries: try reported.map { payment, target in
                    try BankEntry(
                        amount: BankAmount(payment.amount), direction: .credit,
                        bookedOn: payment.paidOn, servicerReference: target.name,
                        details: [.init(references: [target.reference.description])])
                })
        }
        let words = reported.map { payment, target in
            "\(target.name) \(payment.paidOn.iso) \(payment.amount.decimal)"
        }
        try self.init(
            BankFile(messageID: nil, statements: statements),
            digest: SHA256.hash(data: Array(words.joined(separator: "\n").utf8)),
            isReport: true)
    }

    /// Whether opening balance and booked entries make the closing balance, wherever the bank
    /// gave both.
    var balancesAgree: Bool { statements.allSatisfy { ($0.difference ?? 0) == 0 } }

    /// All payments, in the order of the file.
    var transactions: [BankTransaction] { statements.flatMap(\.transactions) }

    /// Every reference that a payment of the file may name, in the form that invoices have.
    func references(of transactions: [BankTransaction]) -> Set<String> {
        Set(transactions.flatMap { ($0.namedReferences ?? []).map(\.description) })
    }
}

extension Refusal {
    /// A file of a bank's that cannot be read, with the place where.
    init(refused problem: BankFileProblem) {
        self.init(.bankFileRefused, figures: problem.figures)
    }
}

extension BankFileProblem {
    fileprivate var figures: JSON {
        [
            "reason": JSON(reason.code),
            "place": JSON(place),
            "line": JSON(line),
            "message": JSON(reason.words),
        ]
    }
}

extension BankFileProblem.Reason {
    /// Stable; `api/openapi.yaml` lists them.
    fileprivate var code: String {
        switch self {
        case .tooLarge: "too_large"
        case .empty: "empty"
        case .notUTF8: "not_utf8"
        case .documentType: "document_type"
        case .malformed: "malformed"
        case .notAStatement: "not_a_statement"
        case .tooDeep: "too_deep"
        case .tooManyTransactions: "too_many_transactions"
        case .missing: "missing"
        case .invalid: "invalid"
        }
    }

    fileprivate var words: String {
        switch self {
        case .tooLarge(let limit): "The file has more than \(limit) bytes."
        case .empty: "The file is empty."
        case .notUTF8: "The file is not in UTF-8."
        case .documentType: "A document type declaration is not taken."
        case .malformed(let words): "The file is not well-formed XML: \(words)"
        case .notAStatement:
            "The file is not the message that is read here, in a version that is known."
        case .tooDeep(let limit): "Elements are nested more than \(limit) deep."
        case .tooManyTransactions(let limit): "The file has more than \(limit) payments."
        case .missing(let name): "\(name) is missing."
        case .invalid(let name, let value): "\(name) cannot be \(value.prefix(40))."
        }
    }
}

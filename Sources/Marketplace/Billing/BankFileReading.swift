import Billing
import Crypto
import Documents
import Foundation
import MoneyAndTime
import StrictJSON

/// A bank's file of statements as it was read, and what makes it the same file again.
struct BankFileReading {
    let file: BankFile
    /// SHA-256 of the bytes.
    let digest: [UInt8]
    /// SHA-256 of what the statements say, whatever the spelling.
    let content: [UInt8]

    /// Throws the market's refusal of a file that cannot be read, with the place where.
    init(_ bytes: [UInt8]) throws {
        do {
            file = try Camt053Reader().read(bytes)
        } catch {
            throw Refusal(.bankFileRefused, figures: error.figures)
        }
        digest = [UInt8](SHA256.hash(data: bytes))
        var hasher = SHA256()
        for statement in file.statements { hasher.update(data: try statement.canonical()) }
        content = [UInt8](hasher.finalize())
    }

    /// Whether opening balance and booked entries make the closing balance, wherever the bank
    /// gave both.
    var balancesAgree: Bool {
        file.statements.allSatisfy { ($0.unreconciled ?? 0) == 0 }
    }

    /// Every reference that a payment of the file may name, in the form that invoices have.
    var references: Set<String> {
        Set(
            file.transactions.flatMap { payment -> [String] in
                if let text = payment.reference {
                    return PaymentReference.structured(text).map { [$0.description] } ?? []
                }
                let message = payment.message ?? ""
                return PaymentReference.candidates(inMessage: message).map(\.description)
            })
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
        case .notAStatement: "The file is not a camt.053 statement of versions .001.02 to .001.08."
        case .tooDeep(let limit): "Elements are nested more than \(limit) deep."
        case .tooManyTransactions(let limit): "The file has more than \(limit) payments."
        case .missing(let name): "\(name) is missing."
        case .invalid(let name, let value): "\(name) cannot be \(value.prefix(40))."
        }
    }
}

import Billing
import MoneyAndTime

/// Writes a bank's statement file: for a demonstration that plays the bank, and for tests.
package struct Camt053Writer: Sendable {
    package enum Version: String, Sendable, CaseIterable {
        case v02 = "camt.053.001.02"
        case v08 = "camt.053.001.08"
    }

    package enum Failure: Error, Hashable, Sendable {
        /// The schema wants a message id and statement ids of 1 to 35 characters.
        case idMissingOrTooLong
        /// The schema wants a balance with a day.
        case balanceIncomplete
    }

    private let version: Version
    private let createdAt: Instant

    package init(version: Version = .v08, createdAt: Instant) {
        self.version = version
        self.createdAt = createdAt
    }

    /// Throws `Failure`, or `XMLWritingFailure` for a text that XML cannot hold.
    package func write(_ file: BankFile) throws -> [UInt8] {
        var xml = XMLWriter()
        let namespace = "urn:iso:std:iso:20022:tech:xsd:\(version.rawValue)"
        try xml.element("Document", attributes: ["xmlns": namespace]) { xml in
            try xml.element("BkToCstmrStmt") { xml in
                try xml.element("GrpHdr") { xml in
                    try xml.element("MsgId", id(file.messageID))
                    try xml.element("CreDtTm", createdAt.rfc3339)
                }
                for statement in file.statements { try write(statement, to: &xml) }
            }
        }
        return xml.finish()
    }

    private func id(_ text: String?) throws(Failure) -> String {
        guard let text, (1...35).contains(text.unicodeScalars.count) else {
            throw .idMissingOrTooLong
        }
        return text
    }

    private func write(_ statement: BankStatement, to xml: inout XMLWriter) throws {
        guard !statement.balances.isEmpty else { throw Failure.balanceIncomplete }
        try xml.element("Stmt") { xml in
            try xml.element("Id", id(statement.id))
            try xml.element("CreDtTm", createdAt.rfc3339)
            try xml.element("Acct") { xml in
                try xml.element("Id") { try $0.element("IBAN", statement.account.text) }
            }
            for balance in statement.balances { try write(balance, to: &xml) }
            for entry in statement.entries { try write(entry, to: &xml) }
        }
    }

    private func write(_ balance: BankStatement.Balance, to xml: inout XMLWriter) throws {
        guard let day = balance.on else { throw Failure.balanceIncomplete }
        try xml.element("Bal") { xml in
            try xml.element("Tp") { xml in
                try xml.element("CdOrPrtry") { try $0.element("Cd", balance.code) }
            }
            try write(balance.amount, to: &xml)
            try xml.element("CdtDbtInd", balance.direction.code)
            try xml.element("Dt") { try $0.element("Dt", day.iso) }
        }
    }

    private func write(_ entry: BankEntry, to xml: inout XMLWriter) throws {
        try xml.element("Ntry") { xml in
            try write(entry.amount, to: &xml)
            try xml.element("CdtDbtInd", entry.direction.code)
            if entry.isReversal { try xml.element("RvslInd", "true") }
            switch version {
            case .v02: try xml.element("Sts", entry.status.rawValue)
            case .v08:
                try xml.element("Sts") { try $0.element("Cd", entry.status.rawValue) }
            }
            if let day = entry.bookedOn {
                try xml.element("BookgDt") { try $0.element("Dt", day.iso) }
            }
            if let reference = entry.servicerReference {
                try xml.element("AcctSvcrRef", reference)
            }
            try writeTransactionCode(to: &xml)
            if entry.batchCount != nil || !entry.details.isEmpty {
                try xml.element("NtryDtls") { xml in
                    if let count = entry.batchCount {
                        try xml.element("Btch") { try $0.element("NbOfTxs", "\(count)") }
                    }
                    for detail in entry.details { try write(detail, to: &xml) }
                }
            }
            if let information = entry.information {
                try xml.element("AddtlNtryInf", information)
            }
        }
    }

    /// A received credit transfer in SEPA: what this market's payments are.
    private func writeTransactionCode(to xml: inout XMLWriter) throws {
        try xml.element("BkTxCd") { xml in
            try xml.element("Domn") { xml in
                try xml.element("Cd", "PMNT")
                try xml.element("Fmly") { xml in
                    try xml.element("Cd", "RCDT")
                    try xml.element("SubFmlyCd", "ESCT")
                }
            }
        }
    }

    private func write(_ detail: BankEntry.Detail, to xml: inout XMLWriter) throws {
        try xml.element("TxDtls") { xml in
            try xml.element("Refs") { xml in
                if let reference = detail.servicerReference {
                    try xml.element("AcctSvcrRef", reference)
                }
                try xml.element("EndToEndId", detail.endToEndID ?? "NOTPROVIDED")
            }
            if let amount = detail.amount { try writeDetail(amount, of: detail, to: &xml) }
            if let name = detail.counterpartyName {
                try xml.element("RltdPties") { xml in
                    try xml.element("Dbtr") { xml in
                        switch version {
                        case .v02: try xml.element("Nm", name)
                        case .v08: try xml.element("Pty") { try $0.element("Nm", name) }
                        }
                    }
                }
            }
            try writeRemittance(of: detail, to: &xml)
        }
    }

    private func writeDetail(
        _ amount: BankAmount, of detail: BankEntry.Detail, to xml: inout XMLWriter
    ) throws {
        switch version {
        case .v02:
            try xml.element("AmtDtls") { xml in
                try xml.element("TxAmt") { try write(amount, to: &$0) }
            }
        case .v08:
            try write(amount, to: &xml)
            if let direction = detail.direction {
                try xml.element("CdtDbtInd", direction.code)
            }
        }
    }

    private func writeRemittance(
        of detail: BankEntry.Detail, to xml: inout XMLWriter
    ) throws {
        guard detail.message != nil || !detail.references.isEmpty else { return }
        try xml.element("RmtInf") { xml in
            if let message = detail.message { try xml.element("Ustrd", message) }
            for reference in detail.references {
                try xml.element("Strd") { xml in
                    try xml.element("CdtrRefInf") { xml in
                        try xml.element("Tp") { xml in
                            try xml.element("CdOrPrtry") { try $0.element("Cd", "SCOR") }
                            if reference.hasPrefix("RF") { try xml.element("Issr", "ISO") }
                        }
                        try xml.element("Ref", reference)
                    }
                }
            }
        }
    }

    private func write(_ amount: BankAmount, to xml: inout XMLWriter) throws {
        try xml.element("Amt", amount.decimal, attributes: ["Ccy": amount.currency])
    }
}

extension BankTransaction.Direction {
    fileprivate var code: String { self == .credit ? "CRDT" : "DBIT" }
}

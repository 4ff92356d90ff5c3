import Billing
import MoneyAndTime

/// Reads a bank's camt.053 file (ISO 20022, versions .001.02 to .001.08) as banks really write
/// it. Anything that is not understood refuses the whole file, with its place.
package struct Camt053Reader: Sendable {
    package var maxBytes = 16 << 20
    package var maxTransactions = 50_000

    package init() {}

    /// Throws `BankFileProblem`.
    package func read(_ bytes: [UInt8]) throws(BankFileProblem) -> BankFile {
        let root = try ElementTree.read(try XMLGuard.check(bytes, maxBytes: maxBytes))
        guard Camt053Reader.isStatement(root) else {
            throw root.problem(.notAStatement(root.namespace))
        }
        guard let message = root.first("BkToCstmrStmt") else {
            throw root.problem(.missing("BkToCstmrStmt"))
        }
        var count = 0
        var statements: [BankStatement] = []
        for element in message.all("Stmt") {
            let statement = try read(statement: element)
            count += statement.entries.reduce(0) { $0 + max(1, $1.details.count) }
            guard count <= maxTransactions else {
                throw element.problem(.tooManyTransactions(limit: maxTransactions))
            }
            statements.append(statement)
        }
        guard !statements.isEmpty else { throw message.problem(.missing("Stmt")) }
        return BankFile(messageID: message.text("GrpHdr/MsgId"), statements: statements)
    }

    private static func isStatement(_ root: Element) -> Bool {
        let versions = (2...8).map { "urn:iso:std:iso:20022:tech:xsd:camt.053.001.0\($0)" }
        return root.name == "Document" && versions.contains(root.namespace)
    }

    private func read(statement: Element) throws(BankFileProblem) -> BankStatement {
        let text = try statement.required("Acct/Id/IBAN")
        guard let account = try? IBAN(text) else {
            throw (statement.first("Acct/Id/IBAN") ?? statement)
                .problem(.invalid("IBAN", value: text))
        }
        var balances: [BankStatement.Balance] = []
        for balance in statement.all("Bal") { balances.append(try read(balance: balance)) }
        var entries: [BankEntry] = []
        for entry in statement.all("Ntry") { entries.append(try read(entry: entry)) }
        return BankStatement(
            id: statement.text("Id"), account: account, balances: balances, entries: entries)
    }

    private func read(balance: Element) throws(BankFileProblem) -> BankStatement.Balance {
        BankStatement.Balance(
            code: balance.text("Tp/CdOrPrtry/Cd") ?? balance.text("Tp/CdOrPrtry/Prtry") ?? "",
            amount: try balance.amount("Amt"), direction: try balance.direction(),
            on: try balance.date("Dt"))
    }

    private func read(entry: Element) throws(BankFileProblem) -> BankEntry {
        var details: [BankEntry.Detail] = []
        var batchCount: Int?
        for group in entry.all("NtryDtls") {
            if let text = group.text("Btch/NbOfTxs") {
                guard text.utf8.count <= 15, let count = Int(text),
                    (0...maxTransactions).contains(count)
                else { throw group.problem(.invalid("NbOfTxs", value: String(text.prefix(40)))) }
                // Small counts, and fewer groups than bytes: no overflow.
                batchCount = (batchCount ?? 0) + count
            }
            for detail in group.all("TxDtls") { details.append(try read(detail: detail)) }
        }
        return BankEntry(
            amount: try entry.amount("Amt"), direction: try entry.direction(),
            isReversal: try entry.flag("RvslInd"), status: try entry.status(),
            bookedOn: try entry.date("BookgDt"), servicerReference: entry.text("AcctSvcrRef"),
            batchCount: batchCount, details: details, information: entry.text("AddtlNtryInf"))
    }

    private func read(detail: Element) throws(BankFileProblem) -> BankEntry.Detail {
        let structured = detail.first("RmtInf")?.all("Strd") ?? []
        let messages = detail.first("RmtInf")?.all("Ustrd").map(\.trimmed) ?? []
        let message = messages.filter { !$0.isEmpty }.joined(separator: " ")
        let amount: BankAmount? =
            if detail.first("Amt") != nil {
                try detail.amount("Amt")
            } else if detail.first("AmtDtls/TxAmt/Amt") != nil {
                try detail.amount("AmtDtls/TxAmt/Amt")
            } else {
                nil
            }
        return BankEntry.Detail(
            amount: amount,
            direction: detail.first("CdtDbtInd") == nil ? nil : try detail.direction(),
            servicerReference: detail.text("Refs/AcctSvcrRef"),
            endToEndID: detail.endToEndID,
            references: structured.compactMap { $0.text("CdtrRefInf/Ref") },
            message: message.isEmpty ? nil : message,
            // The payer's name stands one level deeper from version .08 on.
            counterpartyName: detail.text("RltdPties/Dbtr/Nm")
                ?? detail.text("RltdPties/Dbtr/Pty/Nm"))
    }
}

extension Element {
    fileprivate func required(_ path: String) throws(BankFileProblem) -> String {
        guard let text = text(path) else { throw problem(.missing(path)) }
        return text
    }

    fileprivate func amount(_ path: String) throws(BankFileProblem) -> BankAmount {
        let text = try required(path)
        let element = first(path) ?? self
        guard let currency = element.attributes["Ccy"], currency.utf8.count == 3,
            currency.utf8.allSatisfy((UInt8(ascii: "A")...UInt8(ascii: "Z")).contains)
        else {
            throw element.problem(.invalid("Ccy", value: element.attributes["Ccy"] ?? ""))
        }
        guard let amount = BankAmount(decimal: text, currency: currency) else {
            throw element.problem(.invalid("Amt", value: String(text.prefix(40))))
        }
        return amount
    }

    fileprivate func direction() throws(BankFileProblem) -> BankTransaction.Direction {
        let text = try required("CdtDbtInd")
        switch text {
        case "CRDT": return .credit
        case "DBIT": return .debit
        default: throw problem(.invalid("CdtDbtInd", value: text))
        }
    }

    /// `NOTPROVIDED` is how SEPA writes that the payer gave none.
    fileprivate var endToEndID: String? {
        text("Refs/EndToEndId").flatMap { $0 == "NOTPROVIDED" ? nil : $0 }
    }

    fileprivate func flag(_ path: String) throws(BankFileProblem) -> Bool {
        switch text(path) {
        case nil, "false", "0": return false
        case "true", "1": return true
        case let other?: throw problem(.invalid(path, value: other))
        }
    }

    /// `<Sts>BOOK</Sts>` up to version .07, `<Sts><Cd>BOOK</Cd></Sts>` from .08 on.
    fileprivate func status() throws(BankFileProblem) -> BankEntry.Status {
        guard let text = text("Sts/Cd") ?? text("Sts") else { throw problem(.missing("Sts")) }
        guard let status = BankEntry.Status(rawValue: text) else {
            throw problem(.invalid("Sts", value: text))
        }
        return status
    }

    /// `Dt`, or the day of `DtTm` in the bank's own zone as written.
    fileprivate func date(_ path: String) throws(BankFileProblem) -> CalendarDate? {
        guard let text = text("\(path)/Dt") ?? text("\(path)/DtTm") else { return nil }
        // `Dt` may carry a zone (xs:date), which says nothing about the day.
        guard let date = try? CalendarDate(iso: String(text.prefix(10))) else {
            throw problem(.invalid(path, value: text))
        }
        return date
    }
}

import Billing
import MoneyAndTime

/// Reads a bank's file as banks really write it: statements (camt.053) and notifications
/// (camt.054) of ISO 20022, versions .001.02 to .001.08 and the later ones, which have the same
/// elements. Anything that is not understood refuses the whole file, with its place. Entries are
/// read one by one: no more than one of them is ever held as a tree.
package struct Camt053Reader: Sendable {
    package var maxBytes = 16 << 20
    package var maxTransactions = 50_000

    package init() {}

    /// Throws `BankFileProblem`.
    package func read(_ bytes: [UInt8]) throws(BankFileProblem) -> BankFile {
        let taken = EntriesTaken(by: self)
        let root = try ElementTree.read(
            try XMLGuard.check(bytes, maxBytes: maxBytes),
            portions: ElementPortions(
                begin: { (root) throws(BankFileProblem) in
                    guard Message(root) != nil else {
                        throw root.problem(.notAStatement(root.namespace))
                    }
                }, name: "Ntry", depth: 4,
                take: { (entry, place) throws(BankFileProblem) in
                    try taken.take(entry, ofStatement: place)
                }))
        guard let kind = Message(root) else {
            throw root.problem(.notAStatement(root.namespace))
        }
        guard let message = root.first(kind.element) else {
            throw root.problem(.missing(kind.element))
        }
        var statements: [BankStatement] = []
        var elsewhere: [BankEntry] = []
        for (index, element) in message.all(kind.part).enumerated() {
            let entries = taken.entries[index + 1] ?? []
            if let statement = try read(statement: element, entries) {
                statements.append(statement)
            } else {
                elsewhere += entries
            }
        }
        guard !statements.isEmpty || !elsewhere.isEmpty else {
            throw message.problem(.missing(kind.part))
        }
        return BankFile(
            messageID: message.text("GrpHdr/MsgId"), statements: statements,
            entriesElsewhere: elsewhere)
    }

    /// The messages that are read, and what they are made of.
    private enum Message {
        case statement, notification

        init?(_ root: Element) {
            let prefix = "urn:iso:std:iso:20022:tech:xsd:camt.05"
            guard root.name == "Document", root.namespace.hasPrefix(prefix) else { return nil }
            let parts = root.namespace.dropFirst(prefix.count).split(
                separator: ".", omittingEmptySubsequences: false)
            guard parts.count == 3, parts[1] == "001", parts[2].utf8.count == 2,
                let version = UInt8(parts[2]), version >= 2
            else { return nil }
            switch parts[0] {
            case "3": self = .statement
            case "4": self = .notification
            default: return nil
            }
        }

        var element: String {
            self == .statement ? "BkToCstmrStmt" : "BkToCstmrDbtCdtNtfctn"
        }
        var part: String { self == .statement ? "Stmt" : "Ntfctn" }
    }

    /// `nil` for an account that has no IBAN but another number.
    private func read(
        statement: Element, _ entries: [BankEntry]
    ) throws(BankFileProblem) -> BankStatement? {
        if statement.first("Acct/Id/IBAN") == nil, statement.text("Acct/Id/Othr/Id") != nil {
            return nil
        }
        let text = try statement.required("Acct/Id/IBAN")
        guard let account = try? IBAN(text) else {
            throw (statement.first("Acct/Id/IBAN") ?? statement)
                .problem(.invalid("IBAN", value: text))
        }
        var balances: [BankStatement.Balance] = []
        for balance in statement.all("Bal") { balances.append(try read(balance: balance)) }
        return BankStatement(
            id: statement.text("Id"), account: account, balances: balances, entries: entries)
    }

    private func read(balance: Element) throws(BankFileProblem) -> BankStatement.Balance {
        BankStatement.Balance(
            code: balance.text("Tp/CdOrPrtry/Cd") ?? balance.text("Tp/CdOrPrtry/Prtry") ?? "",
            amount: try balance.amount("Amt"), direction: try balance.direction(),
            on: try balance.date("Dt"))
    }

    fileprivate func read(entry: Element) throws(BankFileProblem) -> BankEntry {
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
        let messages =
            (detail.first("RmtInf")?.all("Ustrd") ?? []).map(\.trimmed)
            + structured.flatMap { $0.all("AddtlRmtInf") }.map(\.trimmed)
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
                ?? detail.text("RltdPties/Dbtr/Pty/Nm"),
            returnCode: detail.first("RtrInf").map {
                $0.text("Rsn/Cd") ?? $0.text("Rsn/Prtry") ?? "RETURN"
            })
    }
}

/// The entries of a file by the place of their statement, as they come.
private final class EntriesTaken {
    private let reader: Camt053Reader
    private(set) var entries: [Int: [BankEntry]] = [:]
    private var count = 0

    init(by reader: Camt053Reader) {
        self.reader = reader
    }

    func take(_ element: Element, ofStatement place: Int) throws(BankFileProblem) {
        let entry = try reader.read(entry: element)
        count += max(1, entry.details.count)
        guard count <= reader.maxTransactions else {
            throw element.problem(.tooManyTransactions(limit: reader.maxTransactions))
        }
        entries[place, default: []].append(entry)
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

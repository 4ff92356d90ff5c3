import Billing
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Reading bank files and what became of their entries.

extension Market {
    package func bankFile(_ request: Request, _ id: BankFileID) async throws -> Answer {
        try await view(request) { transaction, _ in
            guard let row = try await transaction.query(StoredBankFile.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            return try await transaction.answer(StoredBankFile(row: row))
        }
    }

    package func listBankFiles(_ request: Request, page: Page<BankFileID>) async throws -> Answer {
        let rows = try await read(
            request, StoredBankFile.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredBankFile.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: { .object(JSONObject($0.head)) })
    }

    package func listBankEntries(
        _ request: Request, fate: BankEntryFate?, page: Page<BankEntryID>
    ) async throws -> Answer {
        let rows = try await read(
            request, StoredBankEntry.page(fate: fate, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredBankEntry.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: { .object(JSONObject($0.sheet)) })
    }
}

extension Transaction {
    /// The file with its entries.
    func answer(_ file: StoredBankFile) async throws -> Answer {
        let entries = try await query(StoredBankEntry.all(of: file.id))
            .map(StoredBankEntry.init(row:))
        let statements = try await query(StoredBankStatement.all(of: file.id))
            .map(StoredBankStatement.init(row:))
        let details = [
            ("statements", JSON.array(statements.map(\.json))),
            ("entries", JSON.array(entries.map { .object(JSONObject($0.sheet)) })),
        ]
        return Answer(
            .object(JSONObject(file.head + details)), location: "/v1/bank-files/\(file.id)")
    }
}

extension StoredBankFile {
    /// What a list shows of a file.
    fileprivate var head: [(String, JSON)] {
        [
            ("id", JSON(id.description)),
            ("message_id", JSON(messageID)),
            ("sha256", JSON(digest.hexadecimal)),
            ("imported_at", JSON(importedAt.rfc3339)),
            ("currency", JSON(Currency.eur.rawValue)),
            ("matched", matched.json),
            ("partly_matched", partlyMatched.json),
            ("waiting", waiting.json),
            ("repeated", JSON(repeated)),
            ("not_booked", JSON(notBooked)),
            ("others", others.json),
            ("balances_agree", JSON(balancesAgree)),
            ("warnings", balancesAgree ? [] : ["balances_disagree"]),
        ]
    }
}

extension StoredBankFile.Tally {
    fileprivate var json: JSON {
        ["count": JSON(count), "amount": JSON(amount.decimal)]
    }
}

extension StoredBankStatement {
    fileprivate var json: JSON {
        [
            "number": JSON(number),
            "iban": JSON(iban),
            "name": JSON(name),
            "difference": JSON(difference.map(Self.shortest)),
            "repeated": JSON(isRepeated),
        ]
    }

    /// Two decimals at least, and no more than are needed.
    private static func shortest(_ decimal: String) -> String {
        var text = decimal
        while text.hasSuffix("0"), text.suffix(3).first != "." { text.removeLast() }
        return text
    }
}

extension StoredBankEntry {
    var sheet: [(String, JSON)] {
        [
            ("id", JSON(id.description)),
            ("file", JSON(file.description)),
            ("number", JSON(number)),
            ("iban", JSON(iban)),
            ("booked_on", JSON(bookedOn?.iso)),
            ("direction", JSON(direction.rawValue)),
            ("amount", JSON(amount.decimal)),
            ("currency", JSON(amount.currency)),
            ("reference", JSON(reference)),
            ("payer", JSON(payer)),
            ("fate", JSON(fate.rawValue)),
            ("reason", JSON(reason)),
            ("invoice", JSON(invoice?.description)),
            ("net_payment", JSON(netPayment?.description)),
            ("allocated", JSON(allocated.decimal)),
            ("reported", JSON(isReport)),
            ("report", JSON(report?.description)),
            ("recorded_at", JSON(recordedAt.rfc3339)),
        ]
    }
}

import Documents
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// Takes a bank's statement: each payment settles the invoice that it names, exactly once,
    /// in both books; what cannot be applied waits with its reason. The same file again changes
    /// nothing. Of the answer only which file it is is kept, never the words of its entries: a
    /// repeated request is answered with what became of the file.
    package func importBankFile(_ request: Request, _ bytes: [UInt8]) async throws -> Answer {
        // Nobody's file is read before it is known who asks, and none inside a transaction.
        _ = try await read(request, "select 1")
        let reading = try BankFileReading(bytes)
        return try await change(
            request, redacted: \.withIdentifierOnly,
            restored: { try await $0.bankFile(of: $1) }
        ) { transaction, caller in
            try await importing(reading, by: caller, in: transaction)
        }
    }

    /// With `exactly`, all of it or nothing: whatever would wait or be too much is refused.
    func importing(
        _ reading: BankFileReading, by caller: Caller, in transaction: Transaction,
        exactly: Bool = false
    ) async throws -> Answer {
        try await transaction.query(StoredBankFile.claim(caller.organisation))
        let earlier = try await transaction.query(
            StoredBankFile.find(
                digest: reading.digest, content: reading.content, of: caller.organisation))
        if let row = try earlier.atMostOne() {
            return try await transaction.answer(StoredBankFile(row: row))
        }
        let match = try await BankFileMatch(
            reading, id: newID(), for: caller, in: transaction, newEntry: { newID() },
            newPosting: { newID() })
        guard !exactly || match.entries.allSatisfy(\.isApplied) else {
            throw Refusal(.aboveRemaining)
        }
        try await transaction.query(match.file.insert())
        try await transaction.query(NewBankStatement.insert(match.statements, of: match.file))
        try await transaction.each(NewBankEntry.insert(match.entries, of: match.file))
        try await transaction.settle(match.plan, by: caller)
        try await transaction.receive(match.receipts, by: caller)
        try await transaction.record(
            .init(
                .bankFile, match.file.id, "bank_file.imported", revision: 1,
                facts: [
                    "entries": JSON(match.entries.count),
                    "payments": JSON(match.plan.steps.count),
                    "balances_agree": JSON(match.file.balancesAgree),
                ]),
            by: caller)
        let stored = try await transaction.query(StoredBankFile.find(match.file.id)).only()
        return try await transaction.answer(StoredBankFile(row: stored))
    }
}

extension NewBankEntry {
    /// Whether nothing of it is left over.
    fileprivate var isApplied: Bool { fate != .waiting && reason != "overpaid" }
}

extension Answer {
    var withIdentifierOnly: Answer {
        Answer(["id": body["id"] ?? .null], location: location)
    }
}

extension Transaction {
    func bankFile(of kept: Answer) async throws -> Answer {
        let id = try BankFileID(typeID: kept.body["id"]?.text ?? "")
        return try await answer(StoredBankFile(row: query(StoredBankFile.find(id)).only()))
    }
}

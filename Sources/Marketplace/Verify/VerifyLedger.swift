import Ledger
import MoneyAndTime
import Postgres
import Storage

extension Verification {
    static func ledger(
        in transaction: Transaction, step: (Int) -> Void
    ) async throws -> [Finding] {
        var findings: [Finding] = []
        // one sum for each account, however many entries there are
        var balances = TrialBalance()
        var last: EntryID?
        while true {
            let records = try await LedgerRecords.read(
                after: last, limit: batch, in: transaction)
            for record in records {
                do {
                    balances.add(try record.entry())
                } catch let refusal as LedgerRefusal {
                    findings.append(Finding(.entries, "\(record.id)", "refused: \(refusal)"))
                } catch {
                    findings.append(Finding(.entries, "\(record.id)", unreadable: error))
                }
            }
            last = records.last?.id
            step(records.count)
            if records.count < batch { break }
        }
        for book in balances.books where balances.netDebit(of: book) != 0 {
            findings.append(
                Finding(.books, "\(book)", "its accounts do not come to zero"))
        }
        for comparison in try balances.comparisons() where !comparison.agrees {
            findings.append(
                Finding(
                    .books, "\(comparison.seller)",
                    "its book and that of \(comparison.buyer) disagree"))
        }
        return findings
    }

    static func periods(in transaction: Transaction) async throws -> [Finding] {
        try await transaction.query(LedgerRecords.intoClosedMonths).map { row in
            Finding(
                .periods, "\(try row["id", EntryID.self])", try row.decode("fault"))
        }
    }

    static func reversals(in transaction: Transaction) async throws -> [Finding] {
        try await transaction.query(LedgerRecords.wrongReversals).map { row in
            Finding(.reversals, "\(try row["id", EntryID.self])", "mirrors no entry, or one twice")
        }
    }
}

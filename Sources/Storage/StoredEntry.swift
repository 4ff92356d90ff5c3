import Ledger
import MoneyAndTime
import Postgres
import StrictJSON

/// Entries of the ledger: the one way to post them.
package enum StoredEntry {
    /// Posts whole entries in the transaction of what causes them. The database checks again that
    /// each balances, is mirrored, and is of an allowed kind.
    package static func post(_ entries: [JournalEntry]) -> Query {
        let list = JSON.array(entries.map(\.json))
        return "select post(\(list.compactText)::jsonb)"
    }

    /// Posts a round of netting whole, for all its members: what is set off, what remains, and the
    /// entries of both.
    package static func postNetting(
        _ round: NettingRoundID, setOffs: [JSON], payments: [JSON], _ entries: [JournalEntry]
    ) -> Query {
        let (setOffs, payments) = (JSON.array(setOffs), JSON.array(payments))
        let list = JSON.array(entries.map(\.json))
        return """
            select post_netting(\(round), \(setOffs.compactText)::jsonb,
                \(payments.compactText)::jsonb, \(list.compactText)::jsonb)
            """
    }
}

extension JournalEntry {
    fileprivate var json: JSON {
        [
            "id": JSON(id.uuidString),
            "kind": JSON(kind.rawValue),
            "seller": JSON(seller.uuidString),
            "buyer": JSON(buyer.uuidString),
            "subject": JSON(subject.text),
            "effective_on": JSON(effectiveOn.iso),
            "postings": .array(
                postings.map { posting in
                    [
                        "book": JSON(posting.account.book.uuidString),
                        "code": JSON(posting.account.code.rawValue),
                        "side": JSON(posting.side.rawValue),
                        "amount": JSON(posting.amount.minorUnits),
                        "currency": JSON(posting.amount.currency.rawValue),
                    ]
                }),
        ]
    }
}

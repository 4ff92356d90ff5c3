import Billing
import MoneyAndTime
import Postgres

/// A row of `bank_file` with what became of its entries.
package struct StoredBankFile: Sendable {
    /// How many entries, and what they come to in euros.
    package struct Tally: Hashable, Sendable {
        package let count: Int64
        package let amount: BankAmount
    }

    package let id: BankFileID
    package let digest: [UInt8]
    package let messageID: String?
    package let importedAt: Instant
    package let matched: Tally
    package let partlyMatched: Tally
    package let waiting: Tally
    package let repeated: Int64
    package let notBooked: Int64
    package let others: Tally
    package let balancesAgree: Bool

    package init(row: Row) throws {
        func tally(_ name: String) throws -> Tally {
            Tally(
                count: try row.decode("\(name)_count"),
                amount: BankAmount(
                    hundredThousandths: try row.decode("\(name)_sum"), currency: "EUR"))
        }
        id = try row.decode("id")
        digest = try row.decode("digest")
        messageID = try row.decode("message_id")
        importedAt = try row.decode("imported_at")
        matched = try tally("matched")
        partlyMatched = try tally("partly")
        waiting = try tally("waiting")
        repeated = try row.decode("repeated_count")
        notBooked = try row.decode("not_booked_count")
        others = try tally("others")
        balancesAgree = try row.decode("balances_agree")
    }

    private static let columns: Query = """
        select f.id, f.digest, f.message_id, f.imported_at, f.repeated_count, f.not_booked_count,
            f.others_count + t.aside_count as others_count,
            f.others_sum + t.aside_sum as others_sum, f.balances_agree, t.*
        from bank_file f cross join lateral (
            select count(*) filter (where fate = 'matched') as matched_count,
                count(*) filter (where fate = 'partly_matched') as partly_count,
                count(*) filter (where fate = 'waiting') as waiting_count,
                coalesce(sum(euros) filter (where fate = 'matched'), 0)::bigint as matched_sum,
                coalesce(sum(euros) filter (where fate = 'partly_matched'), 0)::bigint
                    as partly_sum,
                coalesce(sum(euros) filter (where fate = 'waiting'), 0)::bigint as waiting_sum,
                count(*) filter (where fate = 'not_ours') as aside_count,
                coalesce(sum(euros) filter (where fate = 'not_ours'), 0)::bigint as aside_sum
            from (select s.fate,
                    case e.currency when 'EUR' then e.hundred_thousandths end as euros
                from bank_entry e join bank_entry_standing s on s.bank_entry = e.id
                where e.file = f.id) as entries) t
        """

    package static func find(_ id: BankFileID) -> Query {
        "\(columns) where f.id = \(id)"
    }

    package static func page(after: BankFileID?, limit: Int) -> Query {
        """
        \(columns) where \(after)::uuid is null or f.id > \(after)::uuid
        order by f.id limit \(limit)
        """
    }

    /// The file that has these bytes, or says the same.
    package static func find(
        digest: [UInt8], content: [UInt8], of organisation: OrganisationID
    ) -> Query {
        """
        \(columns) where f.organisation = \(organisation)
            and (f.digest = \(digest) or f.content = \(content))
        order by f.imported_at limit 1
        """
    }

    /// The files of one organisation are taken one after the other.
    package static func claim(_ organisation: OrganisationID) -> Query {
        """
        select pg_advisory_xact_lock(
            hashtextextended('aikatori.bank_file ' || \(organisation)::uuid, 0))
        """
    }
}

/// What is new in a bank's file, to be stored.
package struct NewBankFile: Sendable {
    package let id: BankFileID
    package let organisation: OrganisationID
    package let digest: [UInt8]
    package let content: [UInt8]
    package let messageID: String?
    package var repeated = 0
    package var notBooked = 0
    package var othersCount = 0
    /// In 1/100,000 of a euro.
    package var othersSum: Int64 = 0
    package let balancesAgree: Bool
    /// Of payments that the seller's own system reported, and not of a bank.
    let isReport: Bool

    package init(
        id: BankFileID, organisation: OrganisationID, digest: [UInt8], content: [UInt8],
        messageID: String?, balancesAgree: Bool, isReport: Bool
    ) {
        self.id = id
        self.organisation = organisation
        self.digest = digest
        self.content = content
        self.messageID = messageID
        self.balancesAgree = balancesAgree
        self.isReport = isReport
    }

    package func insert() -> Query {
        """
        insert into bank_file (id, organisation, digest, content, message_id, repeated_count,
            not_booked_count, others_count, others_sum, balances_agree, is_report)
        values (\(id), \(organisation), \(digest), \(content), \(messageID), \(repeated),
            \(notBooked), \(othersCount), \(othersSum), \(balancesAgree), \(isReport))
        """
    }
}

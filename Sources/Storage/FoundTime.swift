import MoneyAndTime
import Postgres

/// A row that `find_times` returns: free time under one contract of the asker, with its price.
package struct FoundTime: Sendable {
    package let starts: Instant
    package let freeUntil: Instant
    package let specialist: SpecialistID
    package let specialistLabel: String
    package let languages: [String]
    package let seller: OrganisationID
    package let sellerName: String
    package let contract: ContractID
    package let version: Int64
    package let service: String
    package let amount: Money

    package init(row: Row) throws {
        starts = try row.decode("starts")
        freeUntil = try row.decode("free_until")
        specialist = try row.decode("specialist")
        specialistLabel = try row.decode("specialist_label")
        languages = try row.decode("languages")
        seller = try row.decode("seller")
        sellerName = try row.decode("seller_name")
        contract = try row.decode("contract")
        version = try row.decode("version")
        service = try row.decode("service")
        amount = try row.decode("amount")
    }

    /// A version of a contract, which stays as both signed it.
    package struct Version: Hashable, Sendable {
        package let contract: ContractID
        package let number: Int64

        package var document: Query {
            """
            select document from contract_version
            where contract = \(contract) and number = \(number)
            """
        }
    }

    package var ofVersion: Version { Version(contract: contract, number: version) }

    /// What a search asks for; nil leaves a thing open.
    package struct Wish: Sendable {
        package var service: String?
        package var specialty: String?
        package var language: String?
        package var seller: OrganisationID?
        package var specialist: SpecialistID?
        package var contract: ContractID?
        package var profession: String?
        package var from: Instant
        package var until: Instant
        package var minutes: Int64
        /// Days of the week by the contract's zone; empty is all.
        package var weekdays: Set<Weekday> = []
        /// Within which the whole visit lies, by the contract's zone.
        package var hours: Hours?
        /// Only specialists who say that they are at hand now.
        package var isPresent = false
        /// Rooms and staff of the asker's that are free for all of the visit.
        package var resources: [ResourceID] = []

        package init(from: Instant, until: Instant, minutes: Int64) {
            self.from = from
            self.until = until
            self.minutes = minutes
        }
    }

    /// A stretch of every day, by the clock on the wall.
    package struct Hours: Hashable, Sendable {
        package let from: TimeOfDay
        package let until: TimeOfDay

        /// Nil unless `from` is before `until`.
        package init?(from: TimeOfDay, until: TimeOfDay) {
            guard from < until else { return nil }
            self.from = from
            self.until = until
        }
    }

    /// The place of the last row shown: the order of the results.
    package struct Place: Hashable, Sendable {
        package let starts: Instant
        package let specialist: SpecialistID
        package let contract: ContractID
        package let service: String

        package init(
            starts: Instant, specialist: SpecialistID, contract: ContractID, service: String
        ) {
            self.starts = starts
            self.specialist = specialist
            self.contract = contract
            self.service = service
        }
    }

    /// The lengths below the wished one that the services meant by the wish have, longest first.
    package static func shorterLengths(_ wish: Wish) -> Query {
        """
        select distinct p.minutes from price p
        join contract c on c.id = p.contract and c.state = 'active'
        join contract_version v on v.contract = p.contract and v.number = p.number
            and v.signed_at is not null and v.effective && tstzrange(\(wish.from), \(wish.until))
        join contract_service s on s.contract = p.contract and s.number = p.number
            and s.service = p.service
        where p.buyer = current_organisation() and p.minutes < \(wish.minutes)
            and (\(wish.service)::text is null or s.service = \(wish.service)::text)
            and (\(wish.specialty)::text is null or s.specialty = \(wish.specialty)::text)
            and (\(wish.seller)::uuid is null or c.seller = \(wish.seller)::uuid)
            and (\(wish.contract)::uuid is null or c.id = \(wish.contract)::uuid)
        order by p.minutes desc limit 24
        """
    }

    /// How many starts of a wish each hour has, and the lowest price of them; an hour begins where
    /// UTC's does. Of more than `most` starts those that come later are left out.
    package static func byHour(_ wish: Wish, most: Int) -> Query {
        """
        select date_trunc('hour', f.starts, 'UTC') as hour, count(*) as found,
            min(f.amount)::bigint as lowest
        from (\(find(wish, after: nil, limit: most))) f group by 1 order by 1
        """
    }

    package static func find(_ wish: Wish, after: Place?, limit: Int) -> Query {
        let weekdays = wish.weekdays.map { Int64($0.rawValue) }.sorted()
        return """
            select * from find_times(\(wish.service)::text, \(wish.specialty)::text,
                \(wish.language)::text, \(wish.seller)::uuid, \(wish.specialist)::uuid,
                \(wish.from), \(wish.until), \(wish.minutes)::int, \(after?.starts)::timestamptz,
                \(after?.specialist)::uuid, \(after?.contract)::uuid, \(after?.service)::text,
                \(limit)::int, \(wish.contract)::uuid, \(wish.profession)::text,
                \(weekdays.isEmpty ? nil : weekdays)::int[],
                \(wish.hours?.from.minuteOfDay)::int, \(wish.hours?.until.minuteOfDay)::int,
                \(wish.isPresent), \(wish.resources.isEmpty ? nil : wish.resources)::uuid[])
            """
    }
}

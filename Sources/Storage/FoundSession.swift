import MoneyAndTime
import Postgres
import Scheduling

/// A row that `find_sessions` returns: a session under one contract of the asker, with its price.
package struct FoundSession: Sendable {
    package let id: GroupSessionID
    package let during: TimeSlot
    package let bookUntil: Instant
    package let places: Int64
    /// How many are taken or held, by anyone.
    package let taken: Int64
    /// How many of them are the asker's.
    package let own: Int64
    package let specialist: SpecialistID
    package let specialistLabel: String
    package let languages: [String]
    package let seller: OrganisationID
    package let sellerName: String
    package let contract: ContractID
    package let version: Int64
    package let service: String
    /// Of the whole session, net of VAT.
    package let price: Money

    package init(row: Row) throws {
        id = try row.decode("session")
        during = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        bookUntil = try row.decode("book_until")
        places = try row.decode("places")
        taken = try row.decode("taken")
        own = try row.decode("own")
        specialist = try row.decode("specialist")
        specialistLabel = try row.decode("specialist_label")
        languages = try row.decode("languages")
        seller = try row.decode("seller")
        sellerName = try row.decode("seller_name")
        contract = try row.decode("contract")
        version = try row.decode("version")
        service = try row.decode("service")
        price = try row.decode("amount")
    }

    /// What a search asks for; nil leaves a thing open.
    package struct Wish: Sendable {
        package var service: String?
        package var specialty: String?
        package var language: String?
        package var seller: OrganisationID?
        package var specialist: SpecialistID?
        package var contract: ContractID?
        package var profession: String?
        /// Within which the session starts.
        package var from: Instant
        package var until: Instant
        /// Days of the week by the contract's zone; empty is all.
        package var weekdays: Set<Weekday> = []
        /// Within which the whole session lies, by the contract's zone.
        package var hours: FoundTime.Hours?
        /// So many places are left at least; none finds also what is full.
        package var places: Int64 = 1
        package var minutes: Int64?
        package var session: GroupSessionID?

        package init(from: Instant, until: Instant) {
            self.from = from
            self.until = until
        }
    }

    /// The place of the last row shown: the order of the results.
    package struct Place: Hashable, Sendable {
        package let starts: Instant
        package let session: GroupSessionID
        package let contract: ContractID

        package init(starts: Instant, session: GroupSessionID, contract: ContractID) {
            self.starts = starts
            self.session = session
            self.contract = contract
        }
    }

    package static func find(_ wish: Wish, after: Place?, limit: Int) -> Query {
        let weekdays = wish.weekdays.map { Int64($0.rawValue) }.sorted()
        return """
            select * from find_sessions(\(wish.service)::text, \(wish.specialty)::text,
                \(wish.language)::text, \(wish.seller)::uuid, \(wish.specialist)::uuid,
                \(wish.from), \(wish.until), \(Int32(clamping: wish.places)),
                \(after?.starts)::timestamptz, \(after?.session)::uuid,
                \(after?.contract)::uuid, \(limit)::int, \(wish.contract)::uuid,
                \(wish.profession)::text, \(weekdays.isEmpty ? nil : weekdays)::int[],
                \(wish.hours?.from.minuteOfDay)::int, \(wish.hours?.until.minuteOfDay)::int,
                \(wish.minutes)::int, \(wish.session)::uuid)
            """
    }
}

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

    /// What a search asks for; nil leaves a thing open.
    package struct Wish: Sendable {
        package var service: String?
        package var specialty: String?
        package var language: String?
        package var seller: OrganisationID?
        package var specialist: SpecialistID?
        package var from: Instant
        package var until: Instant
        package var minutes: Int64

        package init(from: Instant, until: Instant, minutes: Int64) {
            self.from = from
            self.until = until
            self.minutes = minutes
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

    package static func find(_ wish: Wish, after: Place?, limit: Int) -> Query {
        """
        select * from find_times(\(wish.service)::text, \(wish.specialty)::text,
            \(wish.language)::text, \(wish.seller)::uuid, \(wish.specialist)::uuid,
            \(wish.from), \(wish.until), \(wish.minutes)::int, \(after?.starts)::timestamptz,
            \(after?.specialist)::uuid, \(after?.contract)::uuid, \(after?.service)::text,
            \(limit)::int)
        """
    }
}

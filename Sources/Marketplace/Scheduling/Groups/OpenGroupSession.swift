import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

extension Market {
    /// A session that a seller opens in published time of one of its specialists.
    package struct WantedSession: Sendable {
        package let specialist: SpecialistID
        /// The code under which the contracts sell it.
        package let service: String
        package let starts: Instant
        package let minutes: Int64
        package let places: Int64
        /// Nil: every contract that sells the service with at least as many places.
        package let contracts: [ContractID]?
        package let bookUntil: Instant

        package init(
            specialist: SpecialistID, service: String, starts: Instant, minutes: Int64,
            places: Int64, contracts: [ContractID]?, bookUntil: Instant
        ) {
            self.specialist = specialist
            self.service = service
            self.starts = starts
            self.minutes = minutes
            self.places = places
            self.contracts = contracts
            self.bookUntil = bookUntil
        }
    }

    /// Takes the specialist's time, once, whatever becomes of its places. The database decides.
    package func openGroupSession(
        _ request: Request, _ wanted: WantedSession
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard wanted.bookUntil <= wanted.starts else {
                throw InvalidInput(
                    pointer: "/book_until", code: "order", message: "must not be after starts")
            }
            let during = try TimeSlot(
                start: wanted.starts,
                end: wanted.starts.adding(seconds: wanted.minutes.multiplied(by: 60)))
            let id: GroupSessionID = newID()
            try await transaction.query(
                GroupSessionCall.open(
                    id, of: wanted.specialist, service: wanted.service, during: during,
                    places: wanted.places, contracts: wanted.contracts,
                    bookUntil: wanted.bookUntil))
            try await transaction.record(
                .init(.groupSession, id, "group_session.opened", revision: 1), by: caller)
            return try await groupSessionSheet(
                of: id, for: caller.organisation, in: transaction)
        }
    }
}

import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// The most places of a session.
    package static let mostPlaces: Int64 = 100

    /// Takes a place for each patient, all of them or none. Each is a booking of its own, agreed
    /// from the start; together they reserve the price of the session once.
    package func bookPlaces(
        _ request: Request, in session: GroupSessionID, under contract: ContractID,
        _ patients: [HandOver]
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let wanted = patients.map { handOver in
                GroupSessionCall.Patient(booking: newID(), handOver: handOver)
            }
            let result = try await transaction.query(
                GroupSessionCall.book(wanted, in: session, under: contract)
            ).only()
            if let code = try result["refusal", String?.self] {
                guard let known = RefusalCode(rawValue: code) else {
                    throw UnnamedRefusal(code: code)
                }
                let figures = try JSON.parse(result["figures", String.self])
                throw Refusal(known, figures: known.told(figures))
            }
            let rows = try await transaction.query(StoredBooking.find(wanted.map(\.booking)))
            let placed = try Dictionary(
                uniqueKeysWithValues: rows.map(StoredBooking.init(row:)).map { ($0.id, $0) })
            return Answer(
                [
                    "group_session": JSON(session.description),
                    "bookings": .array(
                        wanted.compactMap { placed[$0.booking] }.map {
                            BookingSheet($0, for: caller.organisation).json
                        }),
                ],
                location: "/v1/group-sessions/\(session)")
        }
    }
}

import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// The most visits that are placed at once.
    package static let mostPlaced = 100

    /// A visit that a buyer wants in a block.
    package struct WantedPlace: Sendable {
        package let starts: Instant
        package let minutes: Int64
        package let handOver: HandOver

        package init(starts: Instant, minutes: Int64, handOver: HandOver) {
            self.starts = starts
            self.minutes = minutes
            self.handOver = handOver
        }
    }

    /// Places visits in a block, all of them or none (`placing_refused`, with what was decided on
    /// each in the order in which they were asked for). They are booked and agreed at once.
    package func placeVisits(
        _ request: Request, in block: BlockID, _ wanted: [WantedPlace]
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let visits = wanted.map { visit in
                BlockCall.Visit(
                    booking: newID(), starts: visit.starts, minutes: visit.minutes,
                    handOver: visit.handOver)
            }
            let result = try await transaction.query(BlockCall.place(visits, in: block)).only()
            guard try result["is_done", Bool.self] else {
                let decisions = try Decision.all(of: result)
                    .sorted { ($0.ordinal ?? 0) < ($1.ordinal ?? 0) }
                throw Refusal(
                    .placingRefused,
                    figures: [
                        "visits": .array(
                            zip(wanted, decisions).map {
                                ["starts": JSON($0.starts.rfc3339), "refusal": $1.refusal]
                            })
                    ])
            }
            let rows = try await transaction.query(StoredBooking.find(visits.map(\.booking)))
            let placed = try Dictionary(
                uniqueKeysWithValues: rows.map(StoredBooking.init(row:)).map { ($0.id, $0) })
            return Answer(
                [
                    "block": JSON(block.description),
                    "visits": .array(
                        visits.compactMap { placed[$0.booking] }.map {
                            BookingSheet($0, for: caller.organisation).json
                        }),
                ],
                location: "/v1/blocks/\(block)")
        }
    }
}

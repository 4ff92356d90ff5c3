import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

/// The minutes of many visits: which wait for a side's word, and its word on many at once.
extension Market {
    /// So many visits are looked at in one go while a page is filled.
    private static let batch = 100

    /// The visits whose minutes wait for the caller's word, in the order of their starts, each with
    /// its booking.
    package func listMinutes(
        _ request: Request, page: Page<OpenVisit.Place>
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            var found: [(place: OpenVisit.Place, json: JSON)] = []
            var place = page.after
            repeat {
                let bookings = try await transaction.query(
                    OpenVisit.page(after: place, limit: Self.batch)
                ).map(StoredBooking.init(row:))
                for booking in bookings where found.count <= page.limit {
                    let terms = try await terms(of: booking, in: transaction)
                    let visit = try await VisitSheet(
                        of: booking, under: terms, now: caller.now, in: transaction)
                    guard visit.waits(for: visit.side(of: caller.organisation)) else { continue }
                    found.append(
                        (
                            place: OpenVisit.Place(
                                starts: booking.planned.start, booking: booking.id),
                            json: [
                                "booking": BookingSheet(booking, for: caller.organisation).json,
                                "visit": try visit.json(for: caller.organisation),
                            ]
                        ))
                }
                place = bookings.last.map {
                    OpenVisit.Place(starts: $0.planned.start, booking: $0.id)
                }
                if bookings.count < Self.batch { break }
            } while found.count <= page.limit
            return .page(
                found, limit: page.limit, cursor: { $0.place.text }, item: { $0.json })
        }
    }

    /// A word on the minutes of one of several visits.
    package struct VisitWord: Hashable, Sendable {
        package let booking: BookingID
        package let word: Attestation.Word

        package init(booking: BookingID, word: Attestation.Word) {
            self.booking = booking
            self.word = word
        }
    }

    /// Words on many visits, each answered on its own: those that may be said are carried out, and
    /// of the others the answer has the refusal. No booking is in it twice.
    package func attestSeveral(
        _ request: Request, _ words: [VisitWord]
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let ids = words.map(\.booking)
            try await transaction.query(StoredAbsence.lockBudgets(of: ids))
            try await transaction.query(StoredAbsence.lock(ids))
            let now = try await transaction.now()
            var items: [JSON] = []
            for word in words {
                var item: JSONObject = [
                    "booking": JSON(word.booking.description), "visit": .null, "refusal": .null,
                ]
                do {
                    let heard = try await hear(word, now: now, by: caller, in: transaction)
                    item["visit"] = try await carryOut(heard, by: caller, in: transaction)
                        .json(for: caller.organisation)
                } catch let refusal as UnsaidWord {
                    item["refusal"] = refusal.refusal.json
                }
                items.append(.object(item))
            }
            return Answer(["items": .array(items)])
        }
    }

    /// A word that may not be said, before anything was written for it.
    private struct UnsaidWord: Error {
        let refusal: Refusal
    }

    private func hear(
        _ word: VisitWord, now: Instant, by caller: Caller, in transaction: Transaction
    ) async throws -> HeardWord {
        do {
            guard
                let row = try await transaction.query(StoredBooking.find(word.booking)).atMostOne()
            else { throw Refusal(.notFound) }
            return try await hear(
                word.word, of: StoredBooking(row: row), now: now, by: caller, in: transaction)
        } catch let refusal as Refusal {
            throw UnsaidWord(refusal: refusal)
        }
    }
}

extension OpenVisit.Place {
    /// As a cursor holds it.
    fileprivate var text: String { "\(starts.rfc3339) \(booking)" }

    package init(cursor text: String) throws {
        let parts = try cursorParts(text, 2)
        try self.init(starts: Instant(rfc3339: parts[0]), booking: BookingID(typeID: parts[1]))
    }
}

import Documents
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

// A call log of a video service, imported to be seen beside what was observed: both sides read it,
// and it counts by what they attest (docs/decisions/0018-a-call-log-is-shown-beside.md).

/// A visit that a call log tells of.
private struct LoggedVisit {
    let sheet: VisitSheet
    let side: Visits.Side
    let isAgreed: Bool
    var stays: [CallLogFile.Stay] = []

    var new: [CallLogFile.Stay] {
        struct Told: Hashable {
            let side: Visits.Side
            let during: TimeSlot
        }
        let known = sheet.logEntries.filter { $0.importer == side }
        var seen = Set(known.map { Told(side: $0.side, during: $0.during) })
        return stays.filter {
            seen.insert(Told(side: $0.side, during: $0.during)).inserted
        }
    }

    /// What the rules of `call_log_entry` have against a stay, in the same order.
    func mistake(
        of stay: CallLogFile.Stay, now: Instant
    ) -> (mistake: CallLogFile.Mistake, column: CallLogFile.Column)? {
        if sheet.booking.state == .closed { return (.minutesAgreed, .visit) }
        guard isAgreed else { return (.visitNotAgreed, .visit) }
        // who came early or stayed late did so: what lies outside is kept, and counts nothing
        if stay.during.end <= sheet.window.start { return (.outsideJoinWindow, .left) }
        if sheet.window.end <= stay.during.start { return (.outsideJoinWindow, .joined) }
        return now < stay.during.end ? (.timeInTheFuture, .left) : nil
    }

    /// As it is when all of the file is imported.
    func json() throws -> JSON {
        let booking = sheet.booking
        let merged = try Attendance(
            visit: booking.id, seller: slots(.seller), buyer: slots(.buyer))
        let log = CallLog(importer: side, attendance: merged, importedAt: sheet.now)
        return [
            "booking": JSON(booking.id.description),
            "starts": JSON(booking.planned.start.rfc3339),
            "new_stays": JSON(Int64(new.count)),
            "attendance": [
                "seller": merged.seller.json, "buyer": merged.buyer.json,
            ],
            "log_seconds": JSON(try sheet.seconds(of: log)),
            "measured_seconds": JSON(sheet.minutes.billable.seconds),
        ]
    }

    private func slots(_ side: Visits.Side) -> [TimeSlot] {
        sheet.logEntries.filter { $0.importer == self.side && $0.side == side }.map(\.during)
            + stays.filter { $0.side == side }.map(\.during)
    }
}

extension Market {
    package static let mostVisitsOfCallLog = 100

    /// What a call log would say of which visits; throws `CallLogFile.Refused`, with every line and
    /// column at which something is wrong.
    package func previewCallLog(_ request: Request, _ bytes: [UInt8]) async throws -> Answer {
        let file = try CallLogFile(bytes)
        return try await view(request) { transaction, caller in
            try await logged(file, for: caller, now: caller.now, in: transaction).answer
        }
    }

    /// All of it or nothing; what was imported before is not imported again.
    package func importCallLog(_ request: Request, _ bytes: [UInt8]) async throws -> Answer {
        let file = try CallLogFile(bytes)
        return try await change(request) { transaction, caller in
            let named = try await bookings(of: file, in: transaction)
            for id in Set(named.values.map(\.id)).sorted() {
                try await transaction.query(StoredBooking.lock(id))
            }
            let now = try await transaction.now()
            let visits = try await logged(file, for: caller, now: now, in: transaction)
            for visit in visits where !visit.new.isEmpty {
                let booking = visit.sheet.booking
                for stay in visit.new {
                    try await transaction.query(
                        StoredCallLogEntry.insert(
                            stay.during, of: stay.side, in: booking, by: visit.side,
                            credential: caller.credential))
                }
                try await transaction.tell(
                    "visit.call_log", of: booking,
                    ["stays": JSON(Int64(visit.new.count))], by: caller)
            }
            return try visits.answer
        }
    }

    /// The visits of one's own that a file names. Others are not there.
    private func bookings(
        of file: CallLogFile, in transaction: Transaction
    ) async throws -> [CallLogFile.VisitName: StoredBooking] {
        var (ids, names): ([BookingID], [String]) = ([], [])
        for name in Set(file.stays.map(\.visit)) {
            switch name {
            case .booking(let id): ids.append(id)
            case .room(let room): names.append(room)
            }
        }
        let rooms = try await transaction.query(StoredCallLogEntry.bookings(named: names)).map {
            (try $0["name", String.self], try $0["booking", BookingID.self])
        }
        let found = try await transaction.query(StoredBooking.find(ids + rooms.map(\.1)))
            .map(StoredBooking.init(row:))
        let byID = Dictionary(found.map { ($0.id, $0) }) { first, _ in first }
        var bookings: [CallLogFile.VisitName: StoredBooking] = [:]
        for id in ids { bookings[.booking(id)] = byID[id] }
        for (name, id) in rooms { bookings[.room(name)] = byID[id] }
        return bookings
    }

    private func logged(
        _ file: CallLogFile, for caller: Caller, now: Instant, in transaction: Transaction
    ) async throws -> [LoggedVisit] {
        let bookings = try await bookings(of: file, in: transaction)
        var (visits, problems): ([BookingID: LoggedVisit], [CallLogFile.Problem]) = ([:], [])
        for stay in file.stays {
            guard let booking = bookings[stay.visit] else {
                problems.append(file.problem(.visitUnknown, stay, .visit))
                continue
            }
            if visits[booking.id] == nil {
                guard visits.count < Self.mostVisitsOfCallLog else {
                    problems.append(file.problem(.tooManyVisits, stay, .visit))
                    break
                }
                let terms = try await terms(of: booking, in: transaction)
                let sheet = try await VisitSheet(
                    of: booking, under: terms, now: now, in: transaction)
                visits[booking.id] = LoggedVisit(
                    sheet: sheet, side: sheet.side(of: caller.organisation),
                    isAgreed: try await isAgreed(booking, in: transaction))
            }
            if let wrong = visits[booking.id]?.mistake(of: stay, now: now) {
                problems.append(file.problem(wrong.mistake, stay, wrong.column))
            }
            visits[booking.id]?.stays.append(stay)
        }
        guard problems.isEmpty else { throw CallLogFile.Refused(problems) }
        return visits.values.sorted {
            ($0.sheet.booking.planned.start, $0.sheet.booking.id)
                < ($1.sheet.booking.planned.start, $1.sheet.booking.id)
        }
    }

    private func isAgreed(
        _ booking: StoredBooking, in transaction: Transaction
    ) async throws -> Bool {
        guard booking.state == .booked,
            let row = try await transaction.query(StoredHandshake.find(booking.id)).atMostOne()
        else { return false }
        return try Handshake.StateName(rawValue: row["state", String.self])?.letsIn ?? false
    }
}

extension [LoggedVisit] {
    fileprivate var answer: Answer {
        get throws {
            Answer([
                "new_stays": JSON(Int64(map(\.new.count).reduce(0, +))),
                "visits": .array(try map { try $0.json() }),
            ])
        }
    }
}

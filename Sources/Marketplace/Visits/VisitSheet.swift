import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import Visits

/// What is known of a visit at an instant: who was there, the minutes that it makes, and what both
/// sides say to them. No price is in it.
struct VisitSheet {
    let booking: StoredBooking
    let window: TimeSlot
    let graceSeconds: Int64
    let attendance: Attendance
    let presence: Presence
    /// As they were computed for the first attestation, or as they are now.
    let billable: BillableTime
    let foldVersion: Int32
    let areKept: Bool
    let attestation: Attestation
    let words: [Visits.Side: StoredAttestation]
    let charge: ChargeID?
    let guests: [StoredGuest.InVisit]

    /// From one state of the database.
    init(
        of booking: StoredBooking, under terms: Terms, now: Instant, in transaction: Transaction
    ) async throws {
        self.booking = booking
        let window = try JoinWindow.standard.around(booking.planned)
        let observations = try await transaction.query(StoredObservation.all(of: booking.id))
            .map(StoredObservation.observation(row:))
        let grace = terms.attendance.graceSeconds
        let attendance = try Attendance.fold(observations, of: booking.id)
        let kept = try await transaction.query(StoredMinutes.find(booking.id)).atMostOne()
            .map(StoredMinutes.init(row:))
        let billable =
            try kept?.billable
            ?? BillableTime.compute(attendance, graceSeconds: grace, within: window)
        let words = try await transaction.query(StoredAttestation.last(of: booking.id))
            .map(StoredAttestation.init(row:))
        self.words = Dictionary(words.map { ($0.side, $0) }) { first, _ in first }
        let elapsed = max(0, try min(now, window.end).seconds(since: window.start))
        attestation = try Attestation(
            computed: billable.seconds, elapsed: elapsed, seller: self.words[.seller]?.word,
            buyer: self.words[.buyer]?.word)
        presence = try Presence(
            at: now, observations, window: window, graceSeconds: grace)
        foldVersion = kept?.foldVersion ?? Attendance.foldVersion
        areKept = kept != nil
        graceSeconds = grace
        charge = try await transaction.query(StoredCharge.ofVisit(booking.id)).atMostOne()
            .map { try $0.decode("id") }
        guests = try await transaction.guests(of: booking)
        (self.window, self.attendance, self.billable) = (window, attendance, billable)
    }

    var json: JSON {
        let billed: JSON = [
            "seconds": JSON(billable.seconds), "intervals": billable.intervals.json,
            "fold_version": JSON(foldVersion),
        ]
        return [
            "booking": JSON(booking.id.description),
            "state": JSON(attestation.state.name.rawValue),
            "over": JSON(presence.isOver || areKept),
            "opens": JSON(window.start.rfc3339),
            "closes": JSON(window.end.rfc3339),
            "planned": [
                "starts": JSON(booking.planned.start.rfc3339),
                "ends": JSON(booking.planned.end.rfc3339),
            ],
            "grace_seconds": JSON(graceSeconds),
            "present": sides { .array(people($0).map { JSON($0) }) },
            "guests": .array(guests.map(\.json)),
            "attendance": sides { attendance.present($0).json },
            "billable": billed,
            "elapsed_seconds": JSON(attestation.elapsed),
            "attestations": sides { words[$0]?.json ?? .null },
            "charge": JSON(charge?.description),
        ]
    }

    private func people(_ side: Visits.Side) -> [String] {
        side == .seller ? presence.seller : presence.buyer
    }

    private func sides(_ value: (Visits.Side) -> JSON) -> JSON {
        ["seller": value(.seller), "buyer": value(.buyer)]
    }
}

extension StoredAttestation {
    fileprivate var json: JSON {
        var verdict: JSON = "attested"
        var why: JSON = .null
        if case .contests(_, let reason) = word { (verdict, why) = ("contested", JSON(reason)) }
        return [
            "verdict": verdict, "billable_seconds": JSON(word.seconds), "reason": why,
            "at": JSON(recordedAt.rfc3339),
        ]
    }
}

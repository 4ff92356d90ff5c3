import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

/// What is known of a visit at an instant: who was there, the minutes that it makes, what was told
/// of it, and what both sides say to the minutes. No price is in it.
struct VisitSheet {
    let booking: StoredBooking
    let window: TimeSlot
    let attendance: Attendance
    let presence: Presence
    let people: PersonTime
    /// Of a duty shift.
    let duty: DutyTime
    /// As it was measured for the first attestation, or as it is now.
    let minutes: StoredMinutes
    let areKept: Bool
    let attestation: Attestation
    let words: [Visits.Side: StoredAttestation]
    let reports: [StoredReport]
    let logEntries: [StoredCallLogEntry]
    /// Until when the specialist's booking before it takes its time, and from when the next one
    /// does, as far as it is known.
    let taken: (until: Instant?, from: Instant?)
    let charge: ChargeID?
    let guests: [StoredGuest.InVisit]
    let terms: Terms
    let now: Instant

    /// From one state of the database.
    init(
        of booking: StoredBooking, under terms: Terms, now: Instant, in transaction: Transaction
    ) async throws {
        self.booking = booking
        self.terms = terms
        self.now = now
        let window = try JoinWindow.standard.around(booking.planned)
        let observations = try await transaction.query(StoredObservation.all(of: booking.id))
            .map(StoredObservation.observation(row:))
        let grace = terms.attendance.graceSeconds
        let shift = DutyTime.Shift(booking.planned, by: now)
        attendance = try Attendance.fold(observations, of: booking.id, shift: shift)
        people = try PersonTime(observations, of: booking.id, shift: shift)
        duty = try DutyTime(observations, in: shift)
        let reports = try await transaction.query(StoredReport.all(of: booking.id))
            .map(StoredReport.init(row:))
        let kept = try await transaction.query(StoredMinutes.find(booking.id)).atMostOne()
            .map(StoredMinutes.init(row:))
        let around = try await transaction.query(StoredMinutes.taken(around: booking.id)).only()
        taken = try (around.decode("before"), around.decode("after"))
        if let kept {
            minutes = kept
        } else {
            let (billable, cut) = try BillableTime.compute(
                attendance, graceSeconds: grace, within: window,
                takenUntil: taken.until, andFrom: taken.from)
            minutes = StoredMinutes(
                billable: billable, cut: cut, sellerSeconds: try people.total(.seller),
                buyerSeconds: try people.total(.buyer))
        }
        let words = try await transaction.query(StoredAttestation.last(of: booking.id))
            .map(StoredAttestation.init(row:))
        self.words = Dictionary(words.map { ($0.side, $0) }) { first, _ in first }
        let elapsed = max(0, try min(now, window.end).seconds(since: window.start))
        attestation = try Attestation(
            computed: Attestation.Figures(
                seconds: minutes.billable.seconds, extra: reports.extra,
                lineFailed: reports.failure != nil),
            elapsed: elapsed, ceiling: terms.ceiling(of: booking.service),
            seller: self.words[.seller]?.word, buyer: self.words[.buyer]?.word)
        presence = try Presence(
            at: now, observations, window: window, graceSeconds: grace,
            planned: booking.planned)
        areKept = kept != nil
        charge = try await transaction.query(StoredCharge.ofVisit(booking.id)).atMostOne()
            .map { try $0.decode("id") }
        guests = try await transaction.guests(of: booking)
        logEntries = try await transaction.query(StoredCallLogEntry.all(of: booking.id))
            .map(StoredCallLogEntry.init(row:))
        self.reports = reports
        self.window = window
    }

    /// Of the minutes only: whether a word on them can be said. A place in a group session is not
    /// over before that begins: its price is shared by those who have a place then.
    var isOver: Bool {
        (booking.groupSession == nil || now >= booking.planned.start)
            && (presence.isOver || areKept)
    }

    /// Whether a side has not spoken on the minutes, or the other has contradicted it since.
    func waits(for side: Visits.Side) -> Bool {
        guard isOver, booking.state == .booked else { return false }
        guard let own = words[side] else { return true }
        if case .agreed = attestation.state { return false }
        guard let other = words[side.other] else {
            // what the seller entered since is other than what it attested
            return own.word.figures != attestation.computed
                && attestation.state != .contested
        }
        return other.recordedAt > own.recordedAt
    }

    /// The figures that hold, or that would hold: those that both say, or what was computed.
    var figures: Attestation.Figures {
        guard case .agreed(let figures) = attestation.state else { return attestation.computed }
        return figures
    }

    var overrunIsAgreed: Bool { reports.contains { $0.report == .overrunAgreed } }

    func side(of organisation: OrganisationID) -> Visits.Side {
        booking.visitSide(of: organisation)
    }

    /// What a call log would make of the visit, counted as what was observed is.
    func seconds(of log: CallLog) throws -> Int64 {
        try log.seconds(
            graceSeconds: terms.attendance.graceSeconds, within: window,
            takenUntil: taken.until, andFrom: taken.from)
    }

    /// What a report is held against.
    var bounds: VisitReport.Bounds {
        var areAgreed = booking.state == .closed
        if case .agreed = attestation.state { areAgreed = true }
        return VisitReport.Bounds(
            window: window, now: now, isOver: presence.isOver, areKept: areKept,
            areAgreed: areAgreed, ceiling: attestation.ceiling,
            sellsOverrun: terms.rateCard.service(booking.service)?.price.overrun != nil)
    }
}

extension [StoredReport] {
    /// What the seller entered last.
    var extra: ExtraTime {
        for stored in reversed() {
            if case .extraTime(let extra) = stored.report { return extra }
        }
        return .none
    }

    /// The first report that the line failed.
    var failure: StoredReport? {
        first { $0.report.kind == .lineFailed }
    }
}

extension Terms {
    /// The most minutes of the specialist's own that a visit of this service bills.
    func ceiling(of service: String) -> ExtraTime {
        let price = rateCard.service(service)?.price
        return ExtraTime(
            preparation: price?.preparation?.maximumMinutes ?? 0,
            recordWriting: price?.recordWriting?.maximumMinutes ?? 0)
    }
}

import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import Visits

/// What a side says in the handshake, from a form.
enum HandshakePages {
    static func say(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        let form = visitor.request.form
        guard let kind = form.text("kind").flatMap(HandshakeMessage.Kind.init(rawValue:)),
            let sequence = form.text("sequence").flatMap({ Int64($0) }), sequence > 0
        else { throw InvalidLink() }
        var errors = FieldErrors()
        let cause = errors.words(
            "cause", form.text("cause"), max: HandshakeMessage.longestCause,
            tooLong: "error_cause_length",
            missing: [.decline, .withdraw, .notReady].contains(kind) ? "error_cause" : nil)
        var offer: Market.OfferedMeeting?
        if [.propose, .counter].contains(kind) {
            offer = try self.offer(form, zone: visitor.signedIn.zone, &errors)
        }
        var checks: ReadyChecks?
        if kind == .ready {
            let read = Self.checks(form)
            if !read.allPassed { errors.add("checks", "error_checks") }
            checks = read
        }
        guard errors.isEmpty else {
            return try await BookingPages.show(visitor, id, errors: errors, status: 422)
        }
        do {
            _ = try await visitor.market.sendHandshakeMessage(
                visitor.asking("sendHandshakeMessage"), id,
                .init(kind: kind, sequence: sequence, cause: cause, offer: offer, checks: checks))
            // from the list of what waits one goes on with the next
            return form.text("from") == "proposals" && kind == .accept
                ? .see("/proposals?done=accepted") : .see("/bookings/\(id)?done=said")
        } catch let refusal as Refusal
            where refusal.code != .notFound && refusal.code != .roleNotAllowed
        {
            var errors = FieldErrors()
            errors.add(field(of: refusal.code), visitor.reason(refusal))
            return try await BookingPages.show(visitor, id, errors: errors, status: 409)
        }
    }

    /// Which checks a form says have passed.
    static func checks(_ form: FormFields) -> ReadyChecks {
        let passed = Set(form.all("checks"))
        return ReadyChecks(
            device: passed.contains("device"), line: passed.contains("line"),
            recordAccess: passed.contains("record_access"))
    }

    private static func offer(
        _ form: FormFields, zone: WallClock, _ errors: inout FieldErrors
    ) -> Market.OfferedMeeting? {
        func moment(_ date: String, _ time: String, _ errors: inout FieldErrors) -> Instant? {
            let day = errors.read(date, "error_date") {
                try CalendarDate(iso: form.text(date) ?? "")
            }
            let hour = errors.read(time, "error_time") { try TimeOfDay(form.text(time) ?? "") }
            guard let day, let hour else { return nil }
            return zone.instant(day, hour)
        }
        let starts = moment("date", "time", &errors)
        let deadline = moment("answer_date", "answer_time", &errors)
        let room = room(form, &errors)
        guard let starts, let deadline, let room else { return nil }
        return Market.OfferedMeeting(
            starts: starts, room: room,
            needs: Set(form.all("needs").compactMap(Proposal.Need.init(rawValue:))),
            deadline: deadline)
    }

    /// A link that goes with no own room is left out: it may stand there from before.
    private static func room(_ form: FormFields, _ errors: inout FieldErrors) -> WantedRoom? {
        let provider = form.text("room").flatMap(Room.Provider.init(rawValue:)) ?? .builtIn
        return errors.read("link", "error_link") {
            try WantedRoom(
                provider: provider, link: provider == .ownLink ? form.text("link") : nil)
        }
    }

    private static func field(of code: RefusalCode) -> String? {
        switch code {
        case .deadlineInThePast, .deadlineAfterStart, .deadlineTooSoon: "answer_date"
        case .startInThePast, .outsideAvailability, .taken, .noticeTooShort: "date"
        case .causeMissing, .causeTooLong: "cause"
        case .checksFailed: "checks"
        case .roomNotHosted, .roomNotJoined: "room"
        default: nil
        }
    }
}

import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// The page of a visit: joining, being there, leaving, and the word on the minutes.
enum VisitPages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(visitor, BookingPages.id(parameter))
    }

    static func show(
        _ visitor: Visitor, _ id: BookingID, errors: FieldErrors = FieldErrors(), status: Int = 200
    ) async throws -> PageReply {
        let sold = try await SoldInContract.all(visitor)
        let booking = try await visitor.market.booking(visitor.asking("getBooking"), id).body
        // before it is confirmed, and after it is cancelled, there is no visit
        guard ["booked", "closed"].contains(booking["state"]?.text) else {
            return .see("/bookings/\(id)")
        }
        guard
            let agreed = try await visitor.market.visits(visitor.asking("getVisit"), [id])[id]
        else { throw Refusal(.notFound) }
        let view = try VisitView(of: booking, agreed, visitor, sold: sold)
        let language = visitor.language
        let participant = try visitor.signedIn.member.description
        let sides = try view.sides(participant: participant)
        var fields = view.row.fields
        fields["block_place"] = try await visitor.blockPlace(of: booking)
        fields["session_places"] = try await visitor.sessionPlaces(of: booking)
        fields["visit_address"] = "/visits/\(id)"
        fields["booking_address"] = "/bookings/\(id)"
        fields["calendar_links"] = visitor.calendarLinks(id, agreed.handshake)
        fields["day_address"] = "/day?date=\(view.zone.date(of: view.row.starts).iso)"
        fields["todo"] = view.todo
        fields["duty"] = try DutyPart.fields(view)
        fields["sides"] = sides
        fields["together"] = try view.spans(view.visit["billable"]?["intervals"])
        fields["measured"] = language.length(seconds: view.measured)
        fields["how"] = visitor.say(
            "visit_how", language.length(seconds: view.visit["grace_seconds"]?.integer ?? 0))
        fields["measured_label"] = visitor.say(view.isOver ? "visit_measured" : "visit_so_far")
        let other = OtherRoom.fields(visitor, id, agreed.handshake)
        fields["in_room"] = other?["where"].map { ["text": $0] }
        fields["leave"] = visitor.say(other == nil ? "visit_leave" : "other_room_left")
        fields["call_logs"] = try view.callLogs()
        if view.mayJoin {
            let isIn =
                visitor.joinToken(of: id) != nil && sides.contains { $0["you"] as? Bool == true }
            fields[isIn ? "is_in" : "may_join"] = true
            if isIn {
                fields["todo"] = visitor.say("visit_todo_in")
                if let room = try RoomPages.fields(visitor, id, agreed.handshake) {
                    fields["room_here"] = room
                    fields["script"] = ["address": "/static/room.js"]
                }
                fields["other_room"] = other
            }
        }
        try await VisitDoor(
            visitor: visitor, view: view, visit: id, handshake: agreed.handshake, errors: errors
        ).add(to: &fields)
        if view.isOver || view.row.state == "closed" {
            fields["minutes"] = try minutes(view, errors)
        }
        for (name, value) in try VisitTold(view).fields(errors) { fields[name] = value }
        let login = try visitor.signedIn
        if !login.roles.isDisjoint(with: [.finance, .admin, .auditor]),
            let charge = view.visit["charge"]?.text
        {
            fields["charge"] = ["link": "/charges/\(charge)"]
        }
        if let done = visitor.request.query.text("done"), ["said", "told"].contains(done) {
            fields["done"] = ["text": visitor.say(done == "said" ? "minutes_done" : "told_done")]
        }
        return try visitor.page(
            "visit", title: visitor.say("visit_title"), fields, status: status, errors: errors)
    }

    private static func minutes(_ view: VisitView, _ errors: FieldErrors) throws -> [String: Any] {
        let visitor = view.visitor
        var fields: [String: Any] = ["words": try view.words(), "next": view.next]
        guard view.row.state == "booked", view.mayAct else { return fields }
        fields["figures"] = view.figures.enumerated().map { index, figures -> [String: Any] in
            let isTheirs = figures == view.word(of: view.other)
            var figure: [String: Any] = [
                "figure": figures.formText,
                "button": visitor.say(
                    isTheirs ? "minutes_agree" : "minutes_attest", visitor.words(of: figures)),
            ]
            if index > 0 { figure["is_second"] = true }
            return figure
        }
        let sent = visitor.request.form
        func field(_ id: String, _ value: String, hint: String? = nil) -> [String: Any] {
            TypedField(
                id: id, label: "minutes_\(id)", kind: .text,
                value: errors.isEmpty ? value : sent.text(id) ?? "", hint: hint
            ).fields(visitor, errors)
        }
        var inputs = [
            field("minutes", "\(view.measured / 60)"), field("seconds", "\(view.measured % 60)"),
        ]
        for (name, entered) in VisitTold(view).contestable { inputs.append(field(name, entered)) }
        let failed =
            errors.isEmpty ? view.computed.lineFailed : sent.text("line_failed") == "yes"
        fields["contest"] = [
            "inputs": inputs,
            "failing": CheckBoxes.fields(
                "line_failed", visitor.say("minutes_outcome"),
                [Choice("yes", visitor.say("minutes_failed"))], chosen: failed ? ["yes"] : []),
            "reason": field("reason", "", hint: "minutes_reason_hint"),
        ]
        return fields
    }

    // MARK: Being there

    /// Joins, gives a sign of life, or leaves. The way in is kept by the browser, for this visit.
    static func attend(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        guard
            let kind = visitor.request.form.text("kind")
                .flatMap(Market.AttendanceKind.init(rawValue:))
        else { throw InvalidLink() }
        var reply = PageReply.see("/visits/\(id)")
        var token = visitor.joinToken(of: id)
        if kind == .join {
            let login = try visitor.signedIn
            let issued = try await visitor.market.issueJoinToken(
                visitor.asking("issueJoinToken"), id, participant: login.member.description,
                label: String(login.memberName.prefix(80)),
                forSession: visitor.request.form.text("for_session") == "yes"
            ).body
            // the same form again: it shows no token, and has been heard
            guard let shown = issued["token"]?.text else { return reply }
            token = shown
            reply.cookies = [visitor.request.keepingJoin(shown, of: id)]
        }
        // whoever may not report at all is told so, token or not
        guard let token else {
            _ = try await visitor.market.visit(visitor.asking("issueJoinToken"), id)
            throw Refusal(.joinTokenUnknown)
        }
        var random = SystemRandomNumberGenerator()
        _ = try await visitor.market.recordAttendance(
            token, ObservationID(at: visitor.signedIn.now, using: &random), kind: kind,
            source: .joinPage)
        if kind == .leave { reply.cookies = [visitor.request.keepingJoin(nil, of: id)] }
        return reply
    }

    // MARK: The word on the minutes

    static func say(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        let form = visitor.request.form
        var errors = FieldErrors()
        let word: Attestation.Word
        if let figure = form.text("figure") {
            guard let figures = Attestation.Figures(formText: figure) else { throw InvalidLink() }
            word = .attests(figures)
        } else {
            let minutes = number(form, "minutes", 0...1_440, &errors)
            let seconds = number(form, "seconds", 0...59, &errors)
            let reason = errors.words(
                "reason", form.text("reason"), max: Attestation.longestReason,
                tooLong: "error_contest_length", missing: "error_cause")
            let extra = ExtraTime(
                preparation: wholeMinutes(form, "contest_preparation", &errors),
                recordWriting: wholeMinutes(form, "contest_record_writing", &errors))
            guard errors.isEmpty, let minutes, let seconds, let reason else {
                return try await show(visitor, id, errors: errors, status: 422)
            }
            let figures = Attestation.Figures(
                seconds: minutes * 60 + seconds, extra: extra,
                lineFailed: form.text("line_failed") == "yes")
            word = .contests(figures, reason: reason)
        }
        do {
            _ = try await visitor.market.attestMinutes(visitor.asking("attestMinutes"), id, word)
            return .see("/visits/\(id)?done=said")
        } catch let refusal as Refusal
            where refusal.code != .notFound && refusal.code != .roleNotAllowed
        {
            var errors = FieldErrors()
            errors.add(field(of: refusal.code), visitor.reason(refusal))
            return try await show(visitor, id, errors: errors, status: 409)
        }
    }

    private static func number(
        _ form: FormFields, _ name: String, _ range: ClosedRange<Int64>, _ errors: inout FieldErrors
    ) -> Int64? {
        guard let number = form.text(name).flatMap({ Int64($0) }), range.contains(number) else {
            errors.add(name, "error_contest_\(name)")
            return nil
        }
        return number
    }

    private static func field(of code: RefusalCode) -> String? {
        switch code {
        case .figureOutOfRange, .contestWithoutDifference: "minutes"
        case .aboveCeiling: "contest_preparation"
        case .reasonMissing, .reasonTooLong: "reason"
        default: nil
        }
    }
}

// MARK: - The way into a visit

extension Visitor {
    /// What this browser keeps for this visit, where it is this member's own: another may have
    /// signed in since.
    func joinToken(of visit: BookingID) -> String? {
        guard let text = request.cookie(Cookie.join), let login,
            let token = try? JoinToken.read(text, key: market.keys.joinTokens),
            token.visit == visit, token.participant == login.member.description
        else { return nil }
        return text
    }
}

extension PageRequest {
    /// Until the browser is closed, and only for the visit's own page.
    func keepingJoin(_ token: String?, of visit: BookingID) -> String {
        "\(Cookie.join)=\(token ?? ""); Path=/visits/\(visit); HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "") + (token == nil ? "; Max-Age=0" : "")
    }
}

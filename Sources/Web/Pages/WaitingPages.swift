import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The waiting list: what the visitor's organisation waits for, and joining and leaving it.
enum WaitingPages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let sold = try await SoldInContract.all(visitor)
        let entries = try await visitor.every {
            try await visitor.market.listWaitingList(
                visitor.asking("listWaitingList"), state: nil, page: $0)
        }
        let isOpen = { (entry: JSON) in ["waiting", "offered"].contains(entry["state"]?.text) }
        let maySchedule = login.roles.contains(.scheduler)
        var fields: [String: Any] = [
            "open": try entries.filter(isOpen).map {
                try line($0, visitor, sold, mayLeave: maySchedule)
            },
            "over": try entries.filter { !isOpen($0) }.reversed().prefix(20).map {
                try line($0, visitor, sold, mayLeave: false)
            },
        ]
        if !entries.contains(where: isOpen) { fields["none_open"] = true }
        if entries.contains(where: { !isOpen($0) }) { fields["some_over"] = true }
        if maySchedule { fields["may_join"] = true }
        if let done = visitor.request.query.text("done"), ["joined", "left"].contains(done) {
            fields["done"] = ["text": visitor.say("waiting_done_\(done)")]
        }
        return try visitor.page("waiting", title: visitor.say("waiting_title"), fields)
    }

    private static func line(
        _ entry: JSON, _ visitor: Visitor, _ sold: [SoldInContract], mayLeave: Bool
    ) throws -> [String: Any] {
        let login = try visitor.signedIn
        let language = visitor.language
        let service = sold.first(
            contract: entry["contract"]?.text, service: entry["service"]?.text)
        let id = entry["id"]?.text ?? ""
        let state = entry["state"]?.text ?? ""
        func moment(_ json: JSON?) throws -> Instant { try Instant(rfc3339: json?.text ?? "") }
        let last = try moment(entry["until"]).adding(seconds: -1)
        let from = login.zone.date(of: try moment(entry["from"]))
        let to = login.zone.date(of: last)
        var line: [String: Any] = [
            "service": service?.name ?? entry["service"]?.text ?? "",
            "seller": service?.sellerName ?? "",
            "length": language.length(seconds: (entry["minutes"]?.integer ?? 0) * 60),
            "days": from == to
                ? language.date(from) : "\(language.date(from)) – \(language.date(to))",
            "state": visitor.say("waiting_state_\(state)"),
            "is_live": state == "offered",
        ]
        if let session = entry["group_session"]?.text {
            line["session"] = ["address": "/sessions/\(session)"]
        }
        var limits: [String] = []
        if let spoken = entry["language"]?.text {
            let isKnown = ["fi", "sv", "en"].contains(spoken)
            limits.append(isKnown ? visitor.say("language_\(spoken)") : spoken)
        }
        if let from = entry["hours_from"]?.text, let until = entry["hours_until"]?.text {
            limits.append(
                "\(language.time(try TimeOfDay(from)))–\(language.time(try TimeOfDay(until)))")
        }
        if !limits.isEmpty { line["limits"] = ["text": limits.joined(separator: ", ")] }
        if let patient = entry["patient_reference"]?.text { line["patient"] = ["text": patient] }
        if let ahead = entry["ahead"]?.integer {
            let key =
                ahead == 0 ? "waiting_next" : ahead == 1 ? "waiting_ahead_one" : "waiting_ahead"
            line["place"] = ["text": visitor.say(key, language.number("\(ahead)"))]
        }
        if let offer = entry["offer"], offer != .null {
            let starts = try moment(offer["starts"])
            let ends = try moment(offer["ends"])
            let price = offer["price"]?.text.flatMap { try? Money(decimal: $0) } ?? .zero
            var shown: [String: Any] = [
                "moment": language.span(starts, ends, in: login.zone),
                "specialist": offer["specialist_label"]?.text ?? "",
                "price": language.money(price),
                "address": "/bookings/\(offer["booking"]?.text ?? "")",
            ]
            if offer["reply_by"]?.text != nil {
                let end = language.moment(try moment(offer["reply_by"]), in: login.zone)
                shown["answer"] = ["until": visitor.say("waiting_reply_by", end)]
            }
            line["offer"] = shown
        }
        if mayLeave, state == "waiting" { line["leaving"] = ["entry": id] }
        return line
    }

    // MARK: Joining

    static func showForm(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        return try await showForm(visitor, visitor.request.query, FieldErrors(), status: 200)
    }

    private static func showForm(
        _ visitor: Visitor, _ values: FormFields, _ errors: FieldErrors, status: Int,
        free: String? = nil
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let today = login.zone.date(of: login.now)
        let sold = try await SoldInContract.bought(visitor, withSessions: true)
        let from = values.text("from") ?? today.iso
        let until =
            try values.text("until")
            ?? ((try? CalendarDate(iso: from)) ?? today).adding(days: 13).iso
        let chosen = values.text("sold") ?? firstFitting(values, sold).map(\.choice)
        let lengths = Set(sold.flatMap(\.lengths)).sorted()
        func day(_ id: String, _ label: String, _ value: String) -> [String: Any] {
            TypedField(id: id, label: label, kind: .date, value: value).fields(visitor, errors)
        }
        func question(_ id: String, _ label: String, _ choices: [Choice], _ selected: String?)
            -> [String: Any]
        {
            Choice.field(
                id, visitor.say(label), choices, selected: selected,
                error: errors.message(of: id).map { visitor.say($0) })
        }
        var fields: [String: Any] = [
            "sold": question(
                "sold", "find_service",
                sold.map { Choice($0.choice, "\($0.name), \($0.sellerName)") }, chosen),
            "minutes": question(
                "minutes", "find_minutes",
                lengths.map { Choice("\($0)", visitor.language.length(seconds: $0 * 60)) },
                values.text("minutes")),
            "from": day("from", "waiting_from", from),
            "until": day("until", "waiting_until", until),
            "language": FindPages.language(visitor, values),
            "hours": FindPages.hours(visitor, values, errors),
            "weekdays": FindPages.weekdays(visitor, values),
            "hand_over": HandOverForm.fields(
                visitor, values, sold.first { $0.choice == chosen }, errors),
        ]
        fields["booked_for"] = try await BookedFor(visitor).fields(visitor, values, errors)
        if let free { fields["free"] = ["address": free] }
        return try visitor.page(
            "waiting_new", title: visitor.say("waiting_new_title"), fields, status: status,
            errors: errors)
    }

    static func join(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let form = visitor.request.form
        var errors = FieldErrors()
        guard let details = try await details(form, visitor, &errors) else {
            return try await showForm(visitor, form, errors, status: 422)
        }
        do {
            _ = try await visitor.market.joinWaitingList(
                visitor.asking("joinWaitingList"), details)
            return .see("/waiting?done=joined")
        } catch let refusal as Refusal where refusal.code == .timeAvailable {
            errors.add("from", "error_time_available")
            let day = try visitor.signedIn.zone.date(of: details.wanted.start)
            return try await showForm(
                visitor, form, errors, status: 409,
                free: ChosenTime.search(
                    of: details.service, from: day, minutes: details.minutes, in: nil))
        } catch let refusal as Refusal where refusal.code == .handOverMissing {
            for name in HandOverForm.missing(refusal) { errors.add(name, "error_hand_over") }
            return try await showForm(visitor, form, errors, status: 422)
        } catch let refusal as Refusal where refusal.code == .lengthNotAllowed {
            errors.add("minutes", "error_length")
            return try await showForm(visitor, form, errors, status: 422)
        } catch let refusal as Refusal
            where ![.roleNotAllowed, .notFound].contains(refusal.code)
        {
            errors.add(nil, "refusal_\(refusal.code.rawValue)")
            return try await showForm(visitor, form, errors, status: 409)
        }
    }

    private static func details(
        _ form: FormFields, _ visitor: Visitor, _ errors: inout FieldErrors
    ) async throws -> StoredWaitingEntry.Details? {
        let login = try visitor.signedIn
        let service = try await SoldInContract.bought(visitor, withSessions: true).first {
            $0.choice == form.text("sold")
        }
        if service == nil { errors.add("sold", "error_service") }
        let minutes = form.text("minutes").flatMap { Int64($0) }
        if minutes == nil { errors.add("minutes", "error_length") }
        let midnight = try TimeOfDay("00:00")
        let from = errors.read("from", "error_date") {
            max(
                login.zone.instant(try CalendarDate(iso: form.text("from") ?? ""), midnight),
                login.now)
        }
        let until = errors.read("until", "error_date") {
            login.zone.instant(
                try CalendarDate(iso: form.text("until") ?? "").adding(days: 1), midnight)
        }
        let hours = FindPages.hours(form, &errors)
        let handOver = HandOverForm(form, &errors)
        guard let service, let minutes, let from, let until, errors.isEmpty else { return nil }
        guard let wanted = try? TimeSlot(start: from, end: until),
            wanted.seconds <= Market.longestWaitDays * 86_400
        else {
            errors.add("until", "error_waiting_until")
            return nil
        }
        return try StoredWaitingEntry.Details(
            contract: ContractID(typeID: service.contract), service: service.code,
            specialist: nil, minutes: minutes, wanted: wanted,
            language: ChosenTime.language(form), weekdays: FindPages.weekdays(form), hours: hours,
            handOver: handOver.handOver)
    }

    static func leave(_ visitor: Visitor) async throws -> PageReply {
        let text = visitor.request.form.text("entry") ?? ""
        guard let id = try? WaitingEntryID(typeID: text) else { throw InvalidLink() }
        _ = try await visitor.market.leaveWaitingList(visitor.asking("leaveWaitingList"), id)
        return .see("/waiting?done=left")
    }

    // MARK: What can be waited for

    /// As the search that found nothing asked.
    private static func firstFitting(
        _ values: FormFields, _ sold: [SoldInContract]
    ) -> SoldInContract? {
        sold.first { service in
            (values.text("service") ?? service.code) == service.code
                && (values.text("specialty") ?? service.specialty) == service.specialty
        }
    }
}

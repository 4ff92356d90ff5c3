import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The calendar that a specialist keeps elsewhere: how it stands, and the form that sets it.
enum BusyCalendarPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, visitor.request.query)
    }

    private static func show(
        _ visitor: Visitor, _ sent: FormFields, errors: FieldErrors = FieldErrors(),
        status: Int = 200
    ) async throws -> PageReply {
        let own = try await OwnSpecialist.all(visitor)
        guard let specialist = try own.chosen(by: sent.text("specialist")) else {
            throw InvalidLink()
        }
        var fields: [String: Any] = [
            "whose": specialist.id.description,
            "calendar": "/calendar?specialist=\(specialist.id)",
        ]
        if let stands = try await stands(of: specialist, visitor) { fields["stands"] = stands }
        if try visitor.signedIn.roles.contains(.scheduler) {
            fields["may_set"] = true
            fields["form_to_set"] = [
                "title_to_set": visitor.say("busy_set_title", specialist.label),
                "typed": [
                    TypedField(
                        id: "address", label: "busy_address", kind: .text,
                        value: sent.text("address") ?? "", hint: "busy_address_hint"),
                    TypedField(
                        id: "file", label: "busy_file", kind: .file, value: "",
                        hint: "busy_file_hint"),
                ].map { $0.fields(visitor, errors) },
            ]
        }
        if let done = visitor.request.query.text("done"), ["set", "removed"].contains(done) {
            fields["done"] = ["text": visitor.say("busy_done_\(done)")]
        }
        return try visitor.page(
            "busy_calendar", title: visitor.say("busy_title"), fields, status: status,
            errors: errors)
    }

    /// Nil where none is set.
    private static func stands(
        of specialist: OwnSpecialist, _ visitor: Visitor
    ) async throws -> [String: Any]? {
        let sheet: JSON
        do {
            sheet = try await visitor.market.busyCalendar(
                visitor.asking("getBusyCalendar"), of: specialist.id
            ).body
        } catch let refusal as Refusal where refusal.code == .notFound {
            return nil
        }
        let sold = try await SoldInContract.all(visitor)
        let rows = try (sheet["bookings"]?.elements ?? []).map {
            try BookingRow($0, visitor, sold: sold).fields
        }
        let now = try visitor.signedIn.now
        var read = visitor.say("busy_not_read")
        if let text = sheet["read_at"]?.text {
            let instant = try Instant(rfc3339: text)
            read = visitor.say(
                "busy_read_at",
                visitor.language.moment(instant, in: specialist.zone),
                visitor.language.length(seconds: max(60, try now.seconds(since: instant))))
        }
        var fields: [String: Any] = [
            "label": specialist.label, "read": read,
            "source": sheet["host"]?.text ?? visitor.say("busy_source_file"),
            "stretches": visitor.language.number("\(sheet["busy_stretches"]?.integer ?? 0)"),
            "rows": rows, "has_rows": !rows.isEmpty,
        ]
        if sheet["stale"]?.flag == true {
            fields["stale"] = ["text": visitor.say("busy_stale")]
        }
        if let problem = sheet["problem"]?.text {
            fields["problem"] = ["text": visitor.say("busy_problem_\(problem)")]
        }
        if let unread = sheet["unread_events"]?.integer, unread > 0 {
            fields["unread"] = [
                "text": visitor.say("busy_unread_text", visitor.language.number("\(unread)"))
            ]
        }
        return fields
    }

    static func set(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let form = visitor.request.form
        let specialist = try specialist(form)
        let source: Market.BusySource
        var errors = FieldErrors()
        switch (form.text("address"), visitor.request.file("file")) {
        case (let address?, nil): source = .address(address)
        case (nil, let file?): source = .file(file)
        default:
            errors.add("address", "error_busy_one")
            return try await show(visitor, form, errors: errors, status: 422)
        }
        do {
            _ = try await visitor.market.setBusyCalendar(
                visitor.asking("setBusyCalendar"), of: specialist, source)
        } catch let input as InvalidInput {
            let isFile = input.problems.first?.pointer == "/calendar"
            errors.add(
                isFile ? "file" : "address", isFile ? "error_busy_file" : "error_busy_address")
            return try await show(visitor, form, errors: errors, status: 422)
        }
        return .see("/busy-calendar?specialist=\(specialist)&done=set")
    }

    static func remove(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let specialist = try specialist(visitor.request.form)
        _ = try await visitor.market.removeBusyCalendar(
            visitor.asking("removeBusyCalendar"), of: specialist)
        return .see("/busy-calendar?specialist=\(specialist)&done=removed")
    }

    private static func specialist(_ form: FormFields) throws(InvalidLink) -> SpecialistID {
        guard let id = form.text("specialist").flatMap({ try? SpecialistID(typeID: $0) }) else {
            throw InvalidLink()
        }
        return id
    }
}

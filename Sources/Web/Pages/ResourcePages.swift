import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// The organisation's rooms and staff: all of them, one with its week, and what may be done.
enum ResourcePages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        try await list(visitor, FormFields([UInt8]()), FieldErrors())
    }

    private static func list(
        _ visitor: Visitor, _ typed: FormFields, _ errors: FieldErrors, status: Int = 200
    ) async throws -> PageReply {
        let units = try await ResourceChoice.units(visitor)
        let all = try await visitor.every {
            try await visitor.market.listResources(visitor.asking("listResources"), page: $0)
        }
        let rows = all.map { each -> [String: Any] in
            var row: [String: Any] = [
                "address": "/resources/\(each["id"]?.text ?? "")",
                "name": each["name"]?.text ?? "",
                "kind": visitor.say("resource_kind_\(each["kind"]?.text ?? "")"),
                "unit": units[each["unit"]?.text ?? ""] ?? "",
                "hours": visitor.openingWords(each["hours"]),
            ]
            if each["active"]?.flag == false { row["is_away"] = true }
            return row
        }
        var fields: [String: Any] = ["rows": rows]
        if rows.isEmpty { fields["none"] = true }
        if try !visitor.signedIn.roles.isDisjoint(with: [.admin, .scheduler]) {
            let kinds = StoredResource.Kind.allCases.map {
                Choice($0.rawValue, visitor.say("resource_kind_\($0.rawValue)"))
            }
            let choices = units.map { Choice($0.key, $0.value) }
                .sorted { ($0.text, $0.value) < ($1.text, $1.value) }
            fields["form_to_add"] = [
                "choices_of_form": [
                    Choice.field(
                        "kind", visitor.say("resource_kind"), kinds, selected: typed.text("kind")),
                    Choice.field(
                        "unit", visitor.say("buyer_unit"), choices, selected: typed.text("unit")),
                ],
                "details": ResourceForm.fields(visitor, typed, errors),
            ]
        }
        if visitor.request.query.text("done") == "added" {
            fields["done"] = ["text": visitor.say("resources_done_added")]
        }
        return try visitor.page(
            "resources", title: visitor.say("resources_title"), fields, status: status,
            errors: errors)
    }

    static func add(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin, .scheduler])
        let form = visitor.request.form
        var errors = FieldErrors()
        guard let kind = form.text("kind").flatMap(StoredResource.Kind.init(rawValue:)),
            let unit = form.text("unit").flatMap({ try? UnitID(typeID: $0) })
        else { throw InvalidLink() }
        guard let details = ResourceForm.details(form, &errors) else {
            return try await list(visitor, form, errors, status: 422)
        }
        do {
            _ = try await visitor.market.addResource(
                visitor.asking("addResource"), kind, in: unit, details)
        } catch let refusal as Refusal where refusal.code == .nameTaken {
            errors.add("name", "error_name_taken")
            return try await list(visitor, form, errors, status: 409)
        }
        return .see("/resources?done=added")
    }

    // MARK: - One of them

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(visitor, id(parameter), nil, FieldErrors())
    }

    /// `typed` is a form of the page that was sent, and `errors` what was wrong with it.
    private static func show(
        _ visitor: Visitor, _ id: ResourceID, _ typed: FormFields?, _ errors: FieldErrors,
        status: Int = 200
    ) async throws -> PageReply {
        let resource = try await visitor.market.resource(visitor.asking("getResource"), id).body
        let unit = try await visitor.market.unit(
            visitor.asking("getUnit"), UnitID(typeID: resource["unit"]?.text ?? "")
        ).body
        let zone = try WallClock(zone: unit["time_zone"]?.text ?? "")
        let today = try zone.date(of: visitor.signedIn.now)
        var errors = errors
        let asked = errors.read("week", "error_date") {
            try visitor.request.query.text("week").map {
                try CalendarWeek(of: CalendarDate(iso: $0), zone: zone)
            }
        }
        let week = try (asked ?? nil) ?? CalendarWeek(of: today, zone: zone)
        let slot = try week.slot
        let calendar = try await visitor.market.resourceCalendar(
            visitor.asking("getResourceCalendar"), of: id, from: slot.start, until: slot.end
        ).body
        var fields = try frame(visitor, id, resource, unit, week, today: today)
        fields.merge(try await ResourceWeek(week, calendar).fields(visitor)) { $1 }
        fields["timegrid"] = true
        if try visitor.signedIn.roles.contains(.scheduler) {
            let rows = try closures(calendar, visitor, zone)
            if !rows.isEmpty { fields["closures"] = ["rows": rows] }
            fields["marking"] = CalendarMarking.script(visitor)
            fields["form_to_close"] = [
                "typed": closingFields(visitor, typed, today: max(week.monday, today), errors)
            ]
        }
        if try !visitor.signedIn.roles.isDisjoint(with: [.admin, .scheduler]) {
            fields["form_to_edit"] = ResourceForm.editing(resource, visitor, typed, errors)
        }
        if let done = visitor.request.query.text("done"),
            ["saved", "closed", "reopened"].contains(done)
        {
            fields["done"] = ["text": visitor.say("resources_done_\(done)")]
        }
        return try visitor.page(
            "resource", title: resource["name"]?.text ?? "", fields,
            status: errors.isEmpty || status != 200 ? status : 422, errors: errors)
    }

    /// The head, and the ways to other weeks.
    private static func frame(
        _ visitor: Visitor, _ id: ResourceID, _ resource: JSON, _ unit: JSON,
        _ week: CalendarWeek, today: CalendarDate
    ) throws -> [String: Any] {
        func address(_ day: CalendarDate) -> String { "/resources/\(id)?week=\(day.iso)" }
        let sunday = try week.monday.adding(days: 6)
        var fields: [String: Any] = [
            "address": "/resources/\(id)",
            "kind": visitor.say("resource_kind_\(resource["kind"]?.text ?? "")"),
            "unit": unit["name"]?.text ?? "",
            "opening": visitor.openingWords(resource["hours"]),
            "heading": visitor.say(
                "calendar_heading", resource["name"]?.text ?? "", "\(week.monday.week)"),
            "span": "\(visitor.language.date(week.monday)) – \(visitor.language.date(sunday))",
            "zone": week.zone.zone,
            "previous": address(try week.monday.adding(days: -7)),
            "this": address(today),
            "next": address(try week.monday.adding(days: 7)),
        ]
        if resource["active"]?.flag == false { fields["is_away"] = true }
        return fields
    }

    private static func closures(
        _ calendar: JSON, _ visitor: Visitor, _ zone: WallClock
    ) throws -> [[String: Any]] {
        try (calendar["closures"]?.elements ?? []).map { closure in
            let slot = try TimeSlot(shown: closure)
            return [
                "closure": closure["id"]?.text ?? "",
                "moment": visitor.language.span(slot.start, slot.end, in: zone),
                "reason": closure["reason"]?.text ?? "",
            ]
        }
    }

    private static func closingFields(
        _ visitor: Visitor, _ typed: FormFields?, today: CalendarDate, _ errors: FieldErrors
    ) -> [[String: Any]] {
        [
            ("closed_from", TypedField.Kind.date, today.iso), ("closed_from_time", .time, "08:00"),
            ("closed_until", .date, today.iso), ("closed_until_time", .time, "16:00"),
            ("reason", .text, ""),
        ].map { id, kind, usual in
            TypedField(
                id: id, label: id == "reason" ? "resource_reason" : "resource_\(id)", kind: kind,
                value: typed?.text(id) ?? usual
            ).fields(visitor, errors)
        }
    }

    static func save(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        try visitor.require([.admin, .scheduler])
        let form = visitor.request.form
        var errors = FieldErrors()
        let resource = try await visitor.market.resource(visitor.asking("getResource"), id).body
        guard let revision = form.text("revision").flatMap({ Int64($0) }) else {
            throw InvalidLink()
        }
        let details = ResourceForm.details(
            form, &errors, keeping: ResourceForm.kept(resource["hours"]))
        guard let details else { return try await show(visitor, id, form, errors, status: 422) }
        do {
            _ = try await visitor.market.updateResource(
                visitor.asking("updateResource"), id, revision: revision, details,
                isActive: form.text("active") == "yes")
        } catch let refusal as Refusal where refusal.code == .nameTaken {
            errors.add("name", "error_name_taken")
            return try await show(visitor, id, form, errors, status: 409)
        }
        return .see("/resources/\(id)?done=saved")
    }

    static func close(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        try visitor.require([.scheduler])
        let form = visitor.request.form
        var errors = FieldErrors()
        let resource = try await visitor.market.resource(visitor.asking("getResource"), id).body
        let unit = try await visitor.market.unit(
            visitor.asking("getUnit"), UnitID(typeID: resource["unit"]?.text ?? "")
        ).body
        let zone = try WallClock(zone: unit["time_zone"]?.text ?? "")
        let start = instant("closed_from", form, zone, &errors)
        let end = instant("closed_until", form, zone, &errors)
        let reason = errors.words(
            "reason", form.text("reason"), max: 200, tooLong: "error_resource_reason",
            missing: "error_resource_reason")
        if let start, let end, end <= start { errors.add("closed_until", "error_closed_until") }
        guard errors.isEmpty, let start, let end, let reason,
            let during = try? TimeSlot(start: start, end: end)
        else { return try await show(visitor, id, form, errors, status: 422) }
        do {
            _ = try await visitor.market.closeResource(
                visitor.asking("closeResource"), id, during: during, reason: reason)
        } catch is InvalidInput {
            errors.add("closed_until", "error_closed_until")
            return try await show(visitor, id, form, errors, status: 422)
        } catch let refusal as Refusal
            where [.resourceTaken, .resourceClosed].contains(refusal.code)
        {
            errors.add("closed_from", "error_\(refusal.code.rawValue)")
            return try await show(visitor, id, form, errors, status: 409)
        }
        return .see("/resources/\(id)?week=\(zone.date(of: start).iso)&done=closed")
    }

    private static func instant(
        _ name: String, _ form: FormFields, _ zone: WallClock, _ errors: inout FieldErrors
    ) -> Instant? {
        let day = errors.read(name, "error_date") {
            try CalendarDate(iso: form.text(name) ?? "")
        }
        let time = errors.read("\(name)_time", "error_time") {
            try TimeOfDay(form.text("\(name)_time") ?? "")
        }
        guard let day, let time else { return nil }
        return zone.instant(day, time)
    }

    static func reopen(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        try visitor.require([.scheduler])
        guard
            let closure = visitor.request.form.text("closure").flatMap({
                try? ResourceClosureID(typeID: $0)
            })
        else { throw InvalidLink() }
        _ = try await visitor.market.reopenResource(
            visitor.asking("reopenResource"), id, closure)
        return .see("/resources/\(id)?done=reopened")
    }

    /// What a booking takes, from its page.
    static func choose(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        try visitor.require([.scheduler])
        _ = try await visitor.market.chooseResources(
            visitor.asking("chooseResources"), for: id,
            ResourceChoice.chosen(visitor.request.form))
        return .see("/bookings/\(id)?done=resources")
    }

    private static func id(_ parameter: String) throws(InvalidLink) -> ResourceID {
        guard let id = try? ResourceID(typeID: parameter) else { throw InvalidLink() }
        return id
    }
}

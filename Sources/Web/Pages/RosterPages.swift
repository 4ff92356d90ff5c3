import Documents
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Time from a roster: a file first, then what it would change, then the button.
enum RosterPages {
    private static let address = "/roster"
    /// What fits in a form beside everything else.
    private static let mostBytes = 500_000

    static func show(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, [:])
    }

    private static func show(
        _ visitor: Visitor, _ more: [String: Any], errors: FieldErrors = FieldErrors(),
        status: Int = 200
    ) async throws -> PageReply {
        try visitor.require([.scheduler])
        let own = try await OwnSpecialist.all(visitor)
        let today = try visitor.signedIn.zone.date(of: visitor.signedIn.now)
        let form = visitor.request.form
        var fields: [String: Any] = [
            "example": own.first?.label ?? visitor.say("specialist"), "day": today.iso,
            "file": TypedField(
                id: "file", label: "roster_file", kind: .file, value: "",
                hint: "roster_file_hint"
            ).fields(visitor, errors),
            "dates": [
                ("first_day", today.iso), ("last_day", try today.adding(days: 30).iso),
            ].map {
                TypedField(
                    id: $0.0, label: "roster_\($0.0)", kind: .date,
                    value: form.text($0.0) ?? $0.1
                ).fields(visitor, errors)
            },
        ]
        if visitor.request.query.text("done") == "imported" {
            fields["done"] = [
                "text": visitor.say(
                    "roster_done", visitor.request.query.text("new") ?? "0",
                    visitor.request.query.text("gone") ?? "0")
            ]
        }
        return try visitor.page(
            "roster", title: visitor.say("roster_title"), fields.merging(more) { $1 },
            status: status, errors: errors)
    }

    /// Without the digest of a preview it shows that; with it, it does what was seen.
    static func load(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        var errors = FieldErrors()
        guard let roster = roster(visitor, &errors) else {
            return try await show(visitor, [:], errors: errors, status: 422)
        }
        do {
            guard let digest = visitor.request.form.text("digest") else {
                return try await show(
                    visitor, ["preview": try await preview(roster, visitor)])
            }
            let done = try await visitor.market.importRoster(
                visitor.asking("importRoster"), roster, digest: digest
            ).body
            return .see(
                "\(address)?done=imported&new=\(done["new"]?["shifts"]?.integer ?? 0)"
                    + "&gone=\(done["gone"]?["shifts"]?.integer ?? 0)")
        } catch let refused as RosterFile.Refused {
            errors.add("file", "error_roster")
            return try await show(
                visitor, ["mistakes": ["rows": mistakes(refused, visitor)]], errors: errors,
                status: 422)
        } catch let refusal as Refusal where refusal.code == .rosterChanged {
            errors.add(nil, "refusal_roster_changed")
            return try await show(
                visitor, ["preview": try await preview(roster, visitor)], errors: errors,
                status: 409)
        } catch let refusal as Refusal where refusal.code == .availabilityOverlaps {
            errors.add("file", "refusal_availability_overlaps")
            return try await show(visitor, [:], errors: errors, status: 409)
        }
    }

    private static func roster(
        _ visitor: Visitor, _ errors: inout FieldErrors
    ) -> Market.Roster? {
        let form = visitor.request.form
        let bytes = visitor.request.file("file") ?? form.text("table").map { Array($0.utf8) }
        if bytes == nil { errors.add("file", "error_roster_file") }
        if let bytes, bytes.count > mostBytes { errors.add("file", "error_roster_size") }
        let first = errors.read("first_day", "error_date") {
            try CalendarDate(iso: form.text("first_day") ?? "")
        }
        let last = errors.read("last_day", "error_date") {
            try CalendarDate(iso: form.text("last_day") ?? "")
        }
        guard let first, let last, let bytes, errors.isEmpty else { return nil }
        guard first <= last, last.days(since: first) < Market.Roster.mostDays else {
            errors.add("last_day", "error_roster_days")
            return nil
        }
        return Market.Roster(bytes: bytes, days: first...last)
    }

    private static func mistakes(
        _ refused: RosterFile.Refused, _ visitor: Visitor
    ) -> [[String: Any]] {
        refused.problems.prefix(100).map {
            [
                "line": "\($0.line)", "column": "\($0.column)",
                "text": visitor.say("roster_\($0.mistake.rawValue)"),
            ]
        }
    }

    private static func preview(
        _ roster: Market.Roster, _ visitor: Visitor
    ) async throws -> [String: Any] {
        let plan = try await visitor.market.previewRoster(
            visitor.asking("previewRoster"), roster
        ).body
        let own = try await OwnSpecialist.all(visitor)
        let sold = try await SoldInContract.all(visitor)
        let kept = try (plan["kept"]?.elements ?? []).map { visit -> [String: Any] in
            var fields = try BookingRow(visit["booking"] ?? .null, visitor, sold: sold).fields
            fields["place"] = visitor.say("change_\(visit["place"]?.text ?? "")")
            return fields
        }
        func first(_ key: String) throws -> [[String: Any]] {
            try (plan[key]?["first"]?.elements ?? []).prefix(30).map { shift in
                let label = try own.chosen(by: shift["specialist"]?.text)?.label ?? ""
                let day = visitor.language.date(
                    try CalendarDate(iso: shift["date"]?.text ?? ""))
                let times = try ["from", "to"].map {
                    visitor.language.time(try TimeOfDay(shift[$0]?.text ?? ""))
                }
                return ["text": "\(label): \(day) \(times.joined(separator: "–"))"]
            }
        }
        func number(_ json: JSON?) -> String { visitor.language.number("\(json?.integer ?? 0)") }
        return [
            "new": number(plan["new"]?["shifts"]), "new_first": try first("new"),
            "gone": number(plan["gone"]?["shifts"]), "gone_first": try first("gone"),
            "same": number(plan["same_shifts"]), "over": number(plan["over_shifts"]),
            "kept": kept, "has_kept": !kept.isEmpty, "digest": plan["digest"]?.text ?? "",
            "table": String(decoding: roster.bytes, as: UTF8.self),
            "first": roster.days.lowerBound.iso, "last": roster.days.upperBound.iso,
        ]
    }
}

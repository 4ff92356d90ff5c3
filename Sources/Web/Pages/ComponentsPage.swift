import Marketplace
import MoneyAndTime

/// The components that pages are made of, for those who maintain them. Only in a demo's database.
enum ComponentsPage {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        _ = try await visitor.market.demoPeople()
        var errors = FieldErrors()
        errors.add("wrong", "error_identity_code")
        let field = TypedField(
            id: "right", label: "find_from", kind: .date, value: "2027-03-01",
            hint: "find_from_hint")
        let wrong = TypedField(
            id: "wrong", label: "patient_reference", kind: .text, value: "131052-308T",
            hint: "patient_reference_hint")
        return try visitor.page(
            "components", title: visitor.say("components_title"),
            [
                "is_demo": true, "field": field.fields(visitor, errors),
                "wrong": wrong.fields(visitor, errors),
                "choice": Choice.field(
                    "choice", visitor.say("find_language"),
                    ["fi", "sv", "en"].map { Choice($0, visitor.say("language_\($0)")) },
                    selected: "sv"),
                "steps": [["text": visitor.say("trace_nobody_present")]],
                "label_of_tabs": visitor.say("availability_kinds"),
                "tabs": [
                    [
                        "address": "/components", "text": visitor.say("availability_weekly"),
                        "current": true,
                    ],
                    ["address": "/components", "text": visitor.say("availability_once")],
                ],
                "caption": visitor.say("bookings_title"), "rows": rows(visitor),
                "timegrid": true,
            ].merging(try week(visitor)) { $1 }, errors: errors)
    }

    /// A row of each look.
    private static func rows(_ visitor: Visitor) -> [[String: Any]] {
        [("booking_booked", true, "162.00"), ("booking_cancelled", false, "24.53")].map {
            state, isLive, price in
            [
                "address": "/components", "moment": "9–10",
                "service": visitor.say("visit_title"), "specialist": visitor.say("specialist"),
                "counterparty": visitor.say("side_seller"), "state": visitor.say(state),
                "is_live": isLive, "price": visitor.language.number(price),
            ]
        }
    }

    /// A week with a day of each kind, in which nothing can be marked.
    private static func week(_ visitor: Visitor) throws -> [String: Any] {
        let monday = try CalendarDate(iso: "2027-03-01")
        let zone = try WallClock.finnish
        let days = try (0..<7).map { try monday.adding(days: $0) }
        let grid = try TimeGrid(days, zone: zone, covering: [])
        func entry(
            _ kind: String, _ words: String, _ hours: Range<Int>, _ day: CalendarDate
        ) -> [String: Any] {
            let slot = zone.slot(on: day, minutes: hours.lowerBound * 60..<hours.upperBound * 60)
            return [
                "kind": kind, "span": "\(hours.lowerBound)–\(hours.upperBound)",
                "state": visitor.say(words),
                "place": slot.flatMap { grid.place(of: $0, on: day) } ?? "",
            ]
        }
        var fields = grid.fields
        fields["days"] = days.enumerated().map { index, day -> [String: Any] in
            var shown = grid.fields(of: day, visitor)
            shown["date"] = visitor.language.shortDate(day)
            shown["is_today"] = index == 1
            shown["has_none"] = index > 1
            guard index < 2 else { return shown }
            var window = entry("window", "calendar_published", 9..<13, day)
            window["address"] = "/components"
            window["has_entries"] = true
            window["entries"] = [
                entry("free", "calendar_free", 9..<12, day),
                entry("booked", "booking_booked", 12..<13, day),
            ]
            shown["windows"] = [window]
            shown["beside"] = ["entries": [entry("paused", "calendar_paused", 14..<15, day)]]
            return shown
        }
        return fields
    }
}

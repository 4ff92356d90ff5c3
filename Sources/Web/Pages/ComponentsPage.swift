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
                "days": try week(visitor),
            ], errors: errors)
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

    /// A week with a day of each kind.
    private static func week(_ visitor: Visitor) throws -> [[String: Any]] {
        let monday = try CalendarDate(iso: "2027-03-01")
        return try (0..<7).map { index in
            var day: [String: Any] = [
                "date": visitor.language.shortDate(try monday.adding(days: index)),
                "is_today": index == 1, "has_none": index > 1,
            ]
            guard index < 2 else { return day }
            let free: [String: Any] = [
                "kind": "free", "span": "9–12", "state": visitor.say("calendar_free"),
            ]
            let booked: [String: Any] = [
                "kind": "booked", "span": "12–13", "state": visitor.say("booking_booked"),
            ]
            day["windows"] = [
                [
                    "address": "/components", "span": "9–13", "has_entries": true,
                    "entries": [free, booked],
                ]
            ]
            return day
        }
    }
}

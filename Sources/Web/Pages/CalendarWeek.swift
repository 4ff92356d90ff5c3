import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// A week from Monday on, on the wall clock of one zone: the component "calendar week".
struct CalendarWeek: Sendable {
    let monday: CalendarDate
    let zone: WallClock

    /// The week in which a day lies. Throws at the ends of the calendar.
    init(of day: CalendarDate, zone: WallClock) throws {
        monday = try day.adding(days: 1 - day.weekday.rawValue)
        _ = try (monday.adding(days: -7), monday.adding(days: 14))
        self.zone = zone
    }

    /// From its first midnight to the last: an hour less or more where the clocks are changed.
    var slot: TimeSlot {
        get throws {
            let midnight = try TimeOfDay("00:00")
            return try TimeSlot(
                start: zone.instant(monday, midnight),
                end: zone.instant(monday.adding(days: 7), midnight))
        }
    }

    /// What the component shows of each day.
    func days(
        _ calendar: JSON, _ visitor: Visitor, sold: [SoldInContract]
    ) throws -> [[String: Any]] {
        let windows = try (calendar["windows"]?.elements ?? []).map { window in
            try (slot: TimeSlot(shown: window), id: window["availability"]?.text ?? "")
        }
        let taken = try (calendar["taken"]?.elements ?? []).map { taken in
            try (
                slot: TimeSlot(shown: taken["occupied"] ?? .null),
                row: BookingRow(taken["booking"] ?? .null, visitor, sold: sold)
            )
        }
        let free = try (calendar["free"]?.elements ?? []).map(TimeSlot.init(shown:))
        let today = try zone.date(of: visitor.signedIn.now)
        return try (0..<7).map { index in
            let day = try monday.adding(days: index)
            let own = windows.filter { self.day(of: $0.slot) == day }
            func entries(in window: TimeSlot) throws -> [[String: Any]] {
                let visits = try taken.filter { window.contains($0.slot) }.map {
                    ($0.slot.start, try visit($0.row, in: $0.slot, on: day, visitor))
                }
                let runs = free.filter(window.contains).map {
                    ($0.start, run($0, on: day, visitor))
                }
                return (visits + runs).sorted { $0.0 < $1.0 }.map(\.1)
            }
            let outside = taken.filter { taken in
                self.day(of: taken.slot) == day
                    && !windows.contains { $0.slot.contains(taken.slot) }
            }
            var fields: [String: Any] = [
                "date": visitor.language.shortDate(day), "is_today": day == today,
                "windows": try own.map { window -> [String: Any] in
                    let entries = try entries(in: window.slot)
                    return [
                        "address": "/availability/\(window.id)",
                        "span": visitor.language.times(window.slot, on: day, in: zone),
                        "has_entries": !entries.isEmpty, "entries": entries,
                    ]
                },
                "has_none": own.isEmpty && outside.isEmpty,
            ]
            if !outside.isEmpty {
                fields["outside"] = [
                    "entries": try outside.map {
                        try visit($0.row, in: $0.slot, on: day, visitor)
                    }
                ]
            }
            if let change = try change(on: day, visitor) { fields["change"] = ["text": change] }
            if own.isEmpty, day >= today { fields["coming"] = ["iso": day.iso] }
            return fields
        }
    }

    /// The day under which a slot stands: that of its start, or Monday where it came over from the
    /// week before.
    private func day(of slot: TimeSlot) -> CalendarDate { max(zone.date(of: slot.start), monday) }

    private func run(_ slot: TimeSlot, on day: CalendarDate, _ visitor: Visitor) -> [String: Any] {
        [
            "kind": "free", "span": visitor.language.times(slot, on: day, in: zone),
            "state": visitor.say("calendar_free"),
        ]
    }

    private func visit(
        _ row: BookingRow, in occupied: TimeSlot, on day: CalendarDate, _ visitor: Visitor
    ) throws -> [String: Any] {
        let planned = try TimeSlot(start: row.starts, end: row.ends)
        var fields: [String: Any] = [
            "kind": row.state, "span": visitor.language.times(planned, on: day, in: zone),
            "state": visitor.say("booking_\(row.state)"),
            "visit": [
                "address": "/bookings/\(row.id)",
                "counterparty": row.fields["counterparty"] ?? "",
                "service": row.fields["service"] ?? "",
            ],
        ]
        for (key, buffer) in try [
            ("before", row.starts.seconds(since: occupied.start)),
            ("buffer", occupied.end.seconds(since: row.ends)),
        ] where buffer > 0 {
            fields[key] = [
                "text": visitor.say(
                    "calendar_\(key)", visitor.language.length(seconds: buffer))
            ]
        }
        return fields
    }

    /// What a day on which the clocks are changed says of itself.
    private func change(on day: CalendarDate, _ visitor: Visitor) throws -> String? {
        let midnight = try TimeOfDay("00:00")
        let end = zone.instant(try day.adding(days: 1), midnight)
        let seconds = try end.seconds(since: zone.instant(day, midnight))
        guard seconds != 86_400 else { return nil }
        return visitor.say(seconds < 86_400 ? "calendar_clocks_on" : "calendar_clocks_back")
    }
}

extension TimeSlot {
    /// From `{"from", "until"}`.
    init(shown json: JSON) throws {
        try self.init(
            start: Instant(rfc3339: json["from"]?.text ?? ""),
            end: Instant(rfc3339: json["until"]?.text ?? ""))
    }
}

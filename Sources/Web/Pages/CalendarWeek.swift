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

    /// What the component shows: the axis, and each day. `whole`: all hours of the day.
    func fields(
        _ calendar: JSON, _ visitor: Visitor, sold: [SoldInContract], whole: Bool
    ) throws -> [String: Any] {
        let days = try (0..<7).map { try monday.adding(days: $0) }
        let content = try Content(calendar, visitor, zone, sold: sold)
        let grid = try TimeGrid(days, zone: zone, covering: content.all, whole: whole)
        let today = try zone.date(of: visitor.signedIn.now)
        var fields = grid.fields
        fields["days"] = try days.map { day in
            var fields = try self.fields(of: day, content, grid, visitor)
                .merging(grid.fields(of: day, visitor)) { $1 }
            fields["date"] = visitor.language.shortDate(day)
            fields["is_today"] = day == today
            if let change = try change(on: day, visitor) { fields["change"] = ["text": change] }
            if fields["has_windows"] == nil, day >= today { fields["coming"] = ["iso": day.iso] }
            return fields
        }
        return fields
    }

    private func fields(
        of day: CalendarDate, _ content: Content, _ grid: TimeGrid, _ visitor: Visitor
    ) throws -> [String: Any] {
        let own = content.windows.filter { self.day(of: $0.slot) == day }
        func entries(in window: TimeSlot) throws -> [[String: Any]] {
            let visits = try content.taken.filter { window.contains($0.slot) }.map {
                ($0.slot.start, try visit($0.row, in: $0.slot, on: day, grid, visitor))
            }
            let runs = content.free.filter(window.contains).map { run in
                (
                    run.start,
                    entry("free", run, visitor.say("calendar_free"), on: day, grid, visitor)
                )
            }
            return (visits + runs).sorted { $0.0 < $1.0 }.map(\.1)
        }
        let outside = try content.taken.filter { taken in
            self.day(of: taken.slot) == day
                && !content.windows.contains { $0.slot.contains(taken.slot) }
        }.map { try visit($0.row, in: $0.slot, on: day, grid, visitor) }
        let beside = content.beside.filter { self.day(of: $0.slot) == day }.map { other in
            var fields = entry(other.kind, other.slot, other.words, on: day, grid, visitor)
            if let address = other.address { fields["link"] = ["address": address] }
            return fields
        }
        var fields: [String: Any] = [
            "windows": try own.map { window -> [String: Any] in
                let entries = try entries(in: window.slot)
                return [
                    "address": "/availability/\(window.id)",
                    "span": visitor.language.times(window.slot, on: day, in: zone),
                    "place": grid.place(of: window.slot, on: day) ?? "",
                    "has_entries": !entries.isEmpty, "entries": entries,
                ]
            },
            "has_none": own.isEmpty && outside.isEmpty,
            // what came over from the day before
            "pieces": content.all(besides: day, self.day).compactMap { piece in
                grid.place(of: piece.slot, on: day).map { ["kind": piece.kind, "place": $0] }
            },
        ]
        if !own.isEmpty { fields["has_windows"] = true }
        if !outside.isEmpty { fields["outside"] = ["entries": outside] }
        if !beside.isEmpty { fields["beside"] = ["entries": beside] }
        return fields
    }

    /// The day under which a slot stands: that of its start, or Monday where it came over from the
    /// week before.
    private func day(of slot: TimeSlot) -> CalendarDate { max(zone.date(of: slot.start), monday) }

    private func entry(
        _ kind: String, _ slot: TimeSlot, _ words: String, on day: CalendarDate,
        _ grid: TimeGrid, _ visitor: Visitor
    ) -> [String: Any] {
        [
            "kind": kind, "span": visitor.language.times(slot, on: day, in: zone),
            "state": words, "place": grid.place(of: slot, on: day) ?? "",
        ]
    }

    private func visit(
        _ row: BookingRow, in occupied: TimeSlot, on day: CalendarDate, _ grid: TimeGrid,
        _ visitor: Visitor
    ) throws -> [String: Any] {
        let planned = try TimeSlot(start: row.starts, end: row.ends)
        var fields = entry(
            row.state, planned, visitor.say("booking_\(row.state)"), on: day, grid, visitor)
        fields["link"] = ["address": "/bookings/\(row.id)"]
        fields["visit"] = [
            "counterparty": row.fields["counterparty"] ?? "",
            "service": row.fields["service"] ?? "",
        ]
        // the time that a visit takes in a block is the block's
        for (key, buffer) in try [
            ("before", row.starts.seconds(since: occupied.start)),
            ("buffer", occupied.end.seconds(since: row.ends)),
        ] where buffer > 0 && row.fields["block"] == nil {
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

extension CalendarWeek {
    /// What a calendar of the API says, read.
    fileprivate struct Content {
        typealias Other = (slot: TimeSlot, kind: String, words: String, address: String?)

        let windows: [(slot: TimeSlot, id: String)]
        let taken: [(slot: TimeSlot, row: BookingRow)]
        let free: [TimeSlot]
        /// Blocks and group sessions, and why other time is not for sale.
        let beside: [Other]

        init(
            _ calendar: JSON, _ visitor: Visitor, _ zone: WallClock, sold: [SoldInContract]
        ) throws {
            func all(_ key: String) -> [JSON] { calendar[key]?.elements ?? [] }
            windows = try all("windows").map {
                (try TimeSlot(shown: $0), $0["availability"]?.text ?? "")
            }
            // a session with several stands beside, once
            taken = try all("taken").filter {
                $0["booking"]?["group_session"]?.text == nil
            }.map { taken in
                (
                    try TimeSlot(shown: taken["occupied"] ?? .null),
                    try BookingRow(taken["booking"] ?? .null, visitor, sold: sold)
                )
            }
            free = try all("free").map(TimeSlot.init(shown:))
            let specialist = calendar["specialist"]?.text ?? ""
            let blocks = try all("blocks").map { block -> Other in
                let state = visitor.say("block_state_\(block["state"]?.text ?? "")")
                return (
                    try TimeSlot(shown: block), "block",
                    "\(visitor.say("calendar_block")) (\(state))",
                    "/blocks/\(block["block"]?.text ?? "")"
                )
            }
            let sessions = try all("group_sessions").map { session -> Other in
                (
                    try TimeSlot(shown: session), "block", visitor.say("session_title"),
                    "/sessions/\(session["group_session"]?.text ?? "")"
                )
            }
            let away = try all("away").map { away -> Other in
                let why = away["why"]?.text ?? ""
                let slot = try TimeSlot(shown: away)
                var address: String?
                if why == "busy" { address = "/busy-calendar?specialist=\(specialist)" }
                if why == "paused" {
                    address = SalePausePages.address(of: specialist, slot, zone)
                }
                return (slot, why, visitor.say("calendar_\(why)"), address)
            }
            beside = (blocks + sessions + away).sorted { $0.slot.start < $1.slot.start }
        }

        /// All that needs rows of the axis; who is away for days needs none.
        var all: [TimeSlot] {
            windows.map(\.slot) + taken.map(\.slot)
                + beside.filter { $0.kind == "block" || $0.kind == "paused" }.map(\.slot)
        }

        /// What stands under another day.
        func all(
            besides day: CalendarDate, _ owner: (TimeSlot) -> CalendarDate
        ) -> [(slot: TimeSlot, kind: String)] {
            let own = windows.map { ($0.slot, "window") }
            return (own + beside.map { ($0.slot, $0.kind) }).filter { owner($0.0) != day }
        }
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

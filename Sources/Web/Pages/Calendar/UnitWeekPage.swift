import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The week of a unit: each specialist a row, each day a strip with what is for sale, taken and not
/// for sale, and a link into the specialist's day.
enum UnitWeekPage {
    /// The unit, as the API lists it.
    private struct OwnUnit: Sendable {
        let id: UnitID
        let name: String
        let zone: WallClock

        static func all(_ visitor: Visitor) async throws -> [OwnUnit] {
            try await visitor.every {
                try await visitor.market.listUnits(visitor.asking("listUnits"), page: $0)
            }.map { unit in
                OwnUnit(
                    id: try UnitID(typeID: unit["id"]?.text ?? ""),
                    name: unit["name"]?.text ?? "",
                    zone: try WallClock(zone: unit["time_zone"]?.text ?? ""))
            }
        }
    }

    static func show(_ visitor: Visitor, unit asked: String) async throws -> PageReply {
        let units = try await OwnUnit.all(visitor)
        guard let unit = units.first(where: { $0.id.description == asked }) else {
            throw InvalidLink()
        }
        let today = try unit.zone.date(of: visitor.signedIn.now)
        var errors = FieldErrors()
        let typed = visitor.request.query.text("week")
        let read = errors.read("week", "error_date") {
            try typed.map { try CalendarWeek(of: CalendarDate(iso: $0), zone: unit.zone) }
        }
        let week = try (read ?? nil) ?? CalendarWeek(of: today, zone: unit.zone)
        let slot = try week.slot
        let calendar = try await visitor.market.unitCalendar(
            visitor.asking("getUnitCalendar"), of: unit.id, from: slot.start, until: slot.end
        ).body
        func address(_ day: CalendarDate) -> String {
            "/calendar?unit=\(unit.id)&week=\(day.iso)"
        }
        var fields: [String: Any] = [
            "timegrid": true,
            "unit_choice": Choice.field(
                "unit", visitor.say("unit_week_unit"),
                units.map { Choice($0.id.description, $0.name) },
                selected: unit.id.description),
            "week": TypedField(
                id: "week", label: "calendar_week", kind: .date,
                value: typed ?? week.monday.iso
            ).fields(visitor, errors),
            "heading": visitor.say("calendar_heading", unit.name, "\(week.monday.week)"),
            "zone": unit.zone.zone,
            "previous": address(try week.monday.adding(days: -7)), "this": address(today),
            "next": address(try week.monday.adding(days: 7)),
        ]
        fields.merge(try strips(of: calendar, week, today: today, visitor)) { $1 }
        return try visitor.page(
            "calendar_unit", title: visitor.say("calendar_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    private static func strips(
        of calendar: JSON, _ week: CalendarWeek, today: CalendarDate, _ visitor: Visitor
    ) throws -> [String: Any] {
        let days = try (0..<7).map { try week.monday.adding(days: $0) }
        let people = try (calendar["specialists"]?.elements ?? []).map(SpecialistWeek.init)
        let grid = try TimeGrid(
            days, zone: week.zone, covering: people.flatMap(\.wanted))
        return [
            "heads": days.map { day -> [String: Any] in
                ["date": visitor.language.shortDate(day), "is_today": day == today]
            },
            "box": "0 0 \(grid.minutes) 20",
            "caption": visitor.say(
                "unit_week_caption", "\(grid.ends.from)", "\(grid.ends.until)"),
            "nobody": people.isEmpty,
            "people": people.map { person -> [String: Any] in
                let address = "/calendar?specialist=\(person.id)&week="
                return [
                    "label": person.label, "address": address + week.monday.iso,
                    "strips": days.map { day -> [String: Any] in
                        var strip = person.strip(on: day, grid, visitor)
                        strip["date"] = visitor.language.shortDate(day)
                        strip["address"] = address + "\(day.iso)#day-\(day.iso)"
                        return strip
                    },
                ]
            },
        ]
    }
}

/// A specialist's week, as the calendar of a unit has it.
private struct SpecialistWeek: Sendable {
    let id: String
    let label: String
    private let windows: [TimeSlot]
    private let taken: [(slot: TimeSlot, kind: String)]
    private let blocks: [TimeSlot]
    private let away: [(slot: TimeSlot, kind: String)]

    init(_ json: JSON) throws {
        func all(_ key: String) -> [JSON] { json[key]?.elements ?? [] }
        id = json["specialist"]?.text ?? ""
        label = json["label"]?.text ?? ""
        windows = try all("windows").map(TimeSlot.init(shown:))
        taken = try all("taken").map { (try TimeSlot(shown: $0), $0["state"]?.text ?? "") }
        blocks = try all("blocks").map(TimeSlot.init(shown:))
        away = try all("away").map { (try TimeSlot(shown: $0), $0["why"]?.text ?? "") }
    }

    /// What the axis has to have hours for; who is away for days needs none.
    var wanted: [TimeSlot] { windows + blocks + taken.map(\.slot) }

    /// Stretches in the order in which they are drawn, and what they are in words.
    func strip(on day: CalendarDate, _ grid: TimeGrid, _ visitor: Visitor) -> [String: Any] {
        let all =
            windows.map { ($0, "window") } + away.map { ($0.slot, $0.kind) }
            + blocks.map { ($0, "block") } + taken.map { ($0.slot, $0.kind) }
        let bars = all.compactMap { slot, kind -> [String: Any]? in
            grid.span(of: slot, on: day).map {
                ["kind": kind, "x": "\($0.lowerBound)", "width": "\($0.count)"]
            }
        }
        guard !bars.isEmpty else { return ["is_empty": true] }
        return ["bars": ["bar": bars], "lines": words(on: day, grid, visitor).map { ["text": $0] }]
    }

    private func words(
        on day: CalendarDate, _ grid: TimeGrid, _ visitor: Visitor
    ) -> [String] {
        func isThere(_ slot: TimeSlot) -> Bool { grid.span(of: slot, on: day) != nil }
        var words: [String] = []
        let own = windows.filter { grid.zone.date(of: $0.start) == day }
        if let first = own.first, let last = own.last,
            let whole = try? TimeSlot(start: first.start, end: last.end)
        {
            words.append(visitor.language.times(whole, on: day, in: grid.zone))
        }
        if blocks.contains(where: isThere) { words.append(visitor.say("calendar_block")) }
        let kinds = [(["booked", "closed"], "unit_week_booked"), (["held"], "unit_week_held")]
        for (states, key) in kinds {
            let count = taken.count { states.contains($0.kind) && isThere($0.slot) }
            if count > 0 { words.append(visitor.say(key, "\(count)")) }
        }
        for why in ["absent", "busy", "paused"]
        where away.contains(where: { $0.kind == why && isThere($0.slot) }) {
            words.append(visitor.say("calendar_\(why)"))
        }
        return words
    }
}

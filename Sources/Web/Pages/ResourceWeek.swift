import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// What a week of a room or of staff shows of each day: the visits that take it, when it is closed,
/// and its opening hours.
struct ResourceWeek {
    private let week: CalendarWeek
    private let calendar: JSON

    init(_ week: CalendarWeek, _ calendar: JSON) {
        self.week = week
        self.calendar = calendar
    }

    /// What the component shows: the axis, and each day.
    func fields(_ visitor: Visitor) async throws -> [String: Any] {
        let entries = try await entries(visitor)
        let days = try (0..<7).map { try week.monday.adding(days: $0) }
        let grid = try TimeGrid(days, zone: week.zone, covering: entries.map(\.slot))
        let today = try week.zone.date(of: visitor.signedIn.now)
        let midnight = try TimeOfDay(minuteOfDay: 0)
        var fields = grid.fields
        fields["days"] = try days.map { day -> [String: Any] in
            let whole = try TimeSlot(
                start: week.zone.instant(day, midnight),
                end: week.zone.instant(day.adding(days: 1), midnight))
            let shown = entries.compactMap { entry -> [String: Any]? in
                guard let part = entry.slot.intersection(whole),
                    let place = grid.place(of: entry.slot, on: day)
                else { return nil }
                let span = entry.isWhole ? entry.slot : part
                return entry.fields.merging([
                    "place": place, "span": visitor.language.times(span, on: day, in: week.zone),
                ]) { $1 }
            }
            var said = visitor.openingWords(calendar["resource"]?["hours"], on: day.weekday)
            if shown.isEmpty { said += ". \(visitor.say("resource_free"))" }
            var fields = grid.fields(of: day, visitor)
            fields["date"] = visitor.language.shortDate(day)
            fields["is_today"] = day == today
            fields["change"] = ["text": said]
            if !shown.isEmpty { fields["beside"] = ["entries": shown] }
            return fields
        }
        return fields
    }

    /// What takes it or closes it, in order.
    private struct Entry {
        let slot: TimeSlot
        /// Whether it is said from its own beginning to its own end on each of its days.
        let isWhole: Bool
        let fields: [String: Any]
    }

    private func entries(_ visitor: Visitor) async throws -> [Entry] {
        let sold = try await SoldInContract.all(visitor)
        let visits = try (calendar["bookings"]?.elements ?? []).map { booking in
            let row = try BookingRow(booking, visitor, sold: sold)
            return Entry(
                slot: try TimeSlot(start: row.starts, end: row.ends), isWhole: true,
                fields: [
                    "kind": row.state, "state": visitor.say("booking_\(row.state)"),
                    "link": ["address": "/bookings/\(row.id)"],
                    "visit": [
                        "counterparty": row.fields["counterparty"] ?? "",
                        "service": row.fields["service"] ?? "",
                    ],
                ])
        }
        let closures = try (calendar["closures"]?.elements ?? []).map { closure in
            Entry(
                slot: try TimeSlot(shown: closure), isWhole: false,
                fields: [
                    "kind": "shut",
                    "state": visitor.say("resource_closed_for", closure["reason"]?.text ?? ""),
                ])
        }
        let blocks = try (calendar["blocks"]?.elements ?? []).map { block in
            Entry(
                slot: try TimeSlot(shown: block), isWhole: true,
                fields: ["kind": "shut", "state": visitor.say("resource_named_in_block")])
        }
        return (visits + closures + blocks).sorted { $0.slot.start < $1.slot.start }
    }
}

extension Visitor {
    /// Opening hours in words, of the whole week or of one day of it.
    func openingWords(_ hours: JSON?, on day: Weekday? = nil) -> String {
        guard let stretches = hours?.elements else { return say("resource_always") }
        let words = Weekday.allCases.filter { day == nil || $0 == day }.compactMap {
            weekday -> String? in
            let times = stretches.filter { $0["weekday"]?.text == weekday.word }.map {
                "\(timeWords($0["from"]))–\(timeWords($0["until"]))"
            }
            guard !times.isEmpty else { return nil }
            let all = times.joined(separator: ", ")
            return day == nil ? "\(say("weekday_\(weekday.word)")) \(all)" : all
        }
        return words.isEmpty ? say("resource_not_open") : words.joined(separator: "; ")
    }

    private func timeWords(_ time: JSON?) -> String {
        guard let text = time?.text, let time = try? TimeOfDay(text) else { return "" }
        return language.time(time)
    }
}

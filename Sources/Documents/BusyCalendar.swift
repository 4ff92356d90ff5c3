import MoneyAndTime

/// The busy times of a calendar (RFC 5545), as Outlook, Exchange, Google and others publish them:
/// events and free/busy times. Names, places and notes are not even looked at.
package struct BusyCalendar: Hashable, Sendable {
    /// More than any calendar of one person has.
    package static let mostParts = 5_000

    package enum Problem: Error, Hashable, Sendable {
        /// It is no calendar.
        case noCalendar
        case tooManyParts
    }

    /// In order; none touches another. Those that reach over an end of the stretch are cut there.
    package let busy: [TimeSlot]
    /// Events of which it is not known when they are: recurrence rules of other kinds, zones that
    /// nobody knows, times that cannot be read. Of the first kind the first time is among `busy`.
    package let unread: Int

    /// What is busy in a stretch of time. `floating` is the clock of times that name no zone.
    package init(
        _ bytes: [UInt8], in stretch: TimeSlot, floating: WallClock
    ) throws {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw Problem.noCalendar
        }
        let parts = try Self.parts(CalendarLine.all(text))
        var (slots, unread): ([TimeSlot], Int) = ([], 0)
        let moved = Self.moved(parts, floating)
        for part in parts {
            let read =
                part.kind == .freeBusy
                ? Self.freeBusy(part, floating)
                : try Self.event(part, in: stretch, floating, without: moved)
            slots += read.slots
            if !read.isWhole { unread += 1 }
        }
        self.unread = unread
        busy = Self.merged(
            slots.compactMap { slot in
                try? TimeSlot(
                    start: max(slot.start, stretch.start), end: min(slot.end, stretch.end))
            })
    }

    private struct Part {
        enum Kind { case event, freeBusy }

        let kind: Kind
        var lines: [CalendarLine] = []

        func first(_ name: String) -> CalendarLine? { lines.first { $0.name == name } }
        func all(_ name: String) -> [CalendarLine] { lines.filter { $0.name == name } }
    }

    /// Events and free/busy times; what is inside of them, such as alarms, is left out.
    private static func parts(_ lines: [CalendarLine]) throws(Problem) -> [Part] {
        var (parts, open): ([Part], [String]) = ([], [])
        var current: Part?
        var isCalendar = false
        for line in lines {
            if line.name == "BEGIN" {
                let kind = line.value.uppercased()
                open.append(kind)
                if open == ["VCALENDAR"] { isCalendar = true }
                if open == ["VCALENDAR", "VEVENT"] { current = Part(kind: .event) }
                if open == ["VCALENDAR", "VFREEBUSY"] { current = Part(kind: .freeBusy) }
            } else if line.name == "END" {
                if open.count == 2, let part = current {
                    parts.append(part)
                    current = nil
                    guard parts.count <= mostParts else { throw .tooManyParts }
                }
                guard open.popLast() == line.value.uppercased() else { throw .noCalendar }
            } else if open.count == 2 {
                current?.lines.append(line)
            }
        }
        guard isCalendar, open.isEmpty else { throw .noCalendar }
        return parts
    }

    /// Overlapping and touching ones become one.
    private static func merged(_ slots: [TimeSlot]) -> [TimeSlot] {
        var merged: [TimeSlot] = []
        for slot in slots.sorted(by: { $0.start < $1.start }) {
            if let last = merged.last, slot.start <= last.end {
                if last.end < slot.end,
                    let longer = try? TimeSlot(start: last.start, end: slot.end)
                {
                    merged[merged.count - 1] = longer
                }
            } else {
                merged.append(slot)
            }
        }
        return merged
    }

    // MARK: Events

    private static func time(_ line: CalendarLine, _ floating: WallClock) -> CalendarTime? {
        CalendarTime(line.value, zone: line.parameters["TZID"], floating: floating)
    }

    private static func times(_ line: CalendarLine, _ floating: WallClock) -> [CalendarTime?] {
        line.value.split(separator: ",").map {
            CalendarTime(String($0), zone: line.parameters["TZID"], floating: floating)
        }
    }

    /// Single times of repeated events that have an event of their own instead, by event.
    private static func moved(
        _ parts: [Part], _ floating: WallClock
    ) -> [String: Set<Instant>] {
        var moved: [String: Set<Instant>] = [:]
        for part in parts {
            if let id = part.first("UID")?.value, let line = part.first("RECURRENCE-ID"),
                let instant = try? time(line, floating)?.instant()
            {
                moved[id, default: []].insert(instant)
            }
        }
        return moved
    }

    /// Whether who keeps the calendar is not there at the time.
    private static func isBusy(_ event: Part) -> Bool {
        if event.first("STATUS")?.value.uppercased() == "CANCELLED" { return false }
        if event.first("X-MICROSOFT-CDO-BUSYSTATUS")?.value.uppercased() == "FREE" { return false }
        return event.first("TRANSP")?.value.uppercased() != "TRANSPARENT"
    }

    /// In seconds of the wall clock: no event lasts longer than 400 days.
    private static let longestEvent: Int64 = 400 * 86_400

    private static func event(
        _ event: Part, in stretch: TimeSlot, _ floating: WallClock,
        without moved: [String: Set<Instant>]
    ) throws -> (slots: [TimeSlot], isWhole: Bool) {
        // a visit of the market's own came here from an invitation or a feed: it is booked there
        let isOwn = event.first("UID").map { (try? BookingID(typeID: $0.value)) != nil } ?? false
        guard isBusy(event), !isOwn else { return ([], true) }
        guard let line = event.first("DTSTART"), let start = time(line, floating),
            let length = try length(of: event, from: start, floating),
            length <= longestEvent
        else { return ([], false) }
        guard length > 0 else { return ([], true) }
        func slot(_ time: CalendarTime) throws -> TimeSlot? {
            try? TimeSlot(
                start: time.instant(), end: time.adding(wallSeconds: length).instant())
        }
        let rules = event.all("RRULE")
        let repeats = rules.first.flatMap { CalendarRepeats($0.value, floating: floating) }
        var isWhole = rules.isEmpty || rules.count == 1 && repeats != nil
        var starts = [start]
        if let repeats, isWhole {
            let before = stretch.start.microseconds / 1_000_000 - length - 2 * 86_400
            let first = floating.date(of: Instant(microseconds: before * 1_000_000))
            let days = try repeats.days(
                of: start, from: first,
                through: floating.date(of: stretch.end).adding(days: 1))
            if let days { starts = days.map(start.on) } else { isWhole = false }
        }
        for line in event.all("RDATE") {
            let times = times(line, floating)
            if times.contains(nil) { isWhole = false }
            starts += times.compactMap { $0 }
        }
        var without: Set<Instant> = []
        if event.first("RECURRENCE-ID") == nil, let id = event.first("UID")?.value {
            without = moved[id] ?? []
        }
        var withoutDays: Set<CalendarDate> = []
        for line in event.all("EXDATE") {
            for time in times(line, floating) {
                guard let time else {
                    isWhole = false
                    continue
                }
                if time.isDay { withoutDays.insert(time.date) }
                without.insert(try time.instant())
            }
        }
        let slots = try starts.filter { !withoutDays.contains($0.date) }.compactMap(slot)
            .filter { !without.contains($0.start) }
        return (slots, isWhole)
    }

    /// In seconds of the wall clock; nil where it cannot be read.
    private static func length(
        of event: Part, from start: CalendarTime, _ floating: WallClock
    ) throws -> Int64? {
        if let line = event.first("DTEND") {
            guard let end = time(line, floating) else { return nil }
            return try start.wallSeconds(to: end)
        }
        if let line = event.first("DURATION") { return CalendarLength.seconds(line.value) }
        return start.isDay ? 86_400 : 0
    }

    // MARK: Free and busy

    private static func freeBusy(
        _ part: Part, _ floating: WallClock
    ) -> (slots: [TimeSlot], isWhole: Bool) {
        var (slots, isWhole): ([TimeSlot], Bool) = ([], true)
        for line in part.all("FREEBUSY")
        where line.parameters["FBTYPE"]?.uppercased() != "FREE" {
            for period in line.value.split(separator: ",") {
                let halves = period.split(separator: "/").map(String.init)
                guard halves.count == 2,
                    let start = CalendarTime(halves[0], zone: nil, floating: floating),
                    let slot = try? slot(from: start, halves[1], floating)
                else {
                    isWhole = false
                    continue
                }
                slots.append(slot)
            }
        }
        return (slots, isWhole)
    }

    /// To an instant, or for a length.
    private static func slot(
        from start: CalendarTime, _ rest: String, _ floating: WallClock
    ) throws -> TimeSlot? {
        if let end = CalendarTime(rest, zone: nil, floating: floating) {
            return try TimeSlot(start: start.instant(), end: end.instant())
        }
        guard let seconds = CalendarLength.seconds(rest) else { return nil }
        return try TimeSlot(
            start: start.instant(), end: start.instant().adding(seconds: seconds))
    }
}

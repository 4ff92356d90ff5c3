import MoneyAndTime

/// A moment at which a visit may start: any length L with `starts + L <= freeUntil` fits, and what
/// must be free before it is.
package struct StartTime: Hashable, Sendable {
    package let starts: Instant
    /// The end of the free run, less the buffer that must follow a visit.
    package let freeUntil: Instant

    package init(starts: Instant, freeUntil: Instant) {
        self.starts = starts
        self.freeUntil = freeUntil
    }
}

/// The projection that search reads, as a pure function: the measure of what SQL keeps.
package enum StartTimes {
    /// The starts of a window's grid from which at least the shortest visit fits, given what is
    /// occupied (other reservations with their own buffers, in any order, overlapping or not).
    package static func project(
        _ window: OfferedWindow, occupied: [TimeSlot]
    ) throws -> [StartTime] {
        var starts: [StartTime] = []
        for run in try freeRuns(of: window.slot, without: occupied) {
            let freeUntil = try run.end.adding(seconds: -window.terms.bufferAfterMinutes * 60)
            let earliest = try run.start.adding(seconds: window.terms.bufferBeforeMinutes * 60)
            var start = try firstGridStart(of: window, from: earliest)
            while try start.adding(seconds: window.terms.shortestMinutes * 60) <= freeUntil {
                starts.append(StartTime(starts: start, freeUntil: freeUntil))
                start = try start.adding(seconds: window.terms.grid.seconds)
            }
        }
        return starts
    }

    /// What is left of `window`, as maximal free runs in order of time.
    package static func freeRuns(
        of window: TimeSlot, without occupied: [TimeSlot]
    ) throws -> [TimeSlot] {
        var runs: [TimeSlot] = []
        var free = window.start
        let inside = occupied.filter { $0.overlaps(window) }
        for range in inside.sorted(by: { $0.start < $1.start }) {
            if free < range.start {
                runs.append(try TimeSlot(start: free, end: range.start))
            }
            free = max(free, range.end)
        }
        if free < window.end {
            runs.append(try TimeSlot(start: free, end: window.end))
        }
        return runs
    }

    private static func firstGridStart(
        of window: OfferedWindow, from instant: Instant
    ) throws -> Instant {
        let grid = window.terms.grid.seconds * 1_000_000
        let offset = instant.microseconds - window.slot.start.microseconds
        let steps = offset / grid + (offset % grid == 0 ? 0 : 1)
        return try window.slot.start.adding(seconds: steps * window.terms.grid.seconds)
    }
}

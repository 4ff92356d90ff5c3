import MoneyAndTime

/// A stretch of time in which a specialist who was for sale is not there.
package struct Absence: Hashable, Sendable {
    package static let longestDays: Int64 = 62

    package let during: TimeSlot

    package init(during: TimeSlot) {
        self.during = during
    }

    /// What stays for sale of a window: its time before the absence, and that after it from the
    /// next start of its grid on, so that no start moves.
    package func rest(of window: OfferedWindow) throws -> [TimeSlot] {
        let slot = window.slot
        guard slot.overlaps(during) else { return [slot] }
        var rest: [TimeSlot] = []
        if slot.start < during.start {
            rest.append(try TimeSlot(start: slot.start, end: during.start))
        }
        if during.end < slot.end {
            let grid = window.terms.grid.seconds * 1_000_000
            let offset = during.end.microseconds - slot.start.microseconds
            let steps = (offset + grid - 1) / grid
            let start = try slot.start.adding(seconds: steps * window.terms.grid.seconds)
            if start < slot.end { rest.append(try TimeSlot(start: start, end: slot.end)) }
        }
        return rest
    }

    /// A colleague who could hold a visit, and the time that it would take of theirs.
    package struct Colleague: Hashable, Sendable {
        package let specialist: SpecialistID
        package let occupied: TimeSlot

        package init(specialist: SpecialistID, occupied: TimeSlot) {
            self.specialist = specialist
            self.occupied = occupied
        }
    }

    /// For each visit the first colleague of its own who is not given another visit at that time;
    /// nil where nobody is left. Visits that come first are given first.
    package static func assign(_ visits: [[Colleague]]) -> [SpecialistID?] {
        var given: [Colleague] = []
        return visits.map { colleagues in
            let free = colleagues.first { colleague in
                !given.contains {
                    $0.specialist == colleague.specialist
                        && $0.occupied.overlaps(colleague.occupied)
                }
            }
            if let free { given.append(free) }
            return free?.specialist
        }
    }
}

import MoneyAndTime

/// How visits may lie in a published window: all lengths in minutes.
package struct OfferTerms: Hashable, Sendable {
    package static let longestVisitMinutes: Int64 = 1_440
    package static let longestBufferMinutes: Int64 = 240

    /// Codes of the contract services that the time is for; nil means any.
    package let services: Set<String>?
    package let grid: StartGrid
    package let shortestMinutes: Int64
    package let longestMinutes: Int64
    /// Kept free after each visit, for writing the record and a pause; inside the window.
    package let bufferMinutes: Int64

    package init(
        services: Set<String>? = nil, grid: StartGrid, shortestMinutes: Int64,
        longestMinutes: Int64, bufferMinutes: Int64
    ) throws(AvailabilityRefusal) {
        if let services, services.isEmpty { throw .servicesMissing }
        guard shortestMinutes >= 1, shortestMinutes <= longestMinutes,
            longestMinutes <= Self.longestVisitMinutes
        else { throw .lengthsOutOfRange(longestMinutes: Self.longestVisitMinutes) }
        guard (0...Self.longestBufferMinutes).contains(bufferMinutes) else {
            throw .bufferOutOfRange(longestMinutes: Self.longestBufferMinutes)
        }
        self.services = services
        self.grid = grid
        self.shortestMinutes = shortestMinutes
        self.longestMinutes = longestMinutes
        self.bufferMinutes = bufferMinutes
    }
}

/// The distance of starts that are offered, counted from the start of the window.
package enum StartGrid: Int64, Hashable, Sendable, CaseIterable {
    case five = 5
    case ten = 10
    case fifteen = 15
    case thirty = 30
    case sixty = 60

    package var seconds: Int64 { rawValue * 60 }
}

/// A window of published time, as it was expanded, with the terms of its rule.
package struct OfferedWindow: Hashable, Sendable {
    package let slot: TimeSlot
    package let terms: OfferTerms

    package init(slot: TimeSlot, terms: OfferTerms) {
        self.slot = slot
        self.terms = terms
    }

    /// The range that a visit would occupy here, buffer included; nil when this window does not
    /// offer it: another service, another length, off the grid, or not inside.
    package func occupied(by planned: TimeSlot, service: String) throws -> TimeSlot? {
        if let services = terms.services, !services.contains(service) { return nil }
        let shortest = terms.shortestMinutes * 60_000_000
        let longest = terms.longestMinutes * 60_000_000
        let length = try planned.end.microseconds.subtracting(planned.start.microseconds)
        guard (shortest...longest).contains(length) else { return nil }
        let occupied = try TimeSlot(
            start: planned.start, end: planned.end.adding(seconds: terms.bufferMinutes * 60))
        guard slot.contains(occupied) else { return nil }
        let offset = planned.start.microseconds - slot.start.microseconds
        guard offset % (terms.grid.seconds * 1_000_000) == 0 else { return nil }
        return occupied
    }
}

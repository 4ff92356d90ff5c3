import MoneyAndTime

/// How visits may lie in a published window: all lengths in minutes.
package struct OfferTerms: Hashable, Sendable {
    package static let longestVisitMinutes: Int64 = 1_440
    package static let longestBufferMinutes: Int64 = 240
    package static let mostContracts = 100

    /// Codes of the contract services that the time is for; nil means any.
    package let services: Set<String>?
    /// The seller's contracts that may see the time and book it; nil means all.
    package let contracts: Set<ContractID>?
    package let grid: StartGrid
    package let shortestMinutes: Int64
    package let longestMinutes: Int64
    /// Kept free before each visit, to prepare it; inside the window.
    package let bufferBeforeMinutes: Int64
    /// Kept free after each visit, for writing the record and a pause; inside the window.
    package let bufferAfterMinutes: Int64

    package init(
        services: Set<String>? = nil, contracts: Set<ContractID>? = nil, grid: StartGrid,
        shortestMinutes: Int64, longestMinutes: Int64, bufferBeforeMinutes: Int64 = 0,
        bufferAfterMinutes: Int64
    ) throws(AvailabilityRefusal) {
        if let services, services.isEmpty { throw .servicesMissing }
        if let contracts, contracts.isEmpty { throw .contractsMissing }
        guard shortestMinutes >= 1, shortestMinutes <= longestMinutes,
            longestMinutes <= Self.longestVisitMinutes
        else { throw .lengthsOutOfRange(longestMinutes: Self.longestVisitMinutes) }
        let buffers = 0...Self.longestBufferMinutes
        guard buffers.contains(bufferBeforeMinutes) else {
            throw .bufferBeforeOutOfRange(longestMinutes: buffers.upperBound)
        }
        guard buffers.contains(bufferAfterMinutes) else {
            throw .bufferAfterOutOfRange(longestMinutes: buffers.upperBound)
        }
        self.services = services
        self.contracts = contracts
        self.grid = grid
        self.shortestMinutes = shortestMinutes
        self.longestMinutes = longestMinutes
        self.bufferBeforeMinutes = bufferBeforeMinutes
        self.bufferAfterMinutes = bufferAfterMinutes
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

    /// The range that a visit would occupy here, buffers included; nil when this window does not
    /// offer it: another service or contract, another length, off the grid, or not inside.
    package func occupied(
        by planned: TimeSlot, service: String, contract: ContractID
    ) throws -> TimeSlot? {
        if let services = terms.services, !services.contains(service) { return nil }
        if let contracts = terms.contracts, !contracts.contains(contract) { return nil }
        let shortest = terms.shortestMinutes * 60_000_000
        let longest = terms.longestMinutes * 60_000_000
        let length = try planned.end.microseconds.subtracting(planned.start.microseconds)
        guard (shortest...longest).contains(length) else { return nil }
        let occupied = try TimeSlot(
            start: planned.start.adding(seconds: terms.bufferBeforeMinutes * -60),
            end: planned.end.adding(seconds: terms.bufferAfterMinutes * 60))
        guard slot.contains(occupied) else { return nil }
        let offset = planned.start.microseconds - slot.start.microseconds
        guard offset % (terms.grid.seconds * 1_000_000) == 0 else { return nil }
        return occupied
    }
}

import Marketplace
import MoneyAndTime
import StrictJSON

/// A stretch of published time taken off sale, and put on sale again.
enum SalePauseHandlers {
    static func preview(_ call: Call) async throws -> Reply {
        let (from, until) = try SchedulingHandlers.stretch(call)
        return try await .json(
            call.market.previewSalePause(
                call.request, of: call.id("specialist"),
                during: TimeSlot(start: from, end: until)))
    }

    static func pause(_ call: Call) async throws -> Reply {
        let during = try call.object { try SchedulingHandlers.stretch(&$0) }
        return try await .json(
            call.market.pauseSale(call.request, of: call.id("specialist"), during: during))
    }

    static func end(_ call: Call) async throws -> Reply {
        try await .json(call.market.endSalePause(call.request, call.id("sale_pause")))
    }
}

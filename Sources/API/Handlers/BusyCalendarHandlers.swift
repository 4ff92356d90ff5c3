import Marketplace
import MoneyAndTime
import StrictJSON

/// The calendar that a specialist keeps elsewhere.
enum BusyCalendarHandlers {
    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.busyCalendar(call.request, of: call.id("specialist")))
    }

    static func set(_ call: Call) async throws -> Reply {
        let source: Market.BusySource = try call.object { fields in
            let address = try fields.optionalString("address", min: 1, max: 2_000)
            let file = try fields.optionalString("calendar", min: 1, max: 500_000)
            switch (address, file) {
            case (let address?, nil): return .address(address)
            case (nil, let file?): return .file(Array(file.utf8))
            default:
                throw fields.problem(
                    "address", .pattern, "give either address or calendar, and not both")
            }
        }
        return try await .json(
            call.market.setBusyCalendar(call.request, of: call.id("specialist"), source))
    }

    static func remove(_ call: Call) async throws -> Reply {
        try await .json(call.market.removeBusyCalendar(call.request, of: call.id("specialist")))
    }
}

import Marketplace
import Storage

/// What happened, and who did it.
enum RecordHandlers {
    static func listEvents(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listEvents(call.request, page: call.page(RecordPosition.init(cursor:))))
    }

    static func listAuditFacts(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listAuditFacts(
                call.request, page: call.page(RecordPosition.init(cursor:))))
    }
}

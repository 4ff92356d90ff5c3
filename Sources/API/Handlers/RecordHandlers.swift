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

    static func exportAudit(_ call: Call) async throws -> Reply {
        let after = try call.query.optionalInteger("after", in: 0...Int64.max) ?? 0
        let most = AuditExport.mostFacts
        let limit = try call.query.optionalInteger("limit", in: 1...Int64(most)).map(Int.init)
        return try await .file(
            call.market.exportAudit(call.request, after: after, limit: limit ?? most))
    }

    static func listAuditCheckpoints(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listAuditCheckpoints(page: call.page(CheckpointNumber.init(cursor:))))
    }
}

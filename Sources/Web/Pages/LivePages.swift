import Marketplace
import Storage

/// What keeps an open page as it is on the server.
enum LivePages {
    /// The stream from where the page is; a browser that comes again says how far it was told.
    static func follow(_ visitor: Visitor) throws -> PageReply {
        let place = visitor.request.lastEventID ?? visitor.request.query.text("after")
        var reply = PageReply(mediaType: "text/event-stream; charset=utf-8")
        reply.stream = LiveStream(
            market: visitor.market, streams: visitor.pages.streams,
            asking: try visitor.asking("listEvents"),
            organisation: try visitor.signedIn.organisation,
            after: place.flatMap { try? RecordPosition(cursor: $0) })
        return reply
    }
}

extension PageOperation {
    /// Whether the page has parts that are replaced while it is open.
    var hasLiveParts: Bool {
        switch self {
        case .showStart, .listBookings, .showBooking, .showDay, .showVisit, .showNeed,
            .listAlerts, .showNow:
            true
        default: false
        }
    }
}

extension Visitor {
    /// How far the organisation's events go: asked before what the page shows, so that nothing
    /// comes in between unheard.
    func newestEvent() async throws -> String {
        try await market.newestEvent(asking("listEvents"))?.text ?? ""
    }
}

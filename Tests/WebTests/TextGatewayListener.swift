import HTTPTypes
import Hummingbird
import Logging
import NIOCore

/// A gateway for texts on loopback: what it is asked it keeps, and it answers what a test wants.
actor TextGatewayListener {
    struct Asked: Sendable {
        let method: String
        let path: String
        let contentType: String?
        let authorization: String?
        let body: String
    }

    private(set) var asked: [Asked] = []
    private var status = 202
    private var port = 0

    var address: String { "http://127.0.0.1:\(port)/send" }

    func answers(_ status: Int) { self.status = status }

    /// Runs `body` with a gateway that listens, and stops it afterwards.
    static func with(_ body: (TextGatewayListener) async throws -> Void) async throws {
        let listener = TextGatewayListener()
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                try await listener.answer(request)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                found.yield(channel.localAddress?.port ?? 0)
                found.finish()
            },
            logger: Logger(label: "gateway") { _ in SwiftLogNoOpLogHandler() })
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await application.run() }
            for await port in ports { await listener.listens(on: port) }
            try await body(listener)
        }
    }

    private func listens(on port: Int) { self.port = port }

    private func answer(_ request: Request) async throws -> Response {
        let body = try await request.body.collect(upTo: 100_000)
        asked.append(
            Asked(
                method: request.method.rawValue, path: request.uri.path,
                contentType: request.headers[.contentType],
                authorization: request.headers[.authorization], body: String(buffer: body)))
        return Response(status: .init(code: status))
    }
}

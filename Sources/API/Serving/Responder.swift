import HTTPTypes
import Hummingbird
import Logging
import Marketplace
import NIOCore

/// Answers every HTTP request: reads it, finds its operation, calls it, writes the reply or the
/// problem, and logs one line.
struct Responder: HTTPResponder {
    typealias Context = BasicRequestContext

    let market: Market
    let configuration: ServerConfiguration
    let elsewhere: Elsewhere?
    private let router = Router()

    init(market: Market, configuration: ServerConfiguration, elsewhere: Elsewhere?) {
        self.market = market
        self.configuration = configuration
        self.elsewhere = elsewhere
    }

    func respond(
        to request: Hummingbird.Request, context: BasicRequestContext
    ) async throws -> Response {
        let started = ContinuousClock.now
        let head = RequestHead(request.head)
        let requestID = RequestID.choose(offered: head.values("x-request-id").first)
        if let elsewhere, !Elsewhere.isOfTheAPI(head.path) {
            return await respond(
                elsewhere, to: request, head, requestID, started: started)
        }
        var operation: Operation?
        var response: Response
        do {
            let (found, path) = try find(head)
            operation = found
            let reply = try await answer(
                found, path, head, request.body, until: started + configuration.requestDeadline)
            response = Response(reply, to: found, head)
        } catch {
            let problem = Problem(answering: error)
            if problem.status == 500 { logFault(error, operation?.rawValue, requestID) }
            response = Response(problem, requestID: requestID)
        }
        response.headers.set("X-Request-Id", requestID)
        log(requestID, operation?.rawValue, response.status.code, since: started)
        return head.method == "HEAD" ? response.createHeadResponse() : response
    }

    /// The same frame around what answers elsewhere.
    private func respond(
        _ elsewhere: Elsewhere, to request: Hummingbird.Request, _ head: RequestHead,
        _ requestID: String, started: ContinuousClock.Instant
    ) async -> Response {
        let deadline = started + configuration.requestDeadline
        var name: String?
        var response: Response
        do {
            try head.checkHost()
            let bytes = try await within(deadline, late: Problem(.bodyTooSlow)) {
                try await request.body.bytes(upTo: elsewhere.bodyLimit(request.head))
            }
            let (found, answer) = try await within(deadline, late: Problem(.deadlineExceeded)) {
                try await elsewhere.answer(request.head, bytes)
            }
            (name, response) = (found, answer)
        } catch {
            let problem = Problem(answering: error)
            if problem.status == 500 { logFault(error, name, requestID) }
            response = elsewhere.apology(request.head, problem.status, requestID)
            for header in problem.headers { response.headers.set(header.name, header.value) }
            if problem.endsConnection { response.headers[.connection] = "close" }
        }
        response.headers.set("X-Request-Id", requestID)
        log(requestID, name, response.status.code, since: started)
        return head.method == "HEAD" ? response.createHeadResponse() : response
    }

    private func find(_ head: RequestHead) throws -> (Operation, PathParameters) {
        try head.checkHost()
        switch router.route(method: head.method, path: head.path) {
        case .found(let operation, let path):
            return (operation, path)
        case .methodNotAllowed(let allowed):
            var problem = Problem(.methodNotAllowed)
            problem.headers = [.init(name: "Allow", value: allowed.joined(separator: ", "))]
            throw problem
        case .pathUnknown:
            throw Problem(.pathUnknown)
        }
    }

    private func answer(
        _ operation: Operation, _ path: PathParameters, _ head: RequestHead, _ body: RequestBody,
        until deadline: ContinuousClock.Instant
    ) async throws -> Reply {
        let claims = try Claims(operation, head)
        let bytes =
            operation.method == .get
            ? []
            : try await within(deadline, late: Problem(.bodyTooSlow)) {
                try await body.bytes(upTo: operation.body.limit)
            }
        let call = try Call(
            market: market, operation: operation, path: path, head: head, claims: claims,
            bytes: bytes)
        return try await within(
            deadline, late: Problem(.deadlineExceeded, Problem.mayRepeat)
        ) {
            try await operation.handle(call)
        }
    }

    /// What a fault of ours was; the caller gets the request's name only.
    private func logFault(_ error: any Error, _ operation: String?, _ requestID: String) {
        market.logger.error(
            "request failed",
            metadata: [
                "request": "\(requestID)",
                "operation": "\(operation ?? "none")",
                "error": "\(error)",
            ])
    }

    /// One line a request, without anything that came in its path, query or body.
    private func log(
        _ requestID: String, _ operation: String?, _ status: Int,
        since started: ContinuousClock.Instant
    ) {
        let microseconds = (ContinuousClock.now - started) / .microseconds(1)
        market.logger.info(
            "request",
            metadata: [
                "request": "\(requestID)",
                "operation": "\(operation ?? "none")",
                "status": .stringConvertible(status),
                "milliseconds": .stringConvertible(microseconds.rounded() / 1_000),
            ])
    }
}

extension RequestHead {
    /// Hummingbird keeps the first Host apart, as the authority; any other is among the fields.
    init(_ head: HTTPRequest) {
        let host = head.authority.map { [(name: "host", value: $0)] } ?? []
        self.init(
            method: head.method.rawValue, target: head.path ?? "",
            headers: host + head.headerFields.map { ($0.name.canonicalName, $0.value) })
    }
}

extension RequestBody {
    /// The whole body, refused as soon as it is longer than it may be. Where no body is wanted,
    /// one byte is enough to know that there is one.
    func bytes(upTo limit: Int) async throws -> [UInt8] {
        var bytes: [UInt8] = []
        for try await part in self {
            guard bytes.count + part.readableBytes <= limit else {
                throw limit == 0 ? Problem(.bodyNotExpected) : Problem(.bodyTooLarge)
            }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }
}

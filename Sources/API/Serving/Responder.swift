import HTTPTypes
import Hummingbird
import Logging
import Marketplace
import NIOCore

/// Answers every HTTP request: counts it, finds its operation, calls it, writes the reply or the
/// problem, and logs one line.
struct Responder: HTTPResponder {
    typealias Context = ConnectionContext

    let market: Market
    let configuration: ServerConfiguration
    let elsewhere: Elsewhere?
    private let router = Router()
    private let limits: RateLimits

    init(market: Market, configuration: ServerConfiguration, elsewhere: Elsewhere?) {
        self.market = market
        self.configuration = configuration
        self.elsewhere = elsewhere
        limits = RateLimits(
            perToken: configuration.requestsPerToken,
            perAddress: configuration.requestsPerAddress)
    }

    /// One request, as it is asked and answered.
    private struct Exchange {
        let request: Hummingbird.Request
        let head: RequestHead
        let requestID: String
        let client: Client
        let deadline: ContinuousClock.Instant
    }

    /// What is said to it.
    private struct Outcome {
        var name: String?
        var response: Response
        var isFailedSignIn = false
    }

    func respond(
        to request: Hummingbird.Request, context: ConnectionContext
    ) async throws -> Response {
        let started = ContinuousClock.now
        let head = RequestHead(request.head)
        let exchange = Exchange(
            request: request, head: head,
            requestID: RequestID.choose(offered: head.values("x-request-id").first),
            client: configuration.trustedProxies.client(
                peer: context.peer, forwardedFor: head.values("x-forwarded-for"),
                forwardedProto: head.values("x-forwarded-proto")),
            deadline: started + configuration.requestDeadline)
        let pages = Elsewhere.isOfTheAPI(head.path) ? nil : elsewhere
        let isHTTPS = exchange.client.isHTTPS
        let digest =
            if let pages {
                pages.credential(request.head, isHTTPS)
            } else {
                (try? BearerToken(authorization: head.values("authorization").first))?.digest
            }
        var rates = limits.count(exchange.client.address, digest)
        let outcome =
            if let pages {
                await outcome(of: exchange, rates, from: pages)
            } else {
                await outcome(of: exchange, rates)
            }
        if outcome.isFailedSignIn {
            rates[0] = limits.chargeFailure(exchange.client.address)
        }
        var response = outcome.response
        SecurityHeaders.protect(
            &response.headers, pages == nil ? .data : .page, isHTTPS: isHTTPS)
        response.headers.set("X-Request-Id", exchange.requestID)
        response.headers.set("RateLimit-Policy", rates.map(\.policyItem).joined(separator: ", "))
        response.headers.set("RateLimit", rates.map(\.item).joined(separator: ", "))
        log(exchange.requestID, outcome.name, response.status.code, since: started)
        return head.method == "HEAD" ? response.createHeadResponse() : response
    }

    /// Of the API.
    private func outcome(of exchange: Exchange, _ rates: [RateState]) async -> Outcome {
        var operation: Operation?
        do {
            try rates.requireAllowed()
            let (found, path) = try find(exchange.head)
            operation = found
            let reply = try await answer(
                found, path, exchange.head, exchange.request.body, until: exchange.deadline)
            return Outcome(
                name: found.rawValue, response: Response(reply, to: found, exchange.head))
        } catch {
            let problem = Problem(answering: error)
            if problem.status == 500 { logFault(error, operation?.rawValue, exchange.requestID) }
            return Outcome(
                name: operation?.rawValue,
                response: Response(problem, requestID: exchange.requestID),
                isFailedSignIn: problem.isFailedSignIn)
        }
    }

    /// Of what answers elsewhere, in the same frame.
    private func outcome(
        of exchange: Exchange, _ rates: [RateState], from elsewhere: Elsewhere
    ) async -> Outcome {
        let head = exchange.request.head
        do {
            try rates.requireAllowed()
            try exchange.head.checkHost()
            let bytes = try await within(exchange.deadline, late: Problem(.bodyTooSlow)) {
                try await exchange.request.body.bytes(
                    upTo: elsewhere.bodyLimit(head, exchange.client.isHTTPS))
            }
            let answer = try await within(exchange.deadline, late: Problem(.deadlineExceeded)) {
                try await elsewhere.answer(head, bytes, exchange.client.isHTTPS)
            }
            return Outcome(
                name: answer.name, response: answer.response,
                isFailedSignIn: answer.isFailedSignIn)
        } catch {
            let problem = Problem(answering: error)
            if problem.status == 500 { logFault(error, nil, exchange.requestID) }
            var response = elsewhere.apology(head, problem.status, exchange.requestID)
            for header in problem.headers { response.headers.set(header.name, header.value) }
            if problem.endsConnection { response.headers[.connection] = "close" }
            return Outcome(response: response)
        }
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

extension [RateState] {
    func requireAllowed() throws(Problem) {
        if let over = first(where: { !$0.isAllowed }) { throw Problem(over: over) }
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

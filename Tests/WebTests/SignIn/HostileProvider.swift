import Crypto
import Foundation
import HTTPTypes
import Hummingbird
import Logging
import MoneyAndTime
import NIOCore
import StrictJSON

/// An OpenID provider on loopback that does what a test wants. As it is made it is a good one: it
/// checks the client's secret, the code, the verifier and the address to return to.
actor HostileProvider {
    static let clientID = "aikatori client"
    static let clientSecret = "a secret: with % and +"

    struct SigningPair: Sendable {
        let id: String
        let key = P256.Signing.PrivateKey()

        var jwk: JSONObject {
            let point = Array(key.publicKey.rawRepresentation)
            return [
                "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": JSON(id),
                "x": JSON(Base64URL.encode(point[..<32])),
                "y": JSON(Base64URL.encode(point[32...])),
            ]
        }
    }

    /// How the token endpoint answers.
    enum Answering: Sendable {
        case token, hang, status(Int), huge, redirect, text(String)
    }

    /// What a test changes.
    struct Conduct: Sendable {
        var description: @Sendable (inout JSONObject) -> Void = { _ in }
        var keySet: @Sendable (inout [JSONObject]) -> Void = { _ in }
        var header: @Sendable (inout JSONObject) -> Void = { _ in }
        var claims: @Sendable (inout JSONObject) -> Void = { _ in }
        /// The signature over the bytes; nil signs as it should be.
        var signature: (@Sendable ([UInt8]) -> [UInt8])?
        var answering = Answering.token
        var userInfo: JSONObject?
        var checksCodes = true
    }

    private struct Granted {
        let nonce: String
        let challenge: String
        let returnAddress: String
        var isUsed = false
    }

    private(set) var asked: [String: Int] = [:]
    private var conduct = Conduct()
    private var pairs = [SigningPair(id: "first")]
    private var granted: [String: Granted] = [:]
    private var port = 0

    var issuer: String { "http://127.0.0.1:\(port)/realm" }

    /// Runs `body` with a provider that listens, and stops it afterwards.
    static func with<Result: Sendable>(
        _ body: (HostileProvider) async throws -> Result
    ) async throws -> Result {
        let provider = HostileProvider()
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let application = Application(
            responder: CallbackResponder { (request: Request, _: BasicRequestContext) in
                try await provider.answer(request)
            },
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { channel in
                found.yield(channel.localAddress?.port ?? 0)
                found.finish()
            },
            logger: Logger(label: "provider") { _ in SwiftLogNoOpLogHandler() })
        return try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await application.run() }
            for await port in ports { await provider.listens(on: port) }
            return try await body(provider)
        }
    }

    private func listens(on port: Int) { self.port = port }

    func conduct(_ change: @Sendable (inout Conduct) -> Void) { change(&conduct) }

    /// The newest of these signs; the others are forgotten.
    func rotate(to pairs: [SigningPair]) { self.pairs = pairs }

    /// What somebody who signs in there brings back: a code for the question in this address.
    func grant(_ question: URLComponents) -> String {
        func value(_ name: String) -> String {
            question.queryItems?.first { $0.name == name }?.value ?? ""
        }
        let code = "code \(granted.count)"
        granted[code] = Granted(
            nonce: value("nonce"), challenge: value("code_challenge"),
            returnAddress: value("redirect_uri"))
        return code
    }

    // MARK: What it answers

    private func answer(_ request: Request) async throws -> Response {
        let path = request.uri.path
        asked[path, default: 0] += 1
        switch path {
        case "/realm/.well-known/openid-configuration": return json(description)
        case "/realm/keys":
            var keys = pairs.map(\.jwk)
            conduct.keySet(&keys)
            return json(["keys": .array(keys.map { .object($0) })])
        case "/realm/token":
            let form = try await request.body.collect(upTo: 65_536)
            return try await token(request, FormBody(String(buffer: form)))
        case "/realm/userinfo":
            let isAllowed = request.headers[.authorization] == "Bearer access"
            return isAllowed
                ? json(.object(conduct.userInfo ?? [:])) : Response(status: .unauthorized)
        default: return Response(status: .notFound)
        }
    }

    private var description: JSON {
        var members: JSONObject = [
            "issuer": JSON(issuer),
            "authorization_endpoint": JSON("\(issuer)/authorize?tenant=1"),
            "token_endpoint": JSON("\(issuer)/token"),
            "userinfo_endpoint": JSON("\(issuer)/userinfo"),
            "jwks_uri": JSON("\(issuer)/keys"),
            "response_types_supported": ["code"],
            "code_challenge_methods_supported": ["S256"],
            "id_token_signing_alg_values_supported": ["RS256", "ES256"],
        ]
        conduct.description(&members)
        return .object(members)
    }

    private func token(_ request: Request, _ form: FormBody) async throws -> Response {
        switch conduct.answering {
        case .token: break
        case .hang:
            try await Task.sleep(for: .seconds(30))
            return Response(status: .gatewayTimeout)
        case .status(let status): return Response(status: .init(code: status))
        case .huge:
            return Response(
                status: .ok,
                body: .init(byteBuffer: ByteBuffer(repeating: 0x20, count: 2_000_000)))
        case .redirect:
            return Response(status: .found, headers: [.location: "\(issuer)/keys"])
        case .text(let text): return json(text)
        }
        guard conduct.checksCodes else { return json(bearer(idToken(nonce: ""))) }
        guard let header = request.headers[.authorization], header.hasPrefix("Basic "),
            let known = Data(base64Encoded: String(header.dropFirst(6))),
            String(decoding: known, as: UTF8.self)
                == "aikatori%20client:a%20secret%3A%20with%20%25%20and%20%2B"
        else { return json(["error": "invalid_client"], status: .unauthorized) }
        guard let code = form["code"], let grant = granted[code], !grant.isUsed,
            form["grant_type"] == "authorization_code",
            form["redirect_uri"] == grant.returnAddress,
            Base64URL.encode(Array(SHA256.hash(data: Array((form["code_verifier"] ?? "").utf8))))
                == grant.challenge
        else { return json(["error": "invalid_grant"], status: .badRequest) }
        granted[code]?.isUsed = true
        return json(bearer(idToken(nonce: grant.nonce)))
    }

    private func bearer(_ idToken: String) -> JSON {
        ["access_token": "access", "token_type": "Bearer", "id_token": JSON(idToken)]
    }

    /// A token as it should be, but for what the test changes.
    func idToken(nonce: String) -> String {
        let pair = pairs[pairs.count - 1]
        let now = Int64(Date().timeIntervalSince1970)
        var header: JSONObject = ["alg": "ES256", "typ": "JWT", "kid": JSON(pair.id)]
        var claims: JSONObject = [
            "iss": JSON(issuer), "aud": JSON(Self.clientID), "sub": "person-1",
            "exp": JSON(now + 300), "iat": JSON(now), "nonce": JSON(nonce),
            "email": "person@health.example", "email_verified": true, "name": "A. Person",
            "realm": ["roles": ["booking-desk", "unknown to us"]],
        ]
        conduct.header(&header)
        conduct.claims(&claims)
        let signed =
            Base64URL.encode(JSON.object(header).write()) + "."
            + Base64URL.encode(JSON.object(claims).write())
        let bytes = Array(signed.utf8)
        let signature =
            conduct.signature?(bytes)
            ?? (try? pair.key.signature(for: bytes)).map { Array($0.rawRepresentation) } ?? []
        return signed + "." + Base64URL.encode(signature)
    }

    private nonisolated func json(
        _ json: JSON, status: HTTPResponse.Status = .ok
    ) -> Response {
        self.json(String(decoding: json.write(), as: UTF8.self), status: status)
    }

    private nonisolated func json(
        _ text: String, status: HTTPResponse.Status = .ok
    ) -> Response {
        Response(
            status: status, headers: [.contentType: "application/json"],
            body: .init(byteBuffer: ByteBuffer(string: text)))
    }
}

/// The fields of a form, as `application/x-www-form-urlencoded` has them.
private struct FormBody {
    private let items: [URLQueryItem]

    init(_ text: String) {
        var components = URLComponents()
        components.percentEncodedQuery = text
        items = components.queryItems ?? []
    }

    subscript(_ name: String) -> String? { items.first { $0.name == name }?.value }
}

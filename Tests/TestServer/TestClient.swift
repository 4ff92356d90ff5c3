import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Organisations
import StrictJSON
import TestMarket

/// A program that talks to a `TestServer`. Every exchange is written down for the checks from
/// outside.
package struct TestClient: Sendable {
    private let http: HTTPClient
    private let port: Int

    init(_ http: HTTPClient, port: Int) {
        self.http = http
        self.port = port
    }

    /// A request as it is, for what the others would not send.
    package func send(
        _ method: String, _ target: String, headers: [String: String] = [:],
        body: [UInt8]? = nil
    ) async throws -> Exchange {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(target)")
        request.method = HTTPMethod(rawValue: method)
        request.headers = HTTPHeaders(headers.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
        if let body { request.body = .bytes(ByteBuffer(bytes: body)) }
        let response = try await http.execute(request, timeout: .seconds(60))
        let received = try await response.body.collect(upTo: 64 << 20)
        var sent = Self.lowercased(headers.map { ($0.key, $0.value) })
        if sent["authorization"]?.hasPrefix("Bearer ") == true {
            sent["authorization"] = "Bearer …"
        }
        let exchange = Exchange(
            method: method, target: target, requestHeaders: sent, requestBody: body,
            status: Int(response.status.code),
            headers: Self.lowercased(response.headers.map { ($0.name, $0.value) }),
            body: Array(received.readableBytesView))
        try ExchangeFile.shared.get().append(exchange)
        return exchange
    }

    private static func lowercased(_ headers: [(String, String)]) -> [String: String] {
        Dictionary(headers.map { ($0.0.lowercased(), $0.1) }) { "\($0), \($1)" }
    }
}

// MARK: - As a caller

extension TestClient {
    package func get(_ target: String, as caller: TestCaller? = nil) async throws -> Exchange {
        try await send("GET", target, headers: Self.headers(caller))
    }

    /// A change. Without a `key` it is a new one each time.
    package func post(
        _ target: String, _ body: JSON? = nil, as caller: TestCaller?, key: String? = nil
    ) async throws -> Exchange {
        var headers = Self.headers(caller)
        headers["Idempotency-Key"] = key ?? "\(UInt64.random(in: .min ... .max))"
        if body != nil { headers["Content-Type"] = "application/json" }
        return try await send("POST", target, headers: headers, body: body?.write())
    }

    /// A bank's file.
    package func upload(
        _ target: String, _ file: [UInt8], as caller: TestCaller?, key: String? = nil
    ) async throws -> Exchange {
        var headers = Self.headers(caller)
        headers["Idempotency-Key"] = key ?? "\(UInt64.random(in: .min ... .max))"
        headers["Content-Type"] = "application/xml"
        return try await send("POST", target, headers: headers, body: file)
    }

    /// An edit of a revision.
    package func put(
        _ target: String, _ body: JSON, as caller: TestCaller?, revision: Int64
    ) async throws -> Exchange {
        var headers = Self.headers(caller)
        headers["If-Match"] = "\"\(revision)\""
        headers["Content-Type"] = "application/json"
        return try await send("PUT", target, headers: headers, body: body.write())
    }

    private static func headers(_ caller: TestCaller?) -> [String: String] {
        caller.map { ["Authorization": "Bearer \($0.token.text)"] } ?? [:]
    }
}

import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import StrictJSON

/// An organisation's own program: it speaks to the market over HTTP with a bearer token, and
/// knows nothing but what the API answers.
struct Program: Sendable {
    let base: String
    let token: String
    let client: HTTPClient

    func get(_ path: String, _ query: KeyValuePairs<String, String> = [:]) async throws -> JSON {
        let pairs = query.map { "\($0.key)=\(Self.escaped($0.value))" }
        let target = pairs.isEmpty ? path : "\(path)?\(pairs.joined(separator: "&"))"
        return try await ask(.GET, target).json()
    }

    /// The bytes of a document that is no JSON.
    func document(_ path: String) async throws -> [UInt8] {
        try await ask(.GET, path).accepted().bytes
    }

    /// Each POST has an `Idempotency-Key` of its own.
    func post(_ path: String, _ body: JSON? = nil) async throws -> JSON {
        try await ask(.POST, path, .json(body), key: UUID().uuidString).json()
    }

    /// An observation of attendance carries an identifier of its own instead of a key.
    func observe(_ body: JSON) async throws -> JSON {
        try await ask(.POST, "/v1/attendance", .json(body)).json()
    }

    func post(file: [UInt8], to path: String) async throws -> JSON {
        try await ask(.POST, path, .xml(file), key: UUID().uuidString).json()
    }

    /// A request that must be refused with this status and code.
    func refused(
        _ status: Int, _ code: String, posting body: JSON?, to path: String, keyed: Bool = true
    ) async throws -> Refused {
        let key = keyed ? UUID().uuidString : nil
        let refusal = try await ask(.POST, path, .json(body), key: key).refusal()
        try expect("the refusal of POST \(path)", refusal.code, is: code)
        try expect("the status of POST \(path)", refusal.status, is: status)
        return refusal
    }

    private enum Body {
        case json(JSON?)
        case xml([UInt8])
    }

    private func ask(
        _ method: HTTPMethod, _ target: String, _ body: Body = .json(.none), key: String? = nil
    ) async throws -> Answered {
        var request = HTTPClientRequest(url: base + target)
        request.method = method
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        if let key { request.headers.add(name: "Idempotency-Key", value: key) }
        switch body {
        case .json(.none): break
        case .json(.some(let json)):
            request.headers.add(name: "Content-Type", value: "application/json")
            request.body = .bytes(json.write())
        case .xml(let bytes):
            request.headers.add(name: "Content-Type", value: "application/xml")
            request.body = .bytes(bytes)
        }
        let response = try await client.execute(request, timeout: .seconds(30))
        let answer = try await response.body.collect(upTo: 16 << 20)
        return Answered(
            request: "\(method.rawValue) \(target)", status: Int(response.status.code),
            bytes: Array(answer.readableBytesView))
    }

    private static func escaped(_ value: String) -> String {
        let kept = CharacterSet.alphanumerics.union(CharacterSet(charactersIn: "-._~:"))
        return value.addingPercentEncoding(withAllowedCharacters: kept) ?? ""
    }
}

/// What came back.
private struct Answered {
    let request: String
    let status: Int
    let bytes: [UInt8]

    func accepted() throws -> Answered {
        guard (200..<300).contains(status) else {
            throw NotAsExpected(
                what: request, expected: "an answer of 200 or 201",
                came: "\(status) \(String(decoding: bytes, as: UTF8.self))")
        }
        return self
    }

    func json() throws -> JSON { try JSON.parse(accepted().bytes) }

    func refusal() throws -> Refused {
        guard (400..<500).contains(status) else {
            throw NotAsExpected(
                what: request, expected: "a refusal",
                came: "\(status) \(String(decoding: bytes, as: UTF8.self))")
        }
        let problem = try JSON.parse(bytes)
        return try Refused(
            status: status, code: problem.text(at: "/code"), title: problem.text(at: "/title"),
            problem: problem)
    }
}

/// A refused request, as the API gives it (RFC 9457).
struct Refused: Sendable {
    let status: Int
    let code: String
    let title: String
    let problem: JSON
}

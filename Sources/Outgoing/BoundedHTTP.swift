import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1

/// Requests to others' servers, each bounded in time, in size and in where it goes. No redirect is
/// followed, and certificates are checked against those of the machine.
package struct BoundedHTTP: Sendable {
    /// The longest from the first byte out to the last one in.
    package static let limit: Duration = .seconds(4)
    /// How long what was handed over may take to be received.
    package static let deliveryLimit: Duration = .seconds(20)
    /// The most bytes of an answer.
    package static let mostBytes = 262_144

    package enum Failure: Error, Hashable, Sendable {
        /// No answer, or not in time.
        case unreachable
        /// Another status than 200, a redirect among them.
        case status(Int)
        /// More than `mostBytes`.
        case tooLarge
        /// The host is one of the inside, which this server does not ask.
        case inside
    }

    private static let client = HTTPClient(
        eventLoopGroupProvider: .singleton, configuration: configuration(limit))

    private static func configuration(_ limit: Duration) -> HTTPClient.Configuration {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout = .init(connect: .seconds(3), read: TimeAmount(limit))
        configuration.decompression = .disabled
        configuration.connectionPool.idleTimeout = .seconds(20)
        return configuration
    }

    private let reach: Reach

    package init(reach: Reach) {
        self.reach = reach
    }

    /// The bytes of the answer.
    package func get(
        _ address: String, authorization: String? = nil, accept: String = "application/json"
    ) async throws(Failure) -> [UInt8] {
        try await send(HTTPClientRequest(url: address), authorization, accept: accept)
    }

    /// The bytes of the answer to a form.
    package func post(
        _ address: String, form: String, authorization: String?
    ) async throws(Failure) -> [UInt8] {
        var request = HTTPClientRequest(url: address)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: "application/x-www-form-urlencoded")
        request.body = .bytes(ByteBuffer(string: form))
        return try await send(request, authorization)
    }

    /// Hands something over under a name by which the receiver can tell a repetition; any status
    /// from 200 to 299 says that it was taken, whatever else the answer says. A gateway may take
    /// its time: who does not wait for its answer asks it twice.
    package func deliver(
        _ address: String, method: String, contentType: String, body: String,
        named name: String, header: (name: String, value: String)?
    ) async throws(Failure) {
        var request = HTTPClientRequest(url: address)
        request.method = HTTPMethod(rawValue: method)
        request.headers.add(name: "Content-Type", value: contentType)
        request.headers.add(name: "Idempotency-Key", value: name)
        if let header { request.headers.add(name: header.name, value: header.value) }
        request.body = .bytes(ByteBuffer(string: body))
        _ = try await send(
            request, nil, accept: "*/*", within: Self.deliveryLimit, readsAnswer: false)
    }

    private func send(
        _ request: HTTPClientRequest, _ authorization: String?,
        accept: String = "application/json", within limit: Duration = Self.limit,
        readsAnswer: Bool = true
    ) async throws(Failure) -> [UInt8] {
        var request = request
        request.headers.add(name: "Accept", value: accept)
        if let authorization {
            request.headers.add(name: "Authorization", value: authorization)
        }
        let asked = request
        do {
            return try await withThrowingTaskGroup(of: [UInt8].self) { group in
                defer { group.cancelAll() }
                group.addTask { try await answer(to: asked, limit, readsAnswer) }
                group.addTask {
                    try await Task.sleep(for: limit)
                    throw Failure.unreachable
                }
                guard let first = try await group.next() else { throw Failure.unreachable }
                return first
            }
        } catch let failure as Failure {
            throw failure
        } catch {
            throw .unreachable
        }
    }

    private func answer(
        to request: HTTPClientRequest, _ limit: Duration, _ readsAnswer: Bool
    ) async throws -> [UInt8] {
        if reach == .everywhere {
            return try await Self.answer(to: request, by: Self.client, limit, readsAnswer)
        }
        guard let host = URL(string: request.url)?.host else { throw Failure.unreachable }
        guard let address = try await reach.address(of: host) else { throw Failure.inside }
        // the address that was looked at is the one that is asked: a name may have another one
        // the next time
        var configuration = Self.configuration(limit)
        configuration.dnsOverride = [host: address.text]
        let client = HTTPClient(
            eventLoopGroupProvider: .singleton, configuration: configuration)
        do {
            let bytes = try await Self.answer(to: request, by: client, limit, readsAnswer)
            try await client.shutdown()
            return bytes
        } catch {
            try? await client.shutdown()
            throw error
        }
    }

    private static func answer(
        to request: HTTPClientRequest, by client: HTTPClient, _ limit: Duration,
        _ readsAnswer: Bool
    ) async throws -> [UInt8] {
        let answer = try await client.execute(request, timeout: TimeAmount(limit))
        if !readsAnswer, (200...299).contains(answer.status.code) { return [] }
        guard answer.status == .ok else { throw Failure.status(Int(answer.status.code)) }
        var bytes: [UInt8] = []
        for try await part in answer.body {
            guard bytes.count + part.readableBytes <= mostBytes else { throw Failure.tooLarge }
            bytes.append(contentsOf: part.readableBytesView)
        }
        return bytes
    }
}

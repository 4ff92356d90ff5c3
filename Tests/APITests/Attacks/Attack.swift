import API
import MoneyAndTime
import Organisations
import StrictJSON
import TestMarket
import TestServer

/// The right call of one operation in a `Trade`, from which every wrong one is made.
struct Attack: Sendable {
    let operation: API.Operation
    /// Whose call it is.
    var by: Party = .seller
    /// Values of the path's parameters, in order.
    var path: [String] = []
    var query = ""
    var body: Body = .none
    /// A fuller body, where the right one has little in it that could be wrong.
    var fullest: JSON?
    /// What an edit starts from.
    var revision = "\"1\""
    /// What a caller of an organisation without a part in the trade gets.
    var outsider: Outsider = .notFound
    /// The token, where it is no organisation's.
    var token: String?

    enum Party: Sendable {
        case seller, buyer
    }

    enum Body: Sendable {
        case none
        case json(JSON)
        case xml([UInt8])
    }

    enum Outsider: Sendable {
        case notFound
        /// It succeeds, and says nothing of those who trade.
        case ownOnly
        /// What everyone in the market may have.
        case everyones
        case refused(Int, String)
        /// No organisation's credential is asked for.
        case unasked
    }
}

extension Attack {
    var target: String { target(path) }

    func target(_ values: [String]) -> String {
        var rest = values[...]
        let segments = operation.path.split(separator: "/").map { segment in
            segment.first == "{" ? rest.popFirst() ?? "" : String(segment)
        }
        return "/" + segments.joined(separator: "/") + (query.isEmpty ? "" : "?\(query)")
    }

    var bytes: [UInt8]? {
        switch body {
        case .none: nil
        case .json(let json): json.write()
        case .xml(let bytes): bytes
        }
    }

    /// The headers of the right call with this token. The key is a new one each time.
    func headers(_ token: String?) -> [String: String] {
        var headers: [String: String] = [:]
        headers["Authorization"] = token.map { "Bearer \($0)" }
        if operation.requiresIdempotencyKey {
            headers["Idempotency-Key"] = "\(UInt64.random(in: .min ... .max))"
        }
        if operation.requiresIfMatch { headers["If-Match"] = revision }
        switch body {
        case .none: break
        case .json: headers["Content-Type"] = "application/json"
        case .xml: headers["Content-Type"] = "application/xml"
        }
        return headers
    }

    /// The call with this token, changed as the arguments say.
    func send(
        _ client: TestClient, _ token: String?, target: String? = nil, bytes: [UInt8]? = nil,
        changed: [String: String?] = [:]
    ) async throws -> Exchange {
        var headers = headers(token)
        for (name, value) in changed { headers[name] = value }
        return try await client.send(
            operation.method.rawValue, target ?? self.target, headers: headers,
            body: bytes ?? self.bytes)
    }
}

extension Trade {
    func party(_ attack: Attack) -> TestOrganisation {
        attack.by == .seller ? seller : buyer
    }

    /// The token of the right caller: with one role that may, and no other.
    func rightToken(_ attack: Attack) throws -> String? {
        if let token = attack.token { return token }
        guard attack.operation.credential == .organisation else { return nil }
        let may = try Description.shared.get().operations[attack.operation.rawValue]?.roles ?? []
        let role = Role.allCases.first { may.contains($0.rawValue) }
        return party(attack)[role ?? .admin].token.text
    }

    /// The call as it is right.
    func rightly(_ attack: Attack) async throws -> Exchange {
        try await attack.send(client, rightToken(attack))
    }

    /// What only those who trade may see.
    var secrets: [String] {
        [
            seller.id.description, buyer.id.description, seller.unit.description,
            seller.admin.member.description, buyer.admin.member.description,
            seller.admin.credential.description, world.contract, world.specialist,
            world.availability, charge, invoice, paid.statement, bankFile, bookings.toJoin,
        ]
    }
}

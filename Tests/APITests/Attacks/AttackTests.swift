import API
import Organisations
import StrictJSON
import TestMarket
import TestServer
import Testing

@Suite("The table of attacks", .serialized, .sharedTrade)
struct AttackTests {
    @Test func everyOperationHasOneRow() throws {
        let rows = try Trade.shared.attacks.map(\.operation)
        #expect(Set(rows) == Set(API.Operation.allCases))
        #expect(rows.count == API.Operation.allCases.count)
    }

    /// First every wrong call, which changes nothing, then the right one.
    @Test(arguments: API.Operation.allCases)
    func isAttacked(_ operation: API.Operation) async throws {
        let trade = try Trade.shared
        let attack = try #require(try trade.attacks.first { $0.operation == operation })
        try await wrongTokens(attack, trade)
        try await wrongRoles(attack, trade)
        try await outsider(attack, trade)
        try await wrongMethods(attack, trade)
        try await wrongPaths(attack, trade)
        try await wrongQueries(attack, trade)
        try await wrongHeaders(attack, trade)
        try await rightCall(attack, trade)
    }
}

// MARK: - Wrong callers

extension AttackTests {
    private func wrongTokens(_ attack: Attack, _ trade: Trade) async throws {
        guard attack.operation.credential == .organisation else {
            try await wrongJoinTokens(attack, trade)
            return
        }
        for (token, code) in try Trade.wrongTokens.refusals {
            let answer = try await attack.send(trade.client, token)
            #expect(answer.status == 401, "\(answer.summary)")
            #expect(answer.code == code)
            #expect(answer.headers["www-authenticate"] == "Bearer")
        }
        let other = try await attack.send(
            trade.client, nil, changed: ["Authorization": "Basic YTpi"])
        #expect(other.status == 401)
    }

    private func wrongJoinTokens(_ attack: Attack, _ trade: Trade) async throws {
        guard attack.operation.credential == .joinToken else { return }
        let right = try #require(attack.token)
        for token in [trade.buyer.scheduler.token.text, "no.token", String(right.dropLast()) + "_"]
        {
            let answer = try await attack.send(trade.client, token)
            #expect(answer.status == 401, "\(answer.summary)")
            #expect(answer.code == "join_token_unknown")
        }
        let none = try await attack.send(trade.client, nil)
        #expect(none.status == 401)
        #expect(none.code == "credential_missing")
    }

    private func wrongRoles(_ attack: Attack, _ trade: Trade) async throws {
        guard attack.operation.credential == .organisation else { return }
        let documented = try Description.shared.get().operations[attack.operation.rawValue]
        let may = try #require(documented?.roles)
        #expect(!may.isEmpty)
        for role in Role.allCases {
            let token = trade.party(attack)[role].token.text
            if !may.contains(role.rawValue) {
                let answer = try await attack.send(trade.client, token)
                #expect(answer.status == 403, "\(role): \(answer.summary)")
                #expect(answer.code == "role_not_allowed")
            } else if attack.operation.method == .get {
                let answer = try await attack.send(trade.client, token)
                #expect(answer.status == 200, "\(role): \(answer.summary)")
            }
        }
    }

    private func outsider(_ attack: Attack, _ trade: Trade) async throws {
        if case .unasked = attack.outsider { return }
        let may = try Description.shared.get().operations[attack.operation.rawValue]?.roles ?? []
        let role = try #require(Role.allCases.first { may.contains($0.rawValue) })
        let answer = try await attack.send(trade.client, trade.outsider[role].token.text)
        switch attack.outsider {
        case .notFound:
            #expect(answer.status == 404, "\(answer.summary)")
            #expect(answer.code == "not_found")
        case .refused(let status, let code):
            #expect(answer.status == status, "\(answer.summary)")
            #expect(answer.code == code)
        case .ownOnly:
            #expect(answer.status == attack.operation.success, "\(answer.summary)")
            for secret in trade.secrets {
                #expect(!answer.text.contains(secret), "\(answer.summary)")
            }
        case .everyones, .unasked:
            #expect(answer.status == attack.operation.success, "\(answer.summary)")
        }
    }
}

// MARK: - Wrong requests

extension AttackTests {
    private func wrongMethods(_ attack: Attack, _ trade: Trade) async throws {
        let known = API.Operation.allCases.filter { $0.path == attack.operation.path }
            .map(\.method.rawValue)
        let allowed = known.sorted() + (known.contains("GET") ? ["HEAD"] : [])
        let headers = try attack.headers(trade.rightToken(attack))
        for method in ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
        where !known.contains(method) {
            let answer = try await trade.client.send(method, attack.target, headers: headers)
            #expect(answer.status == 405, "\(answer.summary)")
            #expect(answer.code == "method_not_allowed")
            #expect(answer.headers["allow"] == allowed.joined(separator: ", "))
        }
    }

    /// What is no identifier, and one that nothing has.
    private func wrongPaths(_ attack: Attack, _ trade: Trade) async throws {
        guard let id = attack.path.first else { return }
        let prefix = id.prefix { $0 != "_" }
        for wrong in ["nonsense", "\(prefix)_01j0000000e008000000000099", "%F0%9F%92%8A", "%00"] {
            let path = [wrong] + attack.path.dropFirst()
            let answer = try await attack.send(
                trade.client, trade.rightToken(attack), target: attack.target(path))
            #expect(answer.status == 404, "\(answer.summary)")
            #expect(answer.code == "not_found")
        }
    }

    private func wrongQueries(_ attack: Attack, _ trade: Trade) async throws {
        let join = attack.query.isEmpty ? "?" : "&"
        var wrong = ["nonsense=1": "parameter_unknown", "%FF=1": "malformed_request"]
        for name in attack.operation.queryParameters {
            wrong["\(name)=%FF"] = "malformed_request"
            wrong["\(name)=x&\(name)=x"] = "parameter_invalid"
        }
        let limits = ["limit=0", "limit=201", "limit=+1", "limit=1.0", "cursor=x", "cursor="]
        if attack.operation.queryParameters.contains("limit") {
            for text in limits where !attack.query.contains("limit") {
                wrong[text] = "parameter_invalid"
            }
        }
        for (text, code) in wrong {
            let answer = try await attack.send(
                trade.client, trade.rightToken(attack), target: "\(attack.target)\(join)\(text)")
            #expect(answer.status == 400, "\(answer.summary)")
            #expect(answer.code == code, "\(answer.summary)")
        }
    }

    private func wrongHeaders(_ attack: Attack, _ trade: Trade) async throws {
        let operation = attack.operation
        var wrong: [(name: String, value: String?, status: Int, code: String)] = []
        if operation.requiresIdempotencyKey {
            wrong += [
                ("Idempotency-Key", nil, 400, "idempotency_key_missing"),
                ("Idempotency-Key", "two words", 400, "idempotency_key_malformed"),
            ]
        }
        if operation.requiresIfMatch {
            wrong += [
                ("If-Match", nil, 428, "if_match_missing"),
                ("If-Match", "1", 400, "if_match_malformed"),
                ("If-Match", "\"7\"", 412, "revision_differs"),
                ("If-Match", "W/\(attack.revision)", 412, "revision_differs"),
                ("If-Match", "\"of another server\"", 400, "if_match_malformed"),
                ("If-Match", "\"another\"", 412, "revision_differs"),
            ]
        }
        if attack.operation.body != .none {
            wrong += [
                ("Content-Type", "text/plain", 415, "media_type_unsupported"),
                ("Content-Type", nil, 415, "media_type_unsupported"),
            ]
        }
        for (name, value, status, code) in wrong {
            let answer = try await attack.send(
                trade.client, trade.rightToken(attack), changed: [name: value])
            #expect(answer.status == status, "\(name) \(value ?? "none"): \(answer.summary)")
            #expect(answer.code == code)
        }
    }
}

// MARK: - The right call

extension AttackTests {
    private func rightCall(_ attack: Attack, _ trade: Trade) async throws {
        let operation = attack.operation
        let token = try trade.rightToken(attack)
        let key = "right-\(operation.rawValue)"
        let keyed: [String: String?] =
            operation.requiresIdempotencyKey ? ["Idempotency-Key": key] : [:]
        let answer = try await attack.send(trade.client, token, changed: keyed)
        #expect(answer.status == operation.success, "\(answer.summary)")
        #expect(answer.headers["cache-control"] == "no-store")
        #expect(answer.headers["x-content-type-options"] == "nosniff")
        if operation.requiresIdempotencyKey {
            try await repeated(attack, trade, key: key, first: answer)
        }
        if operation.requiresIfMatch {
            let stale = try await attack.send(trade.client, token)
            #expect(stale.status == 412, "\(stale.summary)")
        }
        if operation.method == .get {
            try await conditional(attack, trade, first: answer)
        }
    }

    private func repeated(
        _ attack: Attack, _ trade: Trade, key: String, first: Exchange
    ) async throws {
        let token = try trade.rightToken(attack)
        let keyed: [String: String?] = ["Idempotency-Key": key]
        let again = try await attack.send(trade.client, token, changed: keyed)
        #expect(again.status == first.status, "\(again.summary)")
        var shown = first.json?.members ?? [:]
        for secret in ["token", "address"] where shown["\(secret)_shown"] != nil {
            shown[secret] = .null
            shown["\(secret)_shown"] = true
        }
        #expect(again.json == .object(shown))
        #expect(again.headers["etag"] == first.headers["etag"])
        #expect(again.headers["location"] == first.headers["location"])
        guard let bytes = attack.bytes else { return }
        let other = try await attack.send(
            trade.client, token, bytes: bytes + [UInt8(ascii: "\n")], changed: keyed)
        #expect(other.status == 422, "\(other.summary)")
        #expect(other.code == "idempotency_key_reused")
    }

    private func conditional(
        _ attack: Attack, _ trade: Trade, first: Exchange
    ) async throws {
        let headers = try attack.headers(trade.rightToken(attack))
        let head = try await trade.client.send("HEAD", attack.target, headers: headers)
        #expect(head.status == first.status)
        #expect(head.body.isEmpty)
        #expect(head.headers["content-type"] == first.headers["content-type"])
        guard let tag = first.headers["etag"] else { return }
        for (match, status) in [(tag, 304), ("*", 304), ("\"x\", \(tag)", 304), ("\"x\"", 200)] {
            let again = try await attack.send(
                trade.client, trade.rightToken(attack), changed: ["If-None-Match": match])
            #expect(again.status == status, "\(again.summary)")
            #expect(again.headers["etag"] == tag)
            #expect(again.body.isEmpty == (status == 304))
        }
    }
}

import Marketplace
import StrictJSON

/// What is asked of the server itself, by no one in particular.
enum ServerHandlers {
    /// The process answers.
    static func getHealth(_ call: Call) async throws -> Reply {
        status("alive")
    }

    /// The process can serve: the database answers within two seconds.
    static func getReadiness(_ call: Call) async throws -> Reply {
        guard await call.market.isReady(within: .seconds(2)) else {
            throw Problem(.databaseUnavailable)
        }
        return status("ready")
    }

    static func getDescription(_ call: Call) async throws -> Reply {
        try .text(APIDescription.bytes(), mediaType: "application/yaml")
    }

    /// The public keys of everyone, for whoever checks a signed contract.
    static func getKeySet(_ call: Call) async throws -> Reply {
        let set = try await call.market.publishedKeys()
        return .text(set.body.write(), mediaType: "application/jwk-set+json")
    }

    private static func status(_ word: String) -> Reply {
        Reply(body: .json(["status": JSON(word)]))
    }
}

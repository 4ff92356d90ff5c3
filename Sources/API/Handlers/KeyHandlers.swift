import Contracts
import Marketplace
import StrictJSON

/// The keys that sign an organisation's contracts.
enum KeyHandlers {
    static func addOrganisationKey(_ call: Call) async throws -> Reply {
        let own = try call.object { fields -> OwnKey? in
            let key = try fields.optional("jwk")?.publicKey()
            let proof = try fields.optionalSignature("proof")
            switch (key, proof) {
            case (let key?, let proof?): return OwnKey(key, proof: proof)
            case (nil, nil): return nil
            case (nil, _): throw fields.problem("jwk", .missing, "is required with a proof")
            case (_, nil): throw fields.problem("proof", .missing, "is required with a key")
            }
        }
        return try await .json(call.market.addOrganisationKey(call.request, own: own))
    }

    static func retireOrganisationKey(_ call: Call) async throws -> Reply {
        try await .json(call.market.retireOrganisationKey(call.request, call.name("key")))
    }
}

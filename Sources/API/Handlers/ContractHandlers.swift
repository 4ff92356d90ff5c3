import Contracts
import Marketplace
import MoneyAndTime
import StrictJSON

/// Templates, checking, drafting and signing contracts.
enum ContractHandlers {
    static func checkContract(_ call: Call) async throws -> Reply {
        try await .json(call.market.checkContract(call.request, call.body.value))
    }

    static func listContractTemplates(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.listContractTemplates(
                call.request, in: call.query.optionalEnumeration("language") ?? .english))
    }

    static func getContractTemplate(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.contractTemplate(
                call.request, call.name("template"),
                in: call.query.optionalEnumeration("language") ?? .english))
    }

    static func listContracts(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listContracts(
                call.request, state: call.query.optionalEnumeration("state"),
                page: call.page(ContractID.init(typeID:))))
    }

    static func draftContract(_ call: Call) async throws -> Reply {
        try await .json(call.market.draftContract(call.request, call.body.value))
    }

    static func getContract(_ call: Call) async throws -> Reply {
        try await .json(call.market.contract(call.request, call.id("contract")))
    }

    static func amendContract(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.amendContract(call.request, call.id("contract"), call.body.value))
    }

    static func getContractVersion(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.contractVersion(
                call.request, call.id("contract"), number: call.number("number")))
    }

    static func signContractVersion(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields in
            let text = try fields.string("digest", min: 64, max: 64)
            guard let digest = ContractDigest(hex: text) else {
                throw fields.problem("digest", .pattern, "must be 64 lower-case hex digits")
            }
            return try (digest: digest, signature: fields.optionalSignature("signature"))
        }
        return try await .json(
            call.market.signContractVersion(
                call.request, call.id("contract"), number: call.number("number"),
                digest: wanted.digest, signature: wanted.signature))
    }

    static func priceVisit(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.priceVisit(
                call.request, call.id("contract"), number: call.number("number"),
                call.body.value))
    }

    static func getSignedContract(_ call: Call) async throws -> Reply {
        try await .file(
            call.market.signedContract(
                call.request, call.id("contract"), number: call.number("number")))
    }

    static func importContract(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.importContract(call.request, call.body.signedContract()))
    }
}

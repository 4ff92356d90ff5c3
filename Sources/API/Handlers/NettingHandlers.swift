import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// Rounds in which organisations set off what they owe one another.
enum NettingHandlers {
    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listNettingRounds(
                call.request, page: call.page(NettingRoundID.init(typeID:))))
    }

    static func propose(_ call: Call) async throws -> Reply {
        let other = try call.object { fields in
            try fields.parsed("with") { text -> OrganisationID? in
                text == "all" ? nil : try OrganisationID(typeID: text)
            }
        }
        return try await .json(call.market.proposeNetting(call.request, with: other))
    }

    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.nettingRound(call.request, call.id("netting_round")))
    }

    static func answer(_ call: Call) async throws -> Reply {
        let (answer, figure) = try call.object { fields in
            try (
                fields.enumeration("answer") as StoredNettingMember.Answer,
                fields.parsed("figure") { try Money(decimal: $0) }
            )
        }
        return try await .json(
            call.market.answerNetting(
                call.request, call.id("netting_round"), answer, figure: figure))
    }
}

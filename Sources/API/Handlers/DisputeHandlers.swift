import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// Lines of statements that buyers dispute.
enum DisputeHandlers {
    static func dispute(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields in
            try (
                charge: fields.parsed("charge", ChargeID.init(typeID:)),
                reason: fields.enumeration("reason", as: Dispute.Reason.self),
                said: words(&fields, areRequired: true)
            )
        }
        return try await .json(
            call.market.disputeLine(
                call.request, of: call.id("statement"), charge: wanted.charge,
                reason: wanted.reason, wanted.said))
    }

    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listDisputes(
                call.request,
                contract: call.query.optionalParsed("contract", ContractID.init(typeID:)),
                statement: call.query.optionalParsed("statement", StatementID.init(typeID:)),
                state: call.query.optionalEnumeration("state"),
                page: call.page(DisputeID.init(typeID:))))
    }

    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.dispute(call.request, call.id("dispute")))
    }

    static func answer(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields in
            try (
                act: fields.enumeration("answer", as: Market.DisputeAct.self),
                said: words(&fields)
            )
        }
        return try await .json(
            call.market.answerDispute(
                call.request, call.id("dispute"), wanted.act, wanted.said))
    }

    private static func words(
        _ fields: inout JSONFields, areRequired: Bool = false
    ) throws -> DisputeWords {
        try DisputeWords(
            words: areRequired
                ? fields.words("words", max: DisputeWords.longest)
                : fields.optionalWords("words", max: DisputeWords.longest),
            evidence: fields.optionalArray("evidence", max: DisputeWords.mostEvidence) {
                try $0.words(max: DisputeWords.longestEvidence)
            } ?? [],
            net: fields.optionalParsed("net") { try Money(decimal: $0) },
            minutes: fields.optionalInteger("minutes", in: 0...DisputeWords.mostMinutes))
    }
}

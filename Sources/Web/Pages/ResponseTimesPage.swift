import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// How long it took, under one contract in a month, until somebody accepted and until both met.
enum ResponseTimesPage {
    private static let field = "month"

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let contract = try id(parameter)
        var errors = FieldErrors()
        let now = try month(of: visitor)
        let asked = errors.read(field, "error_month") { try typed(visitor) ?? now }
        let figures = try await visitor.market.responseTimes(
            visitor.asking("getResponseTimes"), of: contract, in: asked ?? now
        ).body
        var fields: [String: Any] = [
            "month": TypedField(
                id: field, label: "month", kind: .text,
                value: visitor.request.query.text(field) ?? now.key, hint: "hours_month_hint"
            ).fields(visitor, errors),
            "address": "/contracts/\(contract)",
            "action": "/contracts/\(contract)/response-times",
            "table_address":
                "/contracts/\(contract)/response-times/table?month=\((asked ?? now).key)",
            "counts": ["asked", "accepted", "ended", "expired", "open"].map {
                [
                    "text": visitor.say("times_\($0)"),
                    "count": visitor.language.number("\(figures[$0]?.integer ?? 0)"),
                ]
            },
            "rows": ["accept", "meet"].map { row($0, figures["seconds_to_\($0)"], visitor) },
        ]
        if figures["asked"]?.integer == 0 { fields["none"] = true }
        return try visitor.page(
            "response_times", title: visitor.say("times_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    private static func row(_ what: String, _ figures: JSON?, _ visitor: Visitor) -> [String: Any] {
        func length(_ key: String) -> String {
            figures?[key]?.integer.map { visitor.language.length(seconds: $0) } ?? "–"
        }
        return [
            "text": visitor.say("times_to_\(what)"),
            "count": visitor.language.number("\(figures?["count"]?.integer ?? 0)"),
            "median": length("median"), "ninetieth": length("percentile_90"),
        ]
    }

    static func download(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        guard let month = try? typed(visitor) ?? month(of: visitor) else { throw InvalidLink() }
        return try await .file(
            visitor.market.responseTimesTable(
                visitor.asking("getResponseTimesTable"), of: id(parameter), in: month))
    }

    private static func typed(_ visitor: Visitor) throws -> StatementPeriod? {
        try visitor.request.query.text(field).map { try StatementPeriod(key: $0) }
    }

    private static func month(of visitor: Visitor) throws -> StatementPeriod {
        let login = try visitor.signedIn
        return StatementPeriod(of: login.zone.date(of: login.now))
    }

    private static func id(_ parameter: String) throws -> ContractID {
        guard let id = try? ContractID(typeID: parameter) else { throw Refusal(.notFound) }
        return id
    }
}

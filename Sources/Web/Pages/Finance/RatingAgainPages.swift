import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// A month of a contract by the versions that both signed after its visits: what each charge comes
/// to, and putting that in its place.
enum RatingAgainPages {
    private static let field = "month"

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        var errors = FieldErrors()
        let usual = try HoursPage.usual(visitor)
        let asked = errors.read(field, "error_month") {
            try visitor.request.query.text(field).map { try StatementPeriod(key: $0) } ?? usual
        }
        return try await show(
            visitor, ContractID(inPath: parameter), asked ?? usual, errors: errors,
            status: errors.isEmpty ? 200 : 422)
    }

    private static func show(
        _ visitor: Visitor, _ contract: ContractID, _ month: StatementPeriod,
        errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let found = try await visitor.market.ratingAgain(
            visitor.asking("getRatingAgain"), of: contract, period: month
        ).body
        let contracts = try await ContractList.all(visitor)
        let entry = contracts[found["contract"]]
        let sold = try await SoldInContract.all(under: contract, visitor)
        let typed = visitor.request.query.text(field) ?? month.key
        var fields: [String: Any] = [
            "contract": entry?.name ?? "",
            "contract_address": "/contracts/\(contract)",
            "action": "/contracts/\(contract)/rating-again",
            "month": TypedField(
                id: field, label: "month", kind: .text, value: typed, hint: "hours_month_hint"
            ).fields(visitor, errors),
        ]
        let charges = found["charges"]?.elements ?? []
        if !charges.isEmpty {
            fields["charges"] = [
                "rows": try charges.map { try row($0, sold, visitor) },
                "before": visitor.figure(found["before"]),
                "after": visitor.figure(found["after"]),
                "difference": visitor.figure(found["difference"]),
            ]
        }
        let isSomething = charges.contains {
            ["credited", "replaced"].contains($0["becomes"]?.text ?? "")
        }
        if isSomething, entry?.isSeller == true, login.roles.contains(.finance) {
            fields["may_rate"] = [
                "period": month.key, "as_seen": found["difference"]?.text ?? "",
                "text": visitor.say(
                    "rating_again_text", try visitor.euros(found["difference"]),
                    entry?.counterparty ?? ""),
            ]
        }
        let made = try (found["made"]?.elements ?? []).map { one -> [String: Any] in
            [
                "at": try visitor.moment(one["rated_at"]),
                "count": "\(one["charges"]?.integer ?? 0)",
                "difference": visitor.figure(one["difference"]),
            ]
        }
        if !made.isEmpty { fields["made"] = ["rows": made] }
        if visitor.request.query.text("done") != nil {
            fields["done"] = ["text": visitor.say("rating_again_done")]
        }
        return try visitor.page(
            "rating_again",
            title: visitor.say("rating_again_title", try visitor.month(JSON(month.key))), fields,
            status: status, errors: errors)
    }

    private static func row(
        _ charge: JSON, _ sold: [SoldInContract], _ visitor: Visitor
    ) throws -> [String: Any] {
        let becomes = charge["becomes"]?.text ?? ""
        let reason = charge["reason"]?.text
        var fields: [String: Any] = [
            "address": "/charges/\(charge["charge"]?.text ?? "")",
            "day": try visitor.day(charge["served_on"]),
            "service": visitor.serviceName(charge["service"], in: sold),
            "before": visitor.figure(charge["before"]),
            "after": charge["after"]?.text == nil ? "–" : visitor.figure(charge["after"]),
            "becomes": visitor.say(
                reason.map { "rating_again_why_\($0)" } ?? "rating_again_\(becomes)"),
        ]
        if charge["take_back"]?.text != nil {
            fields["take_back"] = [
                "link": "/invoices/\(charge["invoice"]?.text ?? "")",
                "text": visitor.say("rating_again_take_back", visitor.figure(charge["take_back"])),
            ]
        }
        if charge["other_vat"]?.flag == true {
            fields["other_vat"] = ["text": visitor.say("rating_again_other_vat")]
        }
        return fields
    }

    static func rate(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try ContractID(inPath: parameter)
        let form = visitor.request.form
        guard let month = form.text(field).flatMap({ try? StatementPeriod(key: $0) }),
            let difference = form.text("difference").flatMap({ try? Money(decimal: $0) })
        else { throw InvalidLink() }
        do {
            _ = try await visitor.market.rateAgain(
                visitor.asking("rateAgain"), id, period: month, difference: difference)
            return .see("/contracts/\(id)/rating-again?month=\(month.key)&done=made")
        } catch let refusal as Refusal
            where [.differenceDiffers, .nothingToRateAgain, .invoicedByBuyer].contains(
                refusal.code)
        {
            var errors = FieldErrors()
            errors.add(nil, "refusal_\(refusal.code.rawValue)")
            return try await show(visitor, id, month, errors: errors, status: 409)
        }
    }
}

import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The months of the organisation's book: what is unfinished in the one that is next, and closing
/// it.
enum PeriodPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, errors: FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let periods = try await visitor.market.periods(visitor.asking("getPeriods")).body
        let next = periods["next"]
        let name = try visitor.month(next?["month"])
        var fields: [String: Any] = [
            "month": name,
            "unfinished": (next?["unfinished"]?.elements ?? []).map { line -> [String: Any] in
                let kind = line["kind"]?.text ?? ""
                return [
                    "what": visitor.say("unfinished_\(kind)"),
                    "address": address(of: kind),
                    "count": visitor.language.number("\(line["count"]?.integer ?? 0)"),
                    "amount": visitor.figure(line["amount"]),
                ]
            },
        ]
        let closed = try (periods["closed"]?.elements ?? []).map { period -> [String: Any] in
            [
                "month": try visitor.month(period["month"]),
                "address": "/month?month=\(period["month"]?.text ?? "")",
                "closed": try visitor.moment(period["closed_at"]),
            ]
        }
        if !closed.isEmpty { fields["closed"] = ["rows": closed] }
        if next?["over"]?.flag != true {
            let ends = try visitor.moment(next?["ends"])
            fields["waits"] = ["text": visitor.say("period_not_over", name, ends)]
        } else if login.roles.contains(.finance) {
            fields["may_close"] = ["key_of_month": next?["month"]?.text ?? ""]
        }
        if let done = visitor.request.query.text("done").flatMap({ try? StatementPeriod(key: $0) })
        {
            fields["done"] = [
                "text": visitor.say("period_done", visitor.language.month(of: done.first))
            ]
        }
        fields.merge(BookPages.tabs(visitor)) { $1 }
        return try visitor.page(
            "periods", title: visitor.say("books_title"), fields, status: status, errors: errors)
    }

    /// Where the visitor sees what is unfinished.
    private static func address(of kind: String) -> String {
        switch kind {
        case "unattested": "/bookings"
        case "draft": "/statements"
        case "disputed": "/disputes"
        case "unmatched": "/open-amounts#open-entries"
        default: "/open-amounts#open-charges"
        }
    }

    static func close(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.finance])
        guard let key = visitor.request.form.text("month"),
            let month = try? StatementPeriod(key: key)
        else { throw InvalidLink() }
        do {
            _ = try await visitor.market.closePeriod(visitor.asking("closePeriod"), month: month)
            return .see("/periods?done=\(month.key)")
        } catch let refusal as Refusal
            where [.periodClosed, .earlierMonthOpen, .periodNotOver].contains(refusal.code)
        {
            var errors = FieldErrors()
            errors.add(nil, "refusal_\(refusal.code.rawValue)")
            return try await show(visitor, errors: errors, status: 409)
        }
    }
}

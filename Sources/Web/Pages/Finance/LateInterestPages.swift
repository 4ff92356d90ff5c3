import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The interest that an invoice bears for being paid late, how it is computed, and charging it.
enum LateInterestPages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(
            visitor, InvoiceID(inPath: parameter), errors: FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ id: InvoiceID, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let invoice = try await visitor.market.invoice(visitor.asking("getInvoice"), id).body
        let today = login.zone.date(of: login.now)
        var fields: [String: Any] = [
            "address": "/invoices/\(id)",
            "number": invoice["number"]?.text ?? "",
            "due": try visitor.day(invoice["due_on"]),
            "today": try visitor.day(JSON(today.iso)),
        ]
        do {
            let owed = try await visitor.market.lateInterest(
                visitor.asking("getLateInterest"), on: id, through: today
            ).body
            let terms = owed["terms"]?.text ?? ""
            fields["terms"] =
                terms == "statutory"
                ? visitor.say("interest_statutory")
                : visitor.say("interest_yearly", visitor.language.percent(terms))
            fields["amount"] = try visitor.euros(owed["amount"])
            let lines = try stretches(of: owed["trace"], visitor)
            if !lines.isEmpty { fields["stretches"] = ["rows": lines] }
            let charged = try (owed["charged"]?.elements ?? []).map { one -> [String: Any] in
                [
                    "days": "\(try visitor.day(one["from"])) – \(try visitor.day(one["through"]))",
                    "amount": visitor.figure(one["amount"]),
                ]
            }
            if !charged.isEmpty { fields["charged"] = ["rows": charged] }
            let isSeller = invoice["seller"]?.text == login.organisation.description
            if isSeller, login.roles.contains(.finance), owed["amount"]?.text != "0.00" {
                fields["may_charge"] = [
                    "through": today.iso, "as_seen": owed["amount"]?.text ?? "",
                ]
            }
        } catch let refusal as Refusal where refusal.code == .referenceRateMissing {
            fields["missing"] = [
                "text": visitor.say(
                    "refusal_reference_rate_missing", try visitor.day(refusal.figures["from"]))
            ]
        }
        if visitor.request.query.text("done") != nil {
            fields["done"] = ["text": visitor.say("interest_done")]
        }
        return try visitor.page(
            "late_interest",
            title: visitor.say("interest_title", invoice["number"]?.text ?? ""), fields,
            status: status, errors: errors)
    }

    private static func stretches(of trace: JSON?, _ visitor: Visitor) throws -> [[String: Any]] {
        try (trace?["stretches"]?.elements ?? []).map { stretch in
            [
                "first": try visitor.day(stretch["first_day"]),
                "last": try visitor.day(stretch["last_day"]),
                "days": "\(stretch["days"]?.integer ?? 0)",
                "principal": visitor.figure(stretch["principal"]),
                "rate": visitor.language.number(stretch["rate"]?.text ?? ""),
            ]
        }
    }

    static func charge(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try InvoiceID(inPath: parameter)
        let form = visitor.request.form
        guard let day = form.text("through").flatMap({ try? CalendarDate(iso: $0) }),
            let amount = form.text("amount").flatMap({ try? Money(decimal: $0) })
        else { throw InvalidLink() }
        do {
            _ = try await visitor.market.chargeLateInterest(
                visitor.asking("chargeLateInterest"), on: id, through: day, amount: amount)
            return .see("/invoices/\(id)/late-interest?done=charged")
        } catch let refusal as Refusal
            where [.interestDiffers, .noInterest, .timeInTheFuture].contains(refusal.code)
        {
            var errors = FieldErrors()
            errors.add(nil, "refusal_interest_differs")
            return try await show(visitor, id, errors: errors, status: 409)
        }
    }
}

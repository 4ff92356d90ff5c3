import Contracts
import Marketplace
import MoneyAndTime
import StrictJSON

/// What a visit would cost under a contract: the question and its answer on one page, which can be
/// linked to.
enum PricePage {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try ContractPages.id(parameter)
        let (sheet, version) = try await ContractPages.newest(visitor, id)
        let form = try PriceForm(visitor, version)
        var errors = FieldErrors()
        var fields: [String: Any] = [:]
        if form.isAsked, let question = form.question(&errors) {
            do {
                let priced = try await visitor.market.priceVisit(
                    visitor.asking("priceVisit"), id,
                    number: version["number"]?.integer ?? 0, question
                ).body
                fields["answer"] = try answer(priced, to: form, visitor, version)
            } catch let input as InvalidInput {
                form.add(input, to: &errors)
            }
        }
        fields.merge(form.fields(errors)) { $1 }
        fields["address"] = "/contracts/\(id)/price"
        fields["contract_address"] = "/contracts/\(id)"
        fields["contract"] = sheet["title"]?.text ?? ""
        return try visitor.page(
            "price", title: visitor.say("pricing_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    private static func answer(
        _ priced: JSON, to form: PriceForm, _ visitor: Visitor, _ version: JSON
    ) throws -> [String: Any] {
        let total = try Money(decimal: priced["total"]?.text ?? "")
        let lines = priced["lines"]?.elements ?? []
        var answer: [String: Any] = [
            "moment": form.moment, "service_name": form.sold?.name ?? "", "what": form.what,
            "version": visitor.say(
                "pricing_version", "\(version["number"]?.integer ?? 0)",
                visitor.say("version_\(version["state"]?.text ?? "")")),
            "total": visitor.language.money(total),
            "steps": visitor.explanation(of: priced["trace"]),
        ]
        if lines.isEmpty {
            answer["is_free"] = true
        } else {
            answer["bill"] = ["rows": lines.map { row($0, form, visitor) }]
        }
        if total < .zero { answer["is_owed"] = true }
        return answer
    }

    private static func row(
        _ line: JSON, _ form: PriceForm, _ visitor: Visitor
    ) -> [String: Any] {
        var name = visitor.say("line_\(line["kind"]?.text ?? "")")
        if let code = line["code"]?.text { name += ": \(form.name(ofTerm: code))" }
        var row: [String: Any] = [
            "name": name, "amount": visitor.language.number(line["amount"]?.text ?? ""),
        ]
        if let minutes = line["minutes"]?.text {
            row["billed"] = ["minutes": visitor.language.number(minutes)]
        }
        return row
    }
}

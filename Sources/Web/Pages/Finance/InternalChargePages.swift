import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What units of one legal person settle without an invoice: the list for cost accounting.
enum InternalChargePages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try InternalChargeID(inPath: parameter)
        let settled = try await visitor.market.internalCharge(
            visitor.asking("getInternalCharge"), id
        ).body
        let contracts = try await ContractList.all(visitor)
        let version = try await SoldInContract.newestVersion(
            of: ContractID(typeID: settled["contract"]?.text ?? ""), visitor)
        let sold = version.map { SoldInContract.all(of: $0, in: visitor.language) } ?? []
        var fields: [String: Any] = [
            "address": "/internal-charges/\(id)",
            "statement_address": "/statements/\(settled["statement"]?.text ?? "")",
            "seller": contracts.name(of: settled["seller"]),
            "buyer": contracts.name(of: settled["buyer"]),
            "day": try visitor.day(settled["settled_on"]),
            "cost_centre": settled["cost_centre"]?.text ?? "–",
            "buyer_reference": settled["buyer_reference"]?.text ?? "",
            "total": visitor.figure(settled["total"]),
            "rows": try (settled["lines"]?.elements ?? []).map { line -> [String: Any] in
                [
                    "link": "/charges/\(line["charge"]?.text ?? "")",
                    "day": try visitor.day(line["served_on"]),
                    "service": visitor.serviceName(line["service"], in: sold),
                    "time": line["cause"]?.text == "visit"
                        ? visitor.language.length(seconds: line["billable_seconds"]?.integer ?? 0)
                        : visitor.say("line_\(line["cause"]?.text ?? "")"),
                    "net": visitor.figure(line["net"]),
                ]
            },
        ]
        if visitor.request.query.text("done") == "settled" {
            fields["done"] = ["text": visitor.say("internal_done")]
        }
        return try visitor.page(
            "internal_charge",
            title: visitor.say("internal_title", try visitor.month(settled["period"])), fields)
    }

    static func settle(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try StatementID(inPath: parameter)
        guard let total = visitor.request.form.text("total").flatMap({ try? Money(decimal: $0) })
        else { throw InvalidLink() }
        do {
            let made = try await visitor.market.settleInternally(
                visitor.asking("settleInternally"), id, total: total)
            return .see("/internal-charges/\(made.body["id"]?.text ?? "")?done=settled")
        } catch let refusal as Refusal where refusal.code == .totalDiffers {
            return try await StatementPages.show(visitor, id, refused: "refusal_total_differs")
        }
    }

    static func download(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await .file(
            visitor.market.internalChargeTable(
                visitor.asking("getInternalChargeTable"), InternalChargeID(inPath: parameter)))
    }
}

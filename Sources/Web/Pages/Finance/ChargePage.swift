import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// What one visit, or a late cancellation, costs, and how that is reached step by step.
enum ChargePage {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let charge = try await visitor.market.charge(
            visitor.asking("getCharge"), ChargeID(inPath: parameter)
        ).body
        let contracts = try await ContractList.all(visitor)
        let contract = try ContractID(typeID: charge["contract"]?.text ?? "")
        let sold = try await SoldInContract.all(under: contract, visitor)
        let isVisit = charge["cause"]?.text == "visit"
        var fields: [String: Any] = [
            "day": try visitor.day(charge["served_on"]),
            "service": visitor.serviceName(charge["service"], in: sold),
            "cause": visitor.say("line_\(charge["cause"]?.text ?? "")"),
            "seller": contracts.name(of: charge["seller"]),
            "buyer": contracts.name(of: charge["buyer"]),
            "contract": visitor.say(
                "charge_contract", contracts[charge["contract"]]?.title ?? "",
                "\(charge["version"]?.integer ?? 1)"),
            "contract_address": "/contracts/\(contract)",
            "amount": try visitor.euros(charge["net"]),
            "digest": charge["digest"]?.text ?? "",
            "sealed": try visitor.moment(charge["recorded_at"]),
            "steps": visitor.explanation(of: charge["trace"]),
        ]
        for (kind, path) in [("booking", "bookings"), ("block", "blocks")] {
            guard let id = charge[kind]?.text else { continue }
            fields["source"] = ["link": "/\(path)/\(id)", "name": visitor.say("\(kind)_title")]
        }
        if isVisit {
            fields["billable"] = [
                "time": visitor.language.length(seconds: charge["billable_seconds"]?.integer ?? 0)
            ]
        }
        if let own = charge["own_cost"], let items = own["items"]?.elements {
            fields["own_cost"] = [
                "rows": items.map { item in
                    [
                        "name": item["name"]?.text ?? "",
                        "time": visitor.language.length(seconds: item["seconds"]?.integer ?? 0),
                        "cost_per_minute": visitor.figure(item["cost_per_minute"]),
                        "cost": visitor.figure(item["cost"]),
                    ]
                },
                "charged": visitor.figure(charge["net"]),
                "whole": visitor.figure(own["with_charge"]),
            ]
        }
        if let statement = charge["statement"]?.text {
            fields["on_statement"] = ["link": "/statements/\(statement)"]
        }
        if let invoice = charge["invoice"]?.text {
            fields["on_invoice"] = ["link": "/invoices/\(invoice)"]
        }
        return try visitor.page("charge", title: visitor.say("charge_title"), fields)
    }
}

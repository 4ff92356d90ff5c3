import Foundation
import StrictJSON

/// A contract document on its way from a template to a signature, as a party's program writes it.
struct ContractPaper: Sendable {
    private(set) var json: JSON

    /// The template with its parties, its validity and the buyer's reference filled in; `seller`
    /// and `buyer` are what the API says of each to itself.
    init(_ template: JSON, seller: JSON, buyer: JSON, buyerReference: String) throws {
        var members = template.members ?? [:]
        members["template"] = nil
        members["seller"] = try Self.party(seller)
        members["buyer"] = try Self.party(buyer)
        members["validity"] = ["first_day": "2026-10-01", "last_day": "2027-09-30"]
        var billing = try template.at("/billing").members ?? [:]
        billing["buyer_reference"] = JSON(buyerReference)
        members["billing"] = .object(billing)
        json = .object(members)
    }

    private static func party(_ organisation: JSON) throws -> JSON {
        var party: JSONObject = ["organisation": try organisation.at("/id")]
        for key in ["name", "business_id", "vat_id", "ovt", "address", "iban", "email"] {
            party[key] = try organisation.at("/\(key)")
        }
        return JSON.object(party).withoutNulls
    }

    /// Another price a minute for the first service.
    mutating func setPrice(_ price: String) throws {
        var service = try json.at("/services/0").members ?? [:]
        service["price_per_minute"] = JSON(price)
        set("services", [.object(service)])
    }

    /// Writes into each worked example what a check computed for it.
    mutating func takeExamples(from check: JSON, renaming old: String, to new: String) throws {
        let computed = try check.list(at: "/worked_examples")
        let examples = try zip(json.list(at: "/worked_examples"), computed).map { example, found in
            var members = example.members ?? [:]
            let title = try example.text(at: "/title").replacingOccurrences(of: old, with: new)
            members["title"] = JSON(title)
            members["lines"] = .array(try found.list(at: "/computed/lines").map(\.withoutNulls))
            members["total"] = try found.at("/computed/total")
            return JSON.object(members)
        }
        set("worked_examples", .array(examples))
    }

    private mutating func set(_ key: String, _ value: JSON) {
        var members = json.members ?? [:]
        members[key] = value
        json = .object(members)
    }
}

extension JSON {
    /// A contract leaves out what is not agreed, where an answer of the API says null.
    fileprivate var withoutNulls: JSON {
        var kept = JSONObject()
        for (key, value) in members ?? [:] where !value.isNull { kept[key] = value }
        return .object(kept)
    }
}

import MoneyAndTime
import StrictJSON

/// A contract without parties, validity and buyer's reference, to start from.
package struct ContractTemplate: Hashable, Sendable {
    /// A slug, the same as its file's name.
    package let name: String
    package let title: String
    package let json: JSON

    /// Reads the name and the title; everything else is checked when the template is filled.
    package init(reading bytes: some Collection<UInt8>) throws(ContractProblem) {
        let json: JSON
        do { json = try JSON.parse(bytes) } catch { throw ContractProblem(error) }
        try self.init(json)
    }

    init(_ json: JSON) throws(ContractProblem) {
        guard let name = json["template"]?.text, let title = json["title"]?.text else {
            throw ContractProblem(.missing, at: .root, "a template has a name and a title")
        }
        self.name = name
        self.title = title
        self.json = json
    }

    /// The contract of these two parties, with everything else as the template has it.
    package func filled(
        seller: Party, buyer: Party, validity: Validity, buyerReference: String,
        orderReference: String? = nil
    ) throws(ContractProblem) -> ContractDocument {
        var contract = JSONObject()
        for (key, value) in json.members ?? [:] where key != "template" {
            contract[key] = value
            if key == "title" {
                contract["seller"] = seller.json
                contract["buyer"] = buyer.json
                contract["validity"] = validity.json
            }
        }
        var billing = json["billing"]?.members ?? [:]
        billing["buyer_reference"] = JSON(buyerReference)
        billing["order_reference"] = orderReference.map { JSON($0) }
        contract["billing"] = .object(billing)
        return try ContractDocument(.object(contract))
    }
}

extension Validity {
    /// As a contract document holds it.
    package var json: JSON {
        ["first_day": JSON(firstDay.iso), "last_day": JSON(lastDay.iso)]
    }
}

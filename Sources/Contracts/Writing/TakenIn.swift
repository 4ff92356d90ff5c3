import MoneyAndTime
import StrictJSON

extension ContractDraft {
    /// From a file: a contract, a template, or what two have signed, of which the contract is the
    /// payload (RFC 7515 §7.2). Everything is kept that is in it.
    package static func document(
        in bytes: some Collection<UInt8>
    ) throws(ContractProblem) -> JSON {
        let json = try parse(bytes)
        guard json.members != nil else {
            throw ContractProblem(.wrongType, at: .root, "must be object, not \(json.kind)")
        }
        guard json["format"] == nil, json["signatures"] != nil,
            let payload = json["payload"]?.text
        else { return json }
        guard let signed = Base64URL.decode(payload) else {
            throw ContractProblem(
                .malformedJSON, at: JSONPointer.root.appending("payload"), "is not Base64url")
        }
        return try parse(signed)
    }

    private static func parse(_ bytes: some Collection<UInt8>) throws(ContractProblem) -> JSON {
        do { return try JSON.parse(bytes) } catch { throw ContractProblem(error) }
    }

    /// Takes the place of all that was written. A template has no parties and no days: it takes
    /// over those that are there already.
    package func replaced(by document: JSON) -> ContractDraft {
        guard let template = document.members, template["template"] != nil else {
            return ContractDraft(document, shape: shape)
        }
        var filled = template
        filled["template"] = nil
        for key in ["seller", "buyer", "validity"] { filled[key] = json[key] }
        var billing = filled["billing"]?.members ?? [:]
        for key in ["buyer_reference", "order_reference"] {
            billing[key] = json["billing"]?[key] ?? billing[key]
        }
        if !billing.isEmpty { filled["billing"] = .object(billing) }
        return ContractDraft(.object(filled.inOrder(of: shape)), shape: shape)
    }
}

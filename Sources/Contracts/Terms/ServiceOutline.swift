import MoneyAndTime
import StrictJSON

/// A service as a seller offers it or a buyer needs it before there is a contract: in the words of
/// the contract format, without its terms.
package struct ServiceOutline: Hashable, Sendable {
    package let kind: SoldService.Kind
    package let modality: SoldService.Modality
    package let specialty: CodedValue?
    package let profession: CodedValue?
    /// ISO 639, at least one.
    package let languages: [String]
    /// Where a seller wants to say one: no promise, and nothing is billed by it.
    package let price: UnitPrice?

    /// `hasPrice`: whether a price may be there.
    package init(reading fields: inout JSONFields, hasPrice: Bool) throws {
        kind = try fields.enumeration("kind")
        modality = try fields.enumeration("modality")
        specialty = try fields.optionalNested("specialty") { try CodedValue(reading: &$0) }
        profession = try fields.optionalNested("profession") { try CodedValue(reading: &$0) }
        guard specialty != nil || profession != nil else {
            throw fields.breach(.serviceField, "needs a specialty or a profession")
        }
        languages = try SoldService.languages(in: &fields)
        price = hasPrice ? try Self.price(in: &fields) : nil
    }

    /// As it was stored; nil where it is none.
    package init?(stored json: JSON) {
        let read = try? JSONReader(json).object { fields in
            try ServiceOutline(reading: &fields, hasPrice: true)
        }
        guard let read else { return nil }
        self = read
    }

    package static func price(in fields: inout JSONFields) throws -> UnitPrice? {
        guard fields.optional("price_per_minute") != nil else { return nil }
        return try fields.unitPrice("price_per_minute")
    }

    package var json: JSON {
        var members: JSONObject = [
            "kind": JSON(kind.rawValue), "modality": JSON(modality.rawValue),
        ]
        members["specialty"] = specialty?.json
        members["profession"] = profession?.json
        members["languages"] = .array(languages.map { JSON($0) })
        members["price_per_minute"] = price.map { JSON($0.decimal) }
        return .object(members)
    }

    /// Whether this offer is what such a need looks for: the same kind of service in the same
    /// field, in one of its languages.
    package func fits(_ need: ServiceOutline) -> Bool {
        kind == need.kind && (specialty ?? profession) == (need.specialty ?? need.profession)
            && !Set(languages).isDisjoint(with: need.languages)
    }
}

extension CodedValue {
    package var json: JSON { ["system": JSON(system), "code": JSON(code)] }
}

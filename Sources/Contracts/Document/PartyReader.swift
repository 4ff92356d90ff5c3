import MoneyAndTime
import StrictJSON

extension Party {
    init(reading fields: inout JSONFields, as side: Side) throws {
        organisation = try fields.value(
            "organisation", .organisation, as: OrganisationID.init(typeID:),
            writing: \.description)
        name = try fields.line("name")
        businessID = try fields.value(
            "business_id", .businessID, as: { try BusinessID($0) }, writing: \.text)
        vatID = try Self.needed("vat_id", of: side, in: &fields) { fields in
            try fields.value("vat_id", .vatID, as: { try VATID($0) }, writing: \.text)
        }
        ovt = try fields.value("ovt", .ovt, as: { try OVT($0) }, writing: \.text)
        address = try fields.nested("address") { try PostalAddress(reading: &$0) }
        iban = try Self.needed("iban", of: side, in: &fields) { fields in
            try fields.value("iban", .iban, as: { try IBAN($0) }, writing: \.text)
        }
        email = try fields.form("email", .email, "an address such as a@b.example", max: 254) {
            Form.email($0)
        }
        try requireOneBusiness(fields)
    }

    /// A value that a seller must give and a buyer may.
    private static func needed<Value>(
        _ key: String, of side: Side, in fields: inout JSONFields,
        _ read: (inout JSONFields) throws -> Value
    ) throws -> Value? {
        if side == .buyer, fields.optional(key) == nil { return nil }
        return try read(&fields)
    }

    /// The VAT identifier and the e-invoice address contain the business id.
    private func requireOneBusiness(_ fields: JSONFields) throws {
        if ovt.businessID != businessID {
            throw fields.breach("ovt", .partyIdentifiersDiffer, "is not of this business id")
        }
        if let vatID, vatID.businessID != businessID {
            throw fields.breach("vat_id", .partyIdentifiersDiffer, "is not of this business id")
        }
    }

    /// As a contract document holds it.
    package var json: JSON {
        var members: JSONObject = [
            "organisation": JSON(organisation.description),
            "name": JSON(name),
            "business_id": JSON(businessID.text),
        ]
        members["vat_id"] = vatID.map { JSON($0.text) }
        members["ovt"] = JSON(ovt.text)
        members["address"] = address.json
        members["iban"] = iban.map { JSON($0.text) }
        members["email"] = JSON(email)
        return .object(members)
    }
}

extension PostalAddress {
    init(reading fields: inout JSONFields) throws {
        street = try fields.line("street")
        city = try fields.line("city")
        postalCode = try fields.form(
            "postal_code", .postalCode, "a postal code such as 00100", max: 16, Form.postalCode)
        country = try fields.form(
            "country", .country, "a country code such as FI", max: 2, Form.country)
    }

    var json: JSON {
        [
            "street": JSON(street), "city": JSON(city), "postal_code": JSON(postalCode),
            "country": JSON(country),
        ]
    }
}

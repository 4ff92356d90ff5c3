import MoneyAndTime
import StrictJSON

extension Party {
    init(reading fields: inout JSONFields, as side: Side) throws {
        organisation = try fields.organisation("organisation")
        name = try fields.line("name")
        businessID = try fields.businessID("business_id")
        vatID = try Self.needed("vat_id", of: side, in: &fields) { try $0.vatID("vat_id") }
        ovt = try fields.ovt("ovt")
        address = try fields.nested("address") { try PostalAddress(reading: &$0) }
        iban = try Self.needed("iban", of: side, in: &fields) { try $0.iban("iban") }
        email = try fields.email("email")
        particulars = try Particulars(reading: &fields)
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
        members["organisation_oid"] = particulars.organisationOID.map { JSON($0) }
        members["unit"] = particulars.unit.map { JSON($0) }
        members["public_body"] = particulars.isPublicBody.map { JSON($0) }
        members["e_invoice_operator"] = particulars.eInvoiceOperator.map { JSON($0) }
        members["contact_role"] = particulars.contactRole.map { JSON($0) }
        if !particulars.signatoryRoles.isEmpty {
            members["signatory_roles"] = .array(particulars.signatoryRoles.map { JSON($0) })
        }
        members["email"] = JSON(email)
        return .object(members)
    }
}

extension Party.Particulars {
    init(reading fields: inout JSONFields) throws {
        self.init()
        organisationOID = try fields.ifThere("organisation_oid") { try $0.organisationOID($1) }
        unit = try fields.optionalLine("unit")
        isPublicBody = try fields.optionalBool("public_body")
        eInvoiceOperator = try fields.ifThere("e_invoice_operator") {
            try $0.eInvoiceOperator($1)
        }
        contactRole = try fields.optionalLine("contact_role")
        signatoryRoles =
            try fields.ifThere("signatory_roles") { fields, key in
                try fields.uniqueArray(key, min: 1, max: 10) { try $0.line() }
            } ?? []
    }
}

extension PostalAddress {
    init(reading fields: inout JSONFields) throws {
        street = try fields.line("street")
        city = try fields.line("city")
        postalCode = try fields.postalCode("postal_code")
        country = try fields.country("country")
    }

    var json: JSON {
        [
            "street": JSON(street), "city": JSON(city), "postal_code": JSON(postalCode),
            "country": JSON(country),
        ]
    }
}

/// The identifiers of parties, each with the rule that it breaks.
extension JSONFields {
    mutating func organisation(_ key: String) throws -> OrganisationID {
        try value(
            key, .organisation, as: OrganisationID.init(typeID:), writing: \.description)
    }

    mutating func businessID(_ key: String) throws -> BusinessID {
        try value(key, .businessID, as: { try BusinessID($0) }, writing: \.text)
    }

    mutating func vatID(_ key: String) throws -> VATID {
        try value(key, .vatID, as: { try VATID($0) }, writing: \.text)
    }

    mutating func ovt(_ key: String) throws -> OVT {
        try value(key, .ovt, as: { try OVT($0) }, writing: \.text)
    }

    mutating func iban(_ key: String) throws -> IBAN {
        try value(key, .iban, as: { try IBAN($0) }, writing: \.text)
    }

    mutating func email(_ key: String) throws -> String {
        try form(key, .email, "an address such as a@b.example", max: 254) { Form.email($0) }
    }

    mutating func postalCode(_ key: String) throws -> String {
        try form(key, .postalCode, "a postal code such as 00100", max: 16, Form.postalCode)
    }

    mutating func country(_ key: String) throws -> String {
        try form(key, .country, "a country code such as FI", max: 2, Form.country)
    }

    mutating func organisationOID(_ key: String) throws -> String {
        try form(key, .oid, "an OID below 1.2.246", max: 64) {
            Form.objectIdentifier($0) && $0.hasPrefix("1.2.246.")
        }
    }

    mutating func eInvoiceOperator(_ key: String) throws -> String {
        try form(
            key, .operator, "8 to 17 capital letters and digits", max: 17, Form.operatorIdentifier)
    }
}

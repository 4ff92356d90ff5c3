import Billing
import MoneyAndTime

/// A seller or a buyer in UBL (EN 16931 BG-4, BG-7).
enum UBLParty {
    /// Peppol's code of the Finnish OVT; 0037 and 0212 are no longer endpoints.
    private static let endpointScheme = "0216"
    /// Peppol's code of the Finnish business id (Y-tunnus).
    private static let businessIDScheme = "0212"

    static func write(_ party: InvoiceParty, to xml: inout XMLWriter) throws {
        try xml.element("cac:Party") { xml in
            try xml.element(
                "cbc:EndpointID", party.ovt.text, attributes: ["schemeID": endpointScheme])
            try xml.element("cac:PartyName") { try $0.element("cbc:Name", party.name) }
            try xml.element("cac:PostalAddress") { xml in
                try xml.element("cbc:StreetName", party.street)
                try xml.element("cbc:CityName", party.city)
                try xml.element("cbc:PostalZone", party.postalCode)
                try xml.element("cac:Country") {
                    try $0.element("cbc:IdentificationCode", party.country)
                }
            }
            if let vatID = party.vatID {
                try xml.element("cac:PartyTaxScheme") { xml in
                    try xml.element("cbc:CompanyID", vatID.text)
                    try UBLTax.writeScheme(to: &xml)
                }
            }
            try xml.element("cac:PartyLegalEntity") { xml in
                try xml.element("cbc:RegistrationName", party.name)
                try xml.element(
                    "cbc:CompanyID", party.businessID.text,
                    attributes: ["schemeID": businessIDScheme])
            }
        }
    }
}

import StrictJSON

/// The parts in which a contract is written, as people think of it; one is shown at a time.
enum ContractSection: String, CaseIterable {
    case parties, services, planning, exceptions, records, billing, examples
    /// The whole document as it is signed.
    case document

    /// The members of the document that are written here.
    var members: [String] {
        switch self {
        case .parties:
            ["title", "seller", "buyer", "validity", "renewal", "termination", "time_zone"]
        case .services: ["services", "commitment", "rounding"]
        case .planning: ["limits", "handshake", "blocks"]
        case .exceptions:
            [
                "attendance", "cancellation", "no_show", "late_start", "technical_failure",
                "sudden_absence", "substitution",
            ]
        case .records: ["records", "data_protection"]
        case .billing: ["billing"]
        case .examples: ["worked_examples"]
        case .document: []
        }
    }

    /// Where a place is written; the whole document where it has no field.
    static func of(_ place: [String]) -> ContractSection {
        allCases.first { $0.members.contains(place.first ?? "") } ?? .document
    }

    var next: ContractSection {
        let after = Self.allCases.drop { $0 != self }.dropFirst()
        return after.first ?? .parties
    }

    /// What is rarely touched, and therefore folded.
    static let folded: Set = [
        "seller/organisation", "seller/organisation_oid", "seller/unit",
        "seller/e_invoice_operator", "seller/contact_role", "seller/signatory_roles",
        "buyer/organisation", "buyer/organisation_oid", "buyer/unit",
        "buyer/e_invoice_operator", "buyer/contact_role", "buyer/signatory_roles", "buyer/iban",
        "services/code", "services/specialty", "services/profession", "services/length_guidance",
        "services/preparation_instructions", "services/supplements/code",
        "services/discounts/code", "worked_examples/lines", "worked_examples/total",
        "billing/late_interest", "billing/netting", "billing/document", "billing/cost_centre",
        "billing/order_reference",
    ]

    /// Texts that want the width of the form.
    static let wide: Set = ["title", "name", "fi", "sv", "en", "unit", "room"]

    /// Texts of a sentence, which want more than one line.
    static let long: Set = ["reason", "purpose", "documented_in", "legal_basis"]

    /// Lists whose elements are short, and stand in a row each.
    static let rows: Set = [
        "services/tiers/steps", "cancellation/buyer", "cancellation/seller",
        "worked_examples/lines",
    ]
}

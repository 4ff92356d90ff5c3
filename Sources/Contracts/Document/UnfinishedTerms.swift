import MoneyAndTime
import StrictJSON

/// The terms of a document that is not a contract yet, as far as prices depend on them: in the
/// place of what they do not depend on, and is missing or wrong, stands something that is right.
package enum UnfinishedTerms {
    /// Nil where something is wrong that prices depend on.
    package static func read(_ json: JSON, with problems: [ContractProblem]) -> Terms? {
        guard var members = json.members else { return nil }
        for problem in problems {
            guard let key = JSONPointer(reading: problem.pointer)?.tokens.first,
                unpriced.contains(key)
            else { return nil }
            // what can be left out is
            members[key] = standing[key]
        }
        // two parties, neither of them of the other's business, fit what stands for one of them
        if problems.contains(where: { isOfParty($0.pointer) }) {
            for key in ["seller", "buyer", "billing"] { members[key] = standing[key] }
        }
        return try? TermsReader.read(.object(members))
    }

    private static func isOfParty(_ pointer: String) -> Bool {
        pointer.hasPrefix("/seller") || pointer.hasPrefix("/buyer") || pointer.hasPrefix("/billing")
    }

    private static let unpriced: Set = [
        "title", "seller", "buyer", "validity", "renewal", "termination", "blocks", "attendance",
        "substitution", "records", "limits", "billing", "data_protection",
    ]

    private static let standing: JSONObject = [
        "title": "Unfinished",
        "seller": party("org_01j0000000e008000000000001", business: "9000001", check: "1"),
        "buyer": party("org_01j0000000e008000000000002", business: "9000003", check: "8"),
        "validity": ["first_day": "2027-01-01", "last_day": "2027-12-31"],
        "attendance": ["grace_seconds": 0],
        "limits": [
            "budget_ceiling": "0.00", "minimum_notice_minutes": 0, "horizon_days": 1,
            "hold_minutes": 1,
        ],
        "billing": [
            "period": "month", "statement": ["acceptance_days": 1], "payment_days": 1,
            "vat": ["category": "Z", "rate_percent": "0", "reason": "Unfinished"],
            "buyer_reference": "Unfinished",
        ],
        "data_protection": [
            "seller_role": "processor", "buyer_role": "controller", "purpose": "Unfinished",
            "retention_years": 1,
        ],
    ]

    private static func party(_ organisation: String, business: String, check: String) -> JSON {
        [
            "organisation": JSON(organisation), "name": "Unfinished",
            "business_id": JSON("\(business)-\(check)"),
            "vat_id": JSON("FI\(business)\(check)"), "ovt": JSON("0037\(business)\(check)"),
            "address": [
                "street": "Unfinished", "city": "Unfinished", "postal_code": "00100",
                "country": "FI",
            ],
            "iban": "FI2112345600000785", "email": "unfinished@organisation.example",
        ]
    }
}

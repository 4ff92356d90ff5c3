import StrictJSON

/// What a term is when it is added, before anybody has written into it. Where two would have to
/// agree on money, nothing stands: nobody is to agree on a price by not looking.
enum NewTerm {
    static func at(_ place: [String], in document: JSON) -> JSON {
        let kinds = place.filter { JSON.index($0) == nil }
        switch kinds.joined(separator: "/") {
        case "services":
            return [
                "code": freeCode("service", in: document["services"]), "kind": "patient_visit",
                "modality": "video", "languages": ["fi"],
                "increment": ["first_seconds": 60, "next_seconds": 60], "minimum_seconds": 0,
                "planned_minutes": ["minimum": 30, "maximum": 60, "step": 15],
            ]
        case "services/supplements":
            return [
                "code": freeCode("supplement", in: document[place: place.dropLast()]),
                "days": ["saturday"], "from": "00:00", "until": "24:00",
            ]
        case "services/discounts":
            return ["code": freeCode("discount", in: document[place: place.dropLast()])]
        case "services/tiers": return ["kind": "graduated", "steps": [["from_minutes": 600]]]
        case "services/tiers/steps":
            let last = document[place: place.dropLast()]?.elements?.last?["from_minutes"]?.integer
            return ["from_minutes": JSON((last ?? 0) + 600)]
        case "services/specialty": return ["system": "1.2.246.537.6.24"]
        case "services/profession": return ["system": "2.16.840.1.113883.2.9.6.2.7"]
        case "services/overrun", "services/preparation", "services/record_writing":
            return ["maximum_minutes": 15]
        case "blocks":
            return [
                "service": service(of: document), "weekday": "monday", "from": "09:00",
                "until": "12:00", "nurse": false, "place_until_hours": 24,
            ]
        case "renewal": return ["months": 12, "notice_days": 90]
        case "termination": return ["notice_days": 90]
        case "no_show": return ["wait_minutes": 15]
        case "late_start": return ["tolerance_minutes": 5, "waiting_is_billed": false]
        case "technical_failure": return ["charge": "free", "go_on_by": ["resume", "telephone"]]
        case "substitution": return ["allowed": "with_consent"]
        case "records":
            return [
                "register": "buyer", "required_at_booking": ["patient_reference"],
                "ready_includes": ["line", "record_access"],
            ]
        case "billing/dispute": return ["window_days": 30, "tolerance": "0.00"]
        case "worked_examples": return example(of: document)
        default: return .object(further(kinds))
        }
    }

    /// The parts of a worked example, and what has nothing to begin with.
    private static func further(_ kinds: [String]) -> JSONObject {
        switch kinds.joined(separator: "/") {
        case "worked_examples/visit/waited": ["by": "seller", "seconds": 600]
        case "worked_examples/visit/no_show": ["by": "buyer", "waited_seconds": 900]
        case "worked_examples/visit/cancelled": ["by": "buyer"]
        case "worked_examples/visit/share":
            ["places": 1, "places_before": 0, "places_in_all": 2]
        case "worked_examples/period": ["billed_seconds": 0]
        default: [:]
        }
    }

    /// Where a new element stands: a band of notice before the last one, which is for none.
    static func placing(_ element: JSON, into list: [JSON], of place: [String]) -> [JSON] {
        guard place.first == "cancellation", let last = list.last else { return list + [element] }
        return list.dropLast() + [element, last]
    }

    /// A visit of the first service, of its shortest length, on the first day of the contract.
    private static func example(of document: JSON) -> JSON {
        let day = document["validity"]?["first_day"]?.text ?? "2027-01-01"
        let minutes =
            document["services"]?[0]?["planned_minutes"]?["minimum"]?.integer.map { max(1, $0) }
            ?? 30
        return [
            "service": service(of: document),
            "visit": [
                "starts": JSON("\(day)T09:00"), "planned_minutes": JSON(minutes),
                "billable_seconds": JSON(min(minutes, 1440) * 60),
            ],
            "lines": [], "total": "0.00",
        ]
    }

    private static func service(of document: JSON) -> JSON {
        JSON(document["services"]?[0]?["code"]?.text ?? "")
    }

    /// `supplement-1`, or the next that is free.
    private static func freeCode(_ word: String, in list: JSON?) -> JSON {
        let taken = Set((list?.elements ?? []).compactMap { $0["code"]?.text })
        let number = (1...).first { !taken.contains("\(word)-\($0)") } ?? 1
        return JSON("\(word)-\(number)")
    }
}

import MoneyAndTime
import StrictJSON

@testable import Contracts

/// The contracts of `contracts/v1/examples/valid/`, and single parts to build cases from.
enum Example {
    static func psychiatrist() throws -> ContractDocument {
        try document("psychiatrist-remote-visit")
    }

    static func physician() throws -> ContractDocument {
        try document("physician-remote-reception")
    }

    static func document(_ name: String) throws -> ContractDocument {
        try ContractDocument(reading: try ContractFiles.read("v1/examples/valid/\(name).json"))
    }

    /// The psychiatrist's contract with other members: paths of keys and indices; nil removes one.
    static func terms(_ edits: [String: JSON?] = [:]) throws -> Terms {
        let json = try edits.reduce(psychiatrist().json) { json, edit in
            json.setting(edit.key, to: edit.value)
        }
        return try ContractDocument(json).terms
    }

    /// The same with a price of its one service.
    static func terms(
        price: String, first: Int64 = 60, next: Int64 = 60, minimum: Int64 = 0,
        _ edits: [String: JSON?] = [:]
    ) throws -> Terms {
        try terms(
            [
                "services/0/price_per_minute": JSON(price),
                "services/0/increment": [
                    "first_seconds": JSON(first), "next_seconds": JSON(next),
                ],
                "services/0/minimum_seconds": JSON(minimum),
            ].merging(edits) { $1 })
    }

    static let service = "psychiatrist-visit"

    static func facts(
        at starts: String = "2027-03-09T07:00:00Z", minutes: Int64 = 30, before: Int64 = 0,
        _ outcome: VisitFacts.Outcome
    ) throws -> VisitFacts {
        VisitFacts(
            starts: try Instant(rfc3339: starts), plannedMinutes: minutes, secondsBefore: before,
            outcome: outcome)
    }

    static func rate(_ terms: Terms, seconds: Int64) throws -> RatedVisit {
        try Rating.rate(
            terms, service: service, try facts(.held(HeldVisit(billableSeconds: seconds))))
    }
}

extension JSON {
    /// A copy with another value at a path of keys and indices; nil removes a member.
    func setting(_ path: String, to value: JSON?) -> JSON {
        let keys = path.split(separator: "/").map(String.init)
        return setting(keys[...], to: value) ?? .null
    }

    private func setting(_ path: ArraySlice<String>, to value: JSON?) -> JSON? {
        guard let key = path.first else { return value }
        switch self {
        case .object(var object):
            object[key] = (object[key] ?? .null).setting(path.dropFirst(), to: value)
            return .object(object)
        case .array(var elements):
            guard let index = Int(key), elements.indices.contains(index) else { return self }
            elements[index] = elements[index].setting(path.dropFirst(), to: value) ?? .null
            return .array(elements)
        default: return self
        }
    }
}

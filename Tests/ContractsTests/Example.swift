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

    /// A service of which only what a price depends on matters.
    static func service(
        price: String, first: Int64 = 60, next: Int64 = 60, minimum: Int64 = 0
    ) throws -> SoldService {
        SoldService(
            code: "visit", name: LocalisedName(finnish: "a", swedish: "b", english: "c"),
            specialty: SpecialtyCode(system: "1.2.246.537.6.24", code: "70"), languages: ["fi"],
            pricePerMinute: try UnitPrice(decimal: price),
            increment: Increment(firstSeconds: first, nextSeconds: next),
            minimumSeconds: minimum,
            plannedLengths: PlannedLengths(minimum: 15, maximum: 60, step: 15))
    }

    static func cancellation(hours: Int64, fee: String) throws -> CancellationTerms {
        CancellationTerms(noticeHours: hours, fee: try Percentage(decimal: fee))
    }

    static func held(_ seconds: Int64) throws -> VisitFacts {
        VisitFacts(
            starts: try Instant(rfc3339: "2027-03-09T07:00:00Z"), plannedMinutes: 30,
            outcome: .held(billableSeconds: seconds))
    }

    static func rate(_ service: SoldService, seconds: Int64) throws -> RatedVisit {
        try Rating.rate(
            service, try held(seconds), cancellation: try cancellation(hours: 24, fee: "50"),
            rounding: .halfUp)
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

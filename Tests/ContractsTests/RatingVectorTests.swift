import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

/// `contracts/v1/rating-vectors.json` was computed outside of this program.
@Suite("Rating vectors")
struct RatingVectorTests {
    @Test("Every vector is rated as it was computed by hand")
    func vectors() throws {
        let file = try JSON.parse(try ContractFiles.read("v1/rating-vectors.json"))
        let vectors = try #require(file["vectors"]?.elements)
        #expect(vectors.count >= 120)
        let contracts = try Dictionary(
            uniqueKeysWithValues: #require(file["contracts"]?.members).map { name, parts in
                (name, try Self.terms(parts))
            })
        var kinds: Set<ChargeLine.Kind> = []
        for vector in vectors {
            let title = vector["title"]?.text ?? ""
            let terms = try #require(vector["contract"]?.text.flatMap { contracts[$0] }, "\(title)")
            var members = vector.members ?? [:]
            members["contract"] = nil
            let example = try JSONReader(.object(members)).object { fields in
                try WorkedExample(
                    reading: &fields, rateCard: terms.rateCard, commitment: terms.commitment,
                    blocks: terms.blocks,
                    clock: terms.clock)
            }
            let result = try example.recompute(under: terms)
            #expect(result.computed == example.expected, "\(title)")
            #expect(result.rated.total == example.total, "\(title)")
            kinds.formUnion(result.computed.map(\.kind))
        }
        #expect(kinds == Set(ChargeLine.Kind.allCases))
    }

    /// A whole contract with these parts; its worked examples are those of another one, and are
    /// not recomputed.
    private static func terms(_ parts: JSON) throws -> Terms {
        var members = try Example.psychiatrist().json.members ?? [:]
        for (key, value) in parts.members ?? [:] { members[key] = value }
        let service = try #require(members["services"]?[0])
        members["worked_examples"] = [
            [
                "title": "Nobody comes", "service": service["code"] ?? .null,
                "visit": [
                    "starts": "2027-03-09T09:00", "billable_seconds": 0,
                    "planned_minutes": service["planned_minutes"]?["minimum"] ?? .null,
                ],
                "lines": [], "total": "0.00",
            ]
        ]
        return try ContractDocument(.object(members)).terms
    }
}

import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

/// `contracts/v1/rating-vectors.json` was computed outside of this program.
@Suite("Rating vectors")
struct RatingVectorTests {
    struct Vector {
        let title: String
        let service: SoldService
        let cancellation: CancellationTerms
        let facts: VisitFacts
        let lines: [WorkedExample.Line]
        let total: Money
    }

    @Test("Every vector is rated as it was computed by hand")
    func vectors() throws {
        let vectors = try Self.all()
        #expect(vectors.count >= 30)
        for vector in vectors {
            let rated = try Rating.rate(
                vector.service, vector.facts, cancellation: vector.cancellation,
                rounding: .halfUp)
            let lines = rated.lines.map {
                WorkedExample.Line(kind: $0.kind, minutes: $0.minutes, amount: $0.amount)
            }
            #expect(lines == vector.lines, "\(vector.title)")
            #expect(rated.total == vector.total, "\(vector.title)")
        }
    }

    static func all() throws -> [Vector] {
        let file = try JSON.parse(try ContractFiles.read("v1/rating-vectors.json"))
        let clock = try WallClock(zone: try #require(file["time_zone"]?.text))
        let elements = try #require(file["vectors"]?.elements)
        return try elements.map { element in
            let terms = try #require(
                element["terms"]?.text.flatMap { file["terms"]?[$0] })
            return try JSONReader(element).object { fields in
                _ = try fields.string("terms", max: 64)
                return Vector(
                    title: try fields.string("title", max: 200),
                    service: try service(terms), cancellation: try cancellation(terms),
                    facts: try fields.nested("visit") {
                        try VisitFacts(reading: &$0, clock: clock)
                    },
                    lines: try fields.array("lines", max: 10) { line in
                        try line.object { try WorkedExample.Line(reading: &$0) }
                    },
                    total: try fields.amount("total"))
            }
        }
    }

    private static func service(_ terms: JSON) throws -> SoldService {
        try Example.service(
            price: try #require(terms["price_per_minute"]?.text),
            first: try #require(terms["increment"]?["first_seconds"]?.integer),
            next: try #require(terms["increment"]?["next_seconds"]?.integer),
            minimum: try #require(terms["minimum_seconds"]?.integer))
    }

    private static func cancellation(_ terms: JSON) throws -> CancellationTerms {
        let cancellation = try #require(terms["cancellation"])
        return try JSONReader(cancellation).object { try CancellationTerms(reading: &$0) }
    }
}

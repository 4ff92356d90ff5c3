import MoneyAndTime
import Testing

@testable import Contracts

@Suite("Which version applies")
struct ContractVersionsTests {
    private func span(
        _ number: Int, _ range: Range<Int64>, signed: Int64?
    ) throws -> ContractVersionSpan {
        ContractVersionSpan(
            number: number,
            span: try TimeSlot(
                start: Instant(microseconds: range.lowerBound),
                end: Instant(microseconds: range.upperBound)),
            signedAt: signed.map(Instant.init(microseconds:)))
    }

    @Test("The version signed by the booking whose span contains the start")
    func versionFor() throws {
        let versions = [
            try span(1, 100..<200, signed: 50), try span(2, 200..<300, signed: 150),
            try span(3, 300..<400, signed: nil),
        ]
        let cases: [(start: Int64, booked: Int64, number: Int?)] = [
            (99, 60, nil), (100, 60, 1), (199, 60, 1), (199, 50, 1), (199, 49, nil),
            (200, 60, nil), (200, 149, nil), (200, 150, 2), (299, 160, 2), (300, 400, nil),
        ]
        for (start, booked, number) in cases {
            let version = ContractVersions.versionFor(
                visitStart: Instant(microseconds: start), signedBy: Instant(microseconds: booked),
                in: versions)
            #expect(version?.number == number, "\(start) \(booked)")
        }
    }

    @Test("Signed versions that touch are fine; those that overlap are named")
    func overlap() throws {
        try ContractVersions.requireNoOverlap([])
        try ContractVersions.requireNoOverlap([
            try span(2, 200..<300, signed: 1), try span(1, 100..<200, signed: 1),
            try span(3, 150..<250, signed: nil),
        ])
        #expect(throws: ContractVersions.Overlap(earlier: 1, later: 2)) {
            try ContractVersions.requireNoOverlap([
                try span(2, 199..<300, signed: 1), try span(1, 100..<200, signed: 1),
            ])
        }
        #expect(throws: ContractVersions.Overlap(earlier: 4, later: 9)) {
            try ContractVersions.requireNoOverlap([
                try span(9, 100..<200, signed: 1), try span(4, 100..<200, signed: 1),
            ])
        }
    }

    @Test("Without overlap, at most one version contains an instant")
    func atMostOne() throws {
        var generator = SplitMix64(seed: 4)
        for _ in 0..<500 {
            let versions = try (1...4).map { number in
                let start = Int64.random(in: 0...90, using: &generator)
                let length = Int64.random(in: 1...30, using: &generator)
                return try span(number, start..<start + length, signed: 0)
            }
            let most =
                (0..<120).map { instant in
                    versions.filter { $0.span.contains(Instant(microseconds: instant)) }.count
                }.max() ?? 0
            let isAccepted = (try? ContractVersions.requireNoOverlap(versions)) != nil
            #expect(isAccepted == (most <= 1))
        }
    }
}

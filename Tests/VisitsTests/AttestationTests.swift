import Testing
import Visits

@Suite struct AttestationTests {
    private static func open() throws -> Attestation {
        try Attestation(
            computed: .init(seconds: 900), elapsed: 1_200,
            ceiling: ExtraTime(preparation: 10, recordWriting: 15))
    }

    private static let failed = Attestation.Figures(seconds: 600, lineFailed: true)

    /// Equal seconds are not enough: the specialist's minutes and the failure are attested, too.
    @Test func allFiguresMustBeTheSame() throws {
        let extra = ExtraTime(preparation: 5, recordWriting: 10)
        let entered = try Attestation(
            computed: .init(seconds: 900, extra: extra), elapsed: 1_200,
            ceiling: ExtraTime(preparation: 10, recordWriting: 15))
        #expect(throws: Attestation.Refusal.self) {
            try entered.saying(.attests(seconds: 900), by: .buyer)
        }
        let all = Attestation.Figures(seconds: 900, extra: extra)
        let one = try entered.saying(.attests(all), by: .seller)
        let less = Attestation.Figures(
            seconds: 900, extra: ExtraTime(preparation: 5, recordWriting: 9))
        let contested = try one.saying(.contests(less, reason: "shorter"), by: .buyer)
        #expect(contested.state == .contested)
        let broken = Attestation.Figures(seconds: 900, extra: extra, lineFailed: true)
        #expect(
            try one.saying(.contests(broken, reason: "no sound"), by: .buyer).state == .contested)
        #expect(try contested.saying(.attests(less), by: .seller).state == .agreed(less))
        #expect(try one.saying(.attests(all), by: .buyer).state == .agreed(all))
    }

    @Test func sameFigureIsAgreed() throws {
        let one = try Self.open().saying(.attests(seconds: 900), by: .seller)
        #expect(one.state == .awaiting(.buyer))
        let both = try one.saying(.attests(seconds: 900), by: .buyer)
        #expect(both.state == .agreed(.init(seconds: 900)))
        // Said again, it is what it was.
        #expect(try both.saying(.attests(seconds: 900), by: .buyer) == both)
    }

    @Test func differingFiguresAreContestedUntilOneYields() throws {
        let contested = try Self.open().saying(.attests(seconds: 900), by: .seller)
            .saying(.contests(seconds: 840, reason: "a minute without sound"), by: .buyer)
        #expect(contested.state == .contested)
        let settled = try contested.saying(.attests(seconds: 840), by: .seller)
        #expect(settled.state == .agreed(.init(seconds: 840)))
    }

    @Test func aContestIsContestedUntilItsFigureIsAttested() throws {
        let word = Attestation.Word.contests(seconds: 600, reason: "no sound for five minutes")
        let contested = try Self.open().saying(word, by: .buyer)
        #expect(contested.state == .contested)
        #expect(try contested.saying(.attests(seconds: 900), by: .seller).state == .contested)
        #expect(
            try contested.saying(.attests(seconds: 600), by: .seller).state
                == .agreed(.init(seconds: 600)))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let refusal: Attestation.Refusal
        let earlier: [(Attestation.Word, Side)]
        let word: Attestation.Word
        var testDescription: String { refusal.code }
    }

    static let rows: [Row] = [
        Row(refusal: .figureOutOfRange(limit: 1_200), earlier: [], word: .attests(seconds: 1_201)),
        Row(refusal: .figureOutOfRange(limit: 1_200), earlier: [], word: .attests(seconds: -1)),
        Row(
            refusal: .alreadyAgreed,
            earlier: [(.attests(seconds: 900), .seller), (.attests(seconds: 900), .buyer)],
            word: .attests(seconds: 800)),
        Row(
            refusal: .minutesDiffer(computed: .init(seconds: 900), other: nil), earlier: [],
            word: .attests(seconds: 899)),
        Row(
            refusal: .minutesDiffer(computed: .init(seconds: 900), other: .init(seconds: 600)),
            earlier: [(.contests(seconds: 600, reason: "no sound"), .buyer)],
            word: .attests(seconds: 601)),
        Row(
            refusal: .aboveCeiling(ExtraTime(preparation: 10, recordWriting: 15)), earlier: [],
            word: .contests(
                .init(seconds: 900, extra: ExtraTime(preparation: 11, recordWriting: 0)),
                reason: "more")),
        Row(
            refusal: .aboveCeiling(ExtraTime(preparation: 10, recordWriting: 15)), earlier: [],
            word: .contests(
                .init(seconds: 900, extra: ExtraTime(preparation: 0, recordWriting: -1)),
                reason: "less")),
        Row(
            refusal: .reasonMissing, earlier: [], word: .contests(seconds: 800, reason: " \n")),
        Row(
            refusal: .reasonTooLong(limit: 1_000), earlier: [],
            word: .contests(seconds: 800, reason: String(repeating: "x", count: 1_001))),
        Row(
            refusal: .contestWithoutDifference, earlier: [],
            word: .contests(seconds: 900, reason: "I disagree")),
        Row(
            refusal: .contestWithoutDifference,
            earlier: [(.contests(seconds: 600, reason: "no sound"), .buyer)],
            word: .contests(seconds: 600, reason: "I disagree")),
    ]

    @Test(arguments: rows) func refuses(_ row: Row) throws {
        var attestation = try Self.open()
        for (word, side) in row.earlier { attestation = try attestation.saying(word, by: side) }
        #expect(throws: row.refusal) { try attestation.saying(row.word, by: .seller) }
    }

    @Test func moreThanTheClockCannotBeComputed() {
        #expect(throws: Attestation.Refusal.figureOutOfRange(limit: 10)) {
            try Attestation(computed: .init(seconds: 11), elapsed: 10)
        }
    }

    /// Every sequence of three words of either side: agreed means two words of one figure, it is
    /// never left, and a contest that stands keeps the visit contested.
    @Test func everyShortQuarrel() throws {
        let words: [Attestation.Word] = [
            .attests(seconds: 900), .attests(seconds: 600), .attests(Self.failed),
            .contests(seconds: 600, reason: "no sound"), .contests(seconds: 300, reason: "late"),
            .contests(Self.failed, reason: "no picture"),
        ]
        var reached: Set = [try Self.open()]
        for _ in 0..<3 {
            for before in reached {
                for (word, side) in words.flatMap({ [($0, Side.seller), ($0, .buyer)] }) {
                    guard let after = try? before.saying(word, by: side) else { continue }
                    reached.insert(after)
                    if case .agreed = before.state { #expect(after == before) }
                    if case .agreed(let figures) = after.state {
                        #expect(after.seller?.figures == figures)
                        #expect(after.buyer?.figures == figures)
                    }
                }
            }
        }
        #expect(Set(reached.map(\.state.name)) == Set(Attestation.State.Name.allCases))
    }
}

import Testing
import Visits

@Suite struct AttestationTests {
    private static func open() throws -> Attestation {
        try Attestation(computed: 900, elapsed: 1_200)
    }

    @Test func sameFigureIsAgreed() throws {
        let one = try Self.open().saying(.attests(seconds: 900), by: .seller)
        #expect(one.state == .awaiting(.buyer))
        let both = try one.saying(.attests(seconds: 900), by: .buyer)
        #expect(both.state == .agreed(seconds: 900))
        // Said again, it is what it was.
        #expect(try both.saying(.attests(seconds: 900), by: .buyer) == both)
    }

    @Test func differingFiguresAreContestedUntilOneYields() throws {
        let contested = try Self.open().saying(.attests(seconds: 900), by: .seller)
            .saying(.contests(seconds: 840, reason: "a minute without sound"), by: .buyer)
        #expect(contested.state == .contested)
        let settled = try contested.saying(.attests(seconds: 840), by: .seller)
        #expect(settled.state == .agreed(seconds: 840))
    }

    @Test func aContestIsContestedUntilItsFigureIsAttested() throws {
        let word = Attestation.Word.contests(seconds: 600, reason: "no sound for five minutes")
        let contested = try Self.open().saying(word, by: .buyer)
        #expect(contested.state == .contested)
        #expect(try contested.saying(.attests(seconds: 900), by: .seller).state == .contested)
        #expect(
            try contested.saying(.attests(seconds: 600), by: .seller).state
                == .agreed(seconds: 600))
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
            refusal: .minutesDiffer(computed: 900, other: nil), earlier: [],
            word: .attests(seconds: 899)),
        Row(
            refusal: .minutesDiffer(computed: 900, other: 600),
            earlier: [(.contests(seconds: 600, reason: "no sound"), .buyer)],
            word: .attests(seconds: 601)),
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
            try Attestation(computed: 11, elapsed: 10)
        }
    }

    /// Every sequence of four words of either side: agreed means two words of one figure, it is
    /// never left, and a contest that stands keeps the visit contested.
    @Test func everyShortQuarrel() throws {
        let words: [Attestation.Word] = [
            .attests(seconds: 900), .attests(seconds: 600),
            .contests(seconds: 600, reason: "no sound"), .contests(seconds: 300, reason: "late"),
        ]
        var reached: Set = [try Self.open()]
        for _ in 0..<4 {
            for before in reached {
                for (word, side) in words.flatMap({ [($0, Side.seller), ($0, .buyer)] }) {
                    guard let after = try? before.saying(word, by: side) else { continue }
                    reached.insert(after)
                    if case .agreed = before.state { #expect(after == before) }
                    if case .agreed(let seconds) = after.state {
                        #expect(after.seller?.seconds == seconds)
                        #expect(after.buyer?.seconds == seconds)
                    }
                }
            }
        }
        #expect(Set(reached.map(\.state.name)) == Set(Attestation.State.Name.allCases))
    }
}

import Crypto
import MoneyAndTime
import Testing
import Visits

@Suite struct JoinTokenTests {
    static let visit = booking(1)
    static let key = SymmetricKey(data: [UInt8](repeating: 7, count: 32))

    static func token(
        participant: String = "page-1", label: String = "Psychiatrist 1"
    ) throws -> JoinToken {
        try JoinToken(
            visit: visit, side: .seller, participant: participant, label: label,
            window: slot(100, 200), nonce: 7)
    }

    @Test func opensItsVisitForItsSideInItsWindow() throws {
        let token = try Self.token()
        let text = token.signed(with: Self.key)
        let last = Instant(microseconds: second(200).microseconds - 1)
        for now in [second(100), last] {
            #expect(
                try JoinToken.admit(
                    text, key: Self.key, visit: Self.visit, side: .seller, now: now) == token)
        }
        #expect(text.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F })
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let refusal: JoinToken.Refusal
        var visit = JoinTokenTests.visit
        var side = Side.seller
        var now = second(150)
        var key = JoinTokenTests.key
        var change: @Sendable (String) -> String = { $0 }
        var testDescription: String { refusal.code }
    }

    static let rows: [Row] = [
        Row(refusal: .wrongVisit, visit: booking(2)),
        Row(refusal: .wrongSide, side: .buyer),
        Row(
            refusal: .notYetOpen(opens: second(100)),
            now: Instant(microseconds: second(100).microseconds - 1)),
        Row(refusal: .closed(at: second(200)), now: second(200)),
        Row(
            refusal: .badSignature,
            key: SymmetricKey(data: [UInt8](repeating: 8, count: 32))),
        Row(refusal: .badSignature, change: { "B" + $0.dropFirst() }),
        Row(refusal: .malformed, change: { _ in "" }),
        Row(refusal: .malformed, change: { $0 + "." }),
        Row(refusal: .malformed, change: { $0 + "=" }),
        Row(refusal: .malformed, change: { String($0.dropLast(2)) }),
        Row(refusal: .malformed, change: { $0.replacing(".", with: "") }),
        Row(refusal: .malformed, change: { _ in String(repeating: "A", count: 1_025) }),
    ]

    @Test(arguments: rows) func refuses(_ row: Row) throws {
        let text = row.change(try Self.token().signed(with: Self.key))
        #expect(throws: row.refusal) {
            try JoinToken.admit(
                text, key: row.key, visit: row.visit, side: row.side, now: row.now)
        }
    }

    /// No other text than the one that was signed opens anything: not one character may differ.
    @Test func everyChangedCharacterIsRefused() throws {
        let text = Array(try Self.token().signed(with: Self.key).utf8)
        for index in text.indices {
            for replacement in "AB-_9z.".utf8 where replacement != text[index] {
                var changed = text
                changed[index] = replacement
                let forged = String(decoding: changed, as: UTF8.self)
                let refusal = #expect(throws: JoinToken.Refusal.self) {
                    try JoinToken.read(forged, key: Self.key)
                }
                #expect(refusal == .malformed || refusal == .badSignature)
            }
        }
    }

    @Test(arguments: [
        ("", "Nurse 1"), ("a b", "Nurse 1"), ("a\nb", "Nurse 1"),
        (String(repeating: "x", count: 65), "Nurse 1"), ("page-1", ""), ("page-1", "Nurse\n1"),
        ("page-1", String(repeating: "x", count: 81)),
    ])
    func refusesClaimsThatCouldBeReadOtherwise(_ participant: String, _ label: String) {
        #expect(throws: JoinToken.Refusal.malformed) {
            try Self.token(participant: participant, label: label)
        }
    }

    @Test func theWindowLiesAroundTheVisit() throws {
        #expect(
            try JoinWindow.standard.around(slot(10_000, 11_000)) == slot(9_100, 14_600))
        #expect(
            try JoinWindow(opensBefore: -5, closesAfter: 0).around(slot(0, 60)) == slot(0, 60))
    }
}

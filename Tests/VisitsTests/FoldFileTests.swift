import Foundation
import MoneyAndTime
import StrictJSON
import Testing
import Visits

/// Random visits with what the fold makes of them, for an oracle that was written from
/// `docs/minutes.md` alone (Tests/Outside/test_minutes.py). Instants are microseconds after an
/// instant of no meaning.
@Suite struct FoldFileTests {
    private static let visit = booking(3)
    private static let visits = 2_000

    private struct Question {
        let facts: [Observation]
        let grace: Int64
        let window: TimeSlot
        let previous: Instant?
        let next: Instant?
    }

    @Test func writesRandomVisitsForTheOracle() throws {
        var random = Seeded(20_270_302)
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: ".build/outside/folds")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var lines = Data()
        var counted = 0
        for _ in 0..<Self.visits {
            let question = try Self.question(&random)
            let answer = try Self.answer(question, facts: question.facts)
            lines.append(Data(Self.line(question, answer).write()))
            lines.append(Data("\n".utf8))
            // late, doubled and in another order, it is the same
            let again = try Self.answer(
                question,
                facts: (question.facts + question.facts.filter { _ in random.chance(30) })
                    .shuffled(using: &random))
            #expect(answer == again)
            if answer["seconds"]?.integer ?? 0 > 0 { counted += 1 }
        }
        #expect(counted > Self.visits / 2)
        try lines.write(to: folder.appending(path: "folds.jsonl"), options: .atomic)
    }

    private static func question(_ random: inout Seeded) throws -> Question {
        let length = Int64.random(in: 300...3_600, using: &random)
        let window = try slot(-900, length + 3_600)
        var facts: [Observation] = []
        for side in Side.allCases {
            for person in 0..<Int.random(in: 0...3, using: &random) {
                facts += try stay(side, "person-\(person)", length, &random)
            }
            for _ in 0..<Int.random(in: 0...2, using: &random) where random.chance(40) {
                let from = Int64.random(in: -1_000..<length + 600, using: &random)
                let word = try slot(from, from + .random(in: 1...1_500, using: &random))
                facts.append(
                    fact(side, "telephone", .word(word), at(from + 1_000, &random), &random))
            }
        }
        return Question(
            facts: facts.shuffled(using: &random),
            grace: [0, 30, 60, 120, 300].randomElement(using: &random) ?? 0, window: window,
            previous: random.chance(20) ? second(.random(in: -900...0, using: &random)) : nil,
            next: random.chance(30)
                ? second(.random(in: length...length + 1_200, using: &random)) : nil)
    }

    /// A person that comes, gives signs of life with gaps, leaves and may come back; a few facts
    /// stand where they do not belong.
    private static func stay(
        _ side: Side, _ person: String, _ length: Int64, _ random: inout Seeded
    ) throws -> [Observation] {
        var facts: [Observation] = []
        var now = Int64.random(in: -1_000..<length, using: &random)
        for _ in 0..<Int.random(in: 1...3, using: &random) {
            facts.append(fact(side, person, .join, at(now, &random), &random))
            for _ in 0..<Int.random(in: 0...25, using: &random) {
                now +=
                    random.chance(90)
                    ? Int64.random(in: 20...89, using: &random)
                    : Int64.random(in: 85...400, using: &random)
                facts.append(fact(side, person, .heartbeat, at(now, &random), &random))
            }
            now += .random(in: 0...60, using: &random)
            if random.chance(80) {
                facts.append(fact(side, person, .leave, at(now, &random), &random))
            }
            now += .random(in: 0...500, using: &random)
        }
        if random.chance(10) {
            let stray = at(.random(in: -900..<length + 900, using: &random), &random)
            facts.append(
                fact(side, person, random.chance(50) ? .heartbeat : .leave, stray, &random))
        }
        return facts
    }

    /// Sometimes to the second, so that facts fall on one instant.
    private static func at(_ seconds: Int64, _ random: inout Seeded) -> Instant {
        let rest = random.chance(50) ? 0 : Int64.random(in: 0..<1_000_000, using: &random)
        return Instant(microseconds: second(seconds).microseconds + rest)
    }

    private static func fact(
        _ side: Side, _ person: String, _ kind: Observation.Kind, _ at: Instant,
        _ random: inout Seeded
    ) -> Observation {
        let number = UInt64.random(in: .min ... .max, using: &random)
        let id = random.chance(3) ? "same" : String(number)
        return Observation(
            id: id, visit: visit, side: side, participant: person, kind: kind, at: at,
            source: .joinPage)
    }

    // MARK: As JSON

    private static func answer(_ question: Question, facts: [Observation]) throws -> JSON {
        let attendance = try Attendance.fold(facts, of: visit)
        let (billable, cut) = try BillableTime.compute(
            attendance, graceSeconds: question.grace, within: question.window,
            takenUntil: question.previous, andFrom: question.next)
        let people = try PersonTime(facts, of: visit)
        return [
            "seller": spans(attendance.seller), "buyer": spans(attendance.buyer),
            "intervals": spans(billable.intervals), "seconds": JSON(billable.seconds),
            "cut_seconds": JSON(cut.seconds),
            "seller_seconds": JSON(try people.total(.seller)),
            "buyer_seconds": JSON(try people.total(.buyer)),
        ]
    }

    private static func line(_ question: Question, _ answer: JSON) -> JSON {
        [
            "facts": .array(question.facts.map(json)), "grace_seconds": JSON(question.grace),
            "window": span(question.window),
            "previous": question.previous.map { JSON(place($0)) } ?? .null,
            "next": question.next.map { JSON(place($0)) } ?? .null, "answer": answer,
        ]
    }

    private static func json(_ fact: Observation) -> JSON {
        var word: JSON = .null
        let kind =
            switch fact.kind {
            case .join: "join"
            case .heartbeat: "heartbeat"
            case .leave: "leave"
            case .word: "word"
            case .dutyBegun: "duty_begun"
            case .dutyEnded: "duty_ended"
            }
        if case .word(let slot) = fact.kind { word = span(slot) }
        return [
            "id": JSON(fact.id), "side": JSON(fact.side.rawValue),
            "participant": JSON(fact.participant), "kind": JSON(kind), "word": word,
            "at": JSON(place(fact.at)),
        ]
    }

    private static func spans(_ slots: [TimeSlot]) -> JSON { .array(slots.map(span)) }

    private static func span(_ slot: TimeSlot) -> JSON {
        [JSON(place(slot.start)), JSON(place(slot.end))]
    }

    private static func place(_ instant: Instant) -> Int64 {
        instant.microseconds - monday.microseconds
    }
}

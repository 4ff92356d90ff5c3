import Foundation
import MoneyAndTime
import Testing
import Visits

@Suite struct HandshakeExplorationTests {
    typealias Node = HandshakeExploration.Node

    /// One walk holds all the promises, because the walk is what takes time.
    @Test func everyReachableStateKeepsThePromises() throws {
        var exploration = HandshakeExploration(
            first: try slot(60, 80), second: try slot(70, 90))
        var broken: [String] = []
        try exploration.run { node, message, result in
            broken += Self.problems(node, message, result)
        }
        for node in exploration.nodes { broken += Self.deadlocks(node, in: exploration) }
        #expect(broken.isEmpty, "\(broken.prefix(5))")
        let states = Set(exploration.nodes.map(\.handshake.state))
        #expect(states == Set(Handshake.StateName.allCases))
        // Every refusal but the two of a cause's text, which have a test of their own.
        #expect(
            exploration.refused.union([.causeMissing, .causeTooLong])
                == Set(HandshakeRefusal.Code.allCases))
        let handshakes = Set(exploration.nodes.map(\.handshake)).count
        print(
            "handshake: \(handshakes) states, \(exploration.nodes.count) with the time of day,",
            "\(exploration.applied) messages")
        try compareDiagram(exploration.diagram)
    }

    /// What may never happen in one step.
    private static func problems(
        _ node: Node, _ message: HandshakeMessage, _ result: Result<HandshakeStep, HandshakeRefusal>
    ) -> [String] {
        let before = node.handshake
        let now = second(HandshakeExploration.ticks[node.tick])
        var problems: [String] = []
        func forbid(_ condition: Bool, _ what: String) {
            if condition { problems.append("\(what): \(before) \(message)") }
        }
        guard case .success(let step) = result else {
            forbid(message == before.last, "a repeat was refused")
            return problems
        }
        let after = step.handshake
        if message == before.last {
            forbid(after != before || !step.actions.isEmpty, "a repeat changed something")
            return problems
        }
        forbid(message.sequence != before.sequence + 1, "a stale message was applied")
        forbid(after.sequence != message.sequence, "the sequence did not follow")
        forbid(before.state.isTerminal, "a terminal state was left")
        if case .move(let move) = message.body {
            forbid(message.sender != .side(.buyer), "moved by another than the buyer")
            forbid(after.booked != move.slot, "the booking is not where it was moved")
            forbid(now >= before.booked.start, "moved after its start")
            forbid(after.offer != nil, "an offer of the old time is still open")
            forbid(move.reply != nil && after.agreement != nil, "agreed by one side alone")
            forbid(
                after.agreement.map { $0.consent != .inAdvance } ?? false, "consent without a word")
        } else if case .agreed(let agreement, _) = after.phase {
            let isNew = agreement != before.agreement
            forbid(
                isNew && !consented(before, message, agreement, now),
                "agreed without both consents in time")
            forbid(after.booked != agreement.slot, "the booking is not where it was agreed")
            forbid(
                step.actions.contains(.moveBooking(to: agreement.slot))
                    != (before.booked != agreement.slot), "moved wrongly")
        } else {
            forbid(after.booked != before.booked, "a booking moved without consent")
        }
        let cancels = step.actions.contains { action in
            if case .cancelBooking = action { true } else { false }
        }
        forbid(cancels != after.state.isTerminal, "a terminal state and a booking disagree")
        let schedules = step.actions.contains { action in
            guard case .scheduleDeadline(let at, let sequence) = action else { return false }
            return at == after.deadline && sequence == after.sequence + 1
        }
        forbid(after.deadline != nil && !schedules, "an offer without its deadline")
        forbid(
            after.state == .ready && !bothReady(after), "ready without both sides")
        return problems
    }

    /// An acceptance by the other side, of an offer whose deadline has not passed.
    private static func consented(
        _ before: Handshake, _ message: HandshakeMessage, _ agreement: Handshake.Agreement,
        _ now: Instant
    ) -> Bool {
        guard let offer = before.offer, message.body == .accept,
            message.sender == .side(offer.by.other)
        else { return false }
        let consent = Handshake.Agreement.Consent.exchanged(
            offeredBy: offer.by, offer: offer.sequence, acceptance: message.sequence)
        return now < offer.proposal.deadline && agreement.slot == offer.proposal.slot
            && agreement.consent == consent && offer.sequence == before.sequence
    }

    private static func bothReady(_ handshake: Handshake) -> Bool {
        guard case .agreed(_, let readiness) = handshake.phase else { return false }
        return readiness.seller == .ready && readiness.buyer == .ready
    }

    /// Where nothing is agreed, the awaited side can end it, its sender can take it back, and
    /// when nobody speaks the clock alone settles it: nobody waits for ever.
    private static func deadlocks(_ node: Node, in exploration: HandshakeExploration) -> [String] {
        let handshake = node.handshake
        guard let deadline = handshake.deadline else { return [] }
        var problems: [String] = []
        func can(_ sender: HandshakeMessage.Sender, _ body: HandshakeMessage.Body) -> Bool {
            let message = HandshakeMessage(
                sender: sender, sequence: handshake.sequence + 1, body: body, cause: "no time")
            return (try? exploration.send(message, to: node).get()) != nil
        }
        let now = exploration.now(node)
        if deadline <= now {
            let due = handshake.due(at: now)
            let settled = due.flatMap { try? handshake.apply($0, now: now).handshake }
            if settled?.deadline != nil || settled == nil { problems.append("stuck: \(node)") }
            if can(.side(.seller), .accept) || can(.side(.buyer), .accept) {
                problems.append("agreed after its deadline: \(node)")
            }
            return problems
        }
        if handshake.due(at: now) != nil { problems.append("due too early: \(node)") }
        guard let awaited = handshake.awaited else { return problems }
        for body in [HandshakeMessage.Body.accept, .decline]
        where !can(.side(awaited), body) || can(.side(awaited.other), body) {
            problems.append("wrong turn: \(node)")
        }
        if !can(.side(awaited.other), .withdraw) { problems.append("bound: \(node)") }
        return problems
    }

    private func compareDiagram(_ diagram: String) throws {
        let document = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "../../docs/handshake.md").standardized
        let text = try String(contentsOf: document, encoding: .utf8)
        let fence = "```mermaid\n"
        let start = try #require(text.range(of: fence)).upperBound
        let end = try #require(text.range(of: "\n```", range: start..<text.endIndex)).lowerBound
        #expect(text[start..<end] == diagram, "docs/handshake.md should show:\n\(diagram)")
        for code in HandshakeRefusal.Code.allCases {
            #expect(text.contains("| `\(code.rawValue)` |"), "no row for \(code.rawValue)")
        }
    }
}

extension Handshake {
    fileprivate var agreement: Agreement? {
        switch phase {
        case .agreed(let agreement, _), .rescheduling(_, let agreement, _): agreement
        default: nil
        }
    }

    fileprivate var offer: Offer? {
        switch phase {
        case .proposed(let offer), .countered(let offer), .rescheduling(let offer, _, _): offer
        default: nil
        }
    }
}

import MoneyAndTime
import Visits

/// Every state of the handshake that can be reached within bounds: two slots, two deadlines, a
/// few instants, and a bounded number of messages, each from every sender, in its turn, repeated,
/// late and early. A message that is lost is one that was not sent.
struct HandshakeExploration {
    struct Node: Hashable {
        let handshake: Handshake
        let tick: Int
    }

    struct Edge: Hashable {
        let from: Node
        let message: HandshakeMessage
        let to: HandshakeStep
    }

    /// Seconds: before all, at both deadlines, between, at both starts, at the first end.
    static let ticks: [Int64] = [0, 20, 50, 60, 70, 90]
    static let longest: Int64 = 5

    let first: TimeSlot
    let second: TimeSlot
    private(set) var nodes: Set<Node> = []
    private(set) var refused: Set<HandshakeRefusal.Code> = []
    private(set) var applied = 0
    /// The words of the diagram: from, message, to.
    private(set) var arrows: Set<[String]> = []

    init(first: TimeSlot, second: TimeSlot) {
        self.first = first
        self.second = second
    }

    var beginnings: [HandshakeStep] {
        get throws {
            [
                try Handshake.open(
                    booked: first, deadline: VisitsTests.second(50), answerSeconds: 15,
                    now: VisitsTests.second(0)),
                Handshake.agreedInAdvance(booked: first, answerSeconds: 15, room: .builtIn),
            ]
        }
    }

    /// Walks breadth first, and shows each message that was sent to `check`.
    mutating func run(
        _ check: (Node, HandshakeMessage, Result<HandshakeStep, HandshakeRefusal>) -> Void
    ) throws {
        var queue = try beginnings.map { Node(handshake: $0.handshake, tick: 0) }
        nodes = Set(queue)
        var next = 0
        while next < queue.count {
            let node = queue[next]
            next += 1
            if node.tick + 1 < Self.ticks.count {
                visit(Node(handshake: node.handshake, tick: node.tick + 1), &queue)
            }
            for message in messages(to: node.handshake) {
                let result = send(message, to: node)
                check(node, message, result)
                applied += 1
                switch result {
                case .success(let step):
                    draw(node.handshake, message, step.handshake)
                    visit(Node(handshake: step.handshake, tick: node.tick), &queue)
                case .failure(let refusal):
                    refused.insert(refusal.code)
                }
            }
        }
    }

    func now(_ node: Node) -> Instant { VisitsTests.second(Self.ticks[node.tick]) }

    func send(
        _ message: HandshakeMessage, to node: Node
    ) -> Result<HandshakeStep, HandshakeRefusal> {
        do throws(HandshakeRefusal) {
            return .success(try node.handshake.apply(message, now: now(node)))
        } catch {
            return .failure(error)
        }
    }

    private mutating func visit(_ node: Node, _ queue: inout [Node]) {
        guard node.handshake.sequence <= Self.longest, nodes.insert(node).inserted else { return }
        queue.append(node)
    }

    /// In turn, late by one and by two, early by one, and the last one again.
    private func messages(to handshake: Handshake) -> [HandshakeMessage] {
        let bodies = bodies
        var messages: [HandshakeMessage] = handshake.last.map { [$0] } ?? []
        for sender in [HandshakeMessage.Sender.side(.seller), .side(.buyer), .clock] {
            for body in bodies {
                for offset in [1, -1, 0, 2] as [Int64] {
                    let message = HandshakeMessage(
                        sender: sender, sequence: handshake.sequence + offset, body: body,
                        cause: "as agreed by telephone")
                    messages.append(message)
                }
            }
        }
        return messages
    }

    private var bodies: [HandshakeMessage.Body] {
        var bodies: [HandshakeMessage.Body] = [
            .accept, .decline, .withdraw, .expire, .notReady,
            .ready(ReadyChecks(device: true, line: true, recordAccess: true)),
            .ready(ReadyChecks(device: true, line: true, recordAccess: false)),
        ]
        for slot in [first, second] {
            for deadline in [20, 50, 65] as [Int64] {
                let proposal = Proposal(
                    slot: slot, room: .builtIn, deadline: VisitsTests.second(deadline))
                bodies += [.propose(proposal), .counter(proposal)]
            }
        }
        bodies += [
            .move(.init(slot: second, reply: nil)),
            .move(.init(slot: second, reply: .init(by: VisitsTests.second(50), answerSeconds: 10))),
        ]
        return bodies
    }

    private mutating func draw(
        _ from: Handshake, _ message: HandshakeMessage, _ to: Handshake
    ) {
        guard to.sequence > from.sequence else { return }
        arrows.insert([from.state.rawValue, message.body.kind.rawValue, to.state.rawValue])
    }
}

extension HandshakeExploration {
    /// The diagram of `docs/handshake.md`, drawn from what was reached.
    var diagram: String {
        var lines = ["stateDiagram-v2", "    [*] --> none : opened with a booking"]
        lines.append("    [*] --> agreed : accepted in advance by the contract")
        let names = Handshake.StateName.allCases.map(\.rawValue)
        let kinds = HandshakeMessage.Kind.allCases.map(\.rawValue)
        for from in names {
            for to in names {
                let words = kinds.filter { arrows.contains([from, $0, to]) }
                if words.isEmpty { continue }
                lines.append("    \(from) --> \(to) : \(words.joined(separator: ", "))")
            }
        }
        for state in Handshake.StateName.allCases where state.isTerminal {
            lines.append("    \(state.rawValue) --> [*]")
        }
        return lines.joined(separator: "\n")
    }
}

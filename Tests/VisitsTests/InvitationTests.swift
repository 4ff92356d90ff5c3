import MoneyAndTime
import Testing
import Visits

/// What calendars hear of a handshake: the table of `docs/handshake.md`.
@Suite struct InvitationTests {
    /// One that waits for a proposal of the visit from 1,000 to 1,100.
    private static func open() throws -> Handshake {
        try Handshake.open(
            booked: slot(1_000, 1_100), deadline: second(500), answerSeconds: 10, now: second(0)
        ).handshake
    }

    private static func inAdvance() throws -> Handshake {
        Handshake.agreedInAdvance(
            booked: try slot(1_000, 1_100), answerSeconds: 10, room: .builtIn
        ).handshake
    }

    private static func offer(_ from: Int64) throws -> Proposal {
        Proposal(slot: try slot(from, from + 100), room: .builtIn, deadline: second(400))
    }

    private static func said(
        _ messages: [(Side, HandshakeMessage.Body)], from opened: Handshake
    ) throws -> Invitation {
        var invitation = Invitation(of: opened, at: second(0))
        for (index, (side, body)) in messages.enumerated() {
            try invitation.hear(
                HandshakeMessage(
                    sender: .side(side), sequence: Int64(index + 1), body: body,
                    cause: "as agreed by telephone"),
                at: second(Int64(index + 1) * 10))
        }
        return invitation
    }

    private static func words(_ message: Invitation.Message?) -> String {
        guard let message else { return "nothing" }
        let (seller, buyer) = (message.seller.rawValue, message.buyer.rawValue)
        return "\(message.method.rawValue) \(message.sequence) \(message.status.rawValue) "
            + "\(message.slot.start.secondsAfterMonday) by \(message.organiser.rawValue): "
            + "\(seller), \(buyer)"
    }

    struct Row: Sendable {
        let name: String
        let isInAdvance: Bool
        let messages: @Sendable () throws -> [(Side, HandshakeMessage.Body)]
        let seller: String
        let buyer: String

        init(
            _ name: String, inAdvance: Bool = false, seller: String, buyer: String? = nil,
            _ messages: @escaping @Sendable () throws -> [(Side, HandshakeMessage.Body)]
        ) {
            (self.name, isInAdvance, self.messages) = (name, inAdvance, messages)
            (self.seller, self.buyer) = (seller, buyer ?? seller)
        }
    }

    static let rows: [Row] = [
        Row("nothing said", seller: "nothing") { [] },
        Row("propose", seller: "REQUEST 0 TENTATIVE 1000 by seller: ACCEPTED, NEEDS-ACTION") {
            [(.seller, .propose(try offer(1_000)))]
        },
        Row(
            "counter", seller: "COUNTER 0 TENTATIVE 2000 by seller: NEEDS-ACTION, ACCEPTED"
        ) { [(.seller, .propose(try offer(1_000))), (.buyer, .counter(try offer(2_000)))] },
        Row(
            "accept of a counter",
            seller: "REQUEST 1 CONFIRMED 2000 by seller: ACCEPTED, ACCEPTED"
        ) {
            [
                (.seller, .propose(try offer(1_000))), (.buyer, .counter(try offer(2_000))),
                (.seller, .accept),
            ]
        },
        Row(
            "accept", seller: "REPLY 0 CONFIRMED 1000 by seller: ACCEPTED, ACCEPTED",
            buyer: "REQUEST 0 CONFIRMED 1000 by seller: ACCEPTED, ACCEPTED"
        ) { [(.seller, .propose(try offer(1_000))), (.buyer, .accept)] },
        Row(
            "decline", seller: "CANCEL 1 CANCELLED 1000 by buyer: NEEDS-ACTION, ACCEPTED"
        ) { [(.buyer, .propose(try offer(1_000))), (.seller, .decline)] },
        Row(
            "decline of a counter before an agreement",
            seller: "CANCEL 1 CANCELLED 1000 by seller: ACCEPTED, NEEDS-ACTION"
        ) {
            [
                (.seller, .propose(try offer(1_000))), (.buyer, .counter(try offer(2_000))),
                (.seller, .decline),
            ]
        },
        Row(
            "agreed in advance", inAdvance: true,
            seller: "REQUEST 0 CONFIRMED 1000 by seller: ACCEPTED, ACCEPTED"
        ) { [] },
        Row(
            "decline of a counter on an agreed visit", inAdvance: true,
            seller: "DECLINECOUNTER 0 CONFIRMED 1000 by seller: ACCEPTED, ACCEPTED"
        ) { [(.buyer, .counter(try offer(2_000))), (.seller, .decline)] },
        Row(
            "the organiser's own counter, taken back", inAdvance: true,
            seller: "DECLINECOUNTER 0 CONFIRMED 1000 by seller: ACCEPTED, ACCEPTED"
        ) { [(.seller, .counter(try offer(2_000))), (.seller, .withdraw)] },
        Row(
            "accept of a counter on an agreed visit", inAdvance: true,
            seller: "REQUEST 1 CONFIRMED 2000 by seller: ACCEPTED, ACCEPTED"
        ) { [(.seller, .counter(try offer(2_000))), (.buyer, .accept)] },
        Row(
            "withdraw", inAdvance: true,
            seller: "CANCEL 1 CANCELLED 1000 by seller: ACCEPTED, ACCEPTED"
        ) { [(.buyer, .withdraw)] },
        Row(
            "move", inAdvance: true,
            seller: "REQUEST 1 CONFIRMED 3000 by seller: ACCEPTED, ACCEPTED"
        ) { [(.buyer, .move(.init(slot: try slot(3_000, 3_100), reply: nil)))] },
        Row(
            "move before anything was said",
            seller: "REQUEST 0 TENTATIVE 3000 by buyer: NEEDS-ACTION, ACCEPTED"
        ) {
            [
                (
                    .buyer,
                    .move(
                        .init(
                            slot: try slot(3_000, 3_100),
                            reply: .init(by: second(900), answerSeconds: 10)))
                )
            ]
        },
        Row(
            "propose after a move: who proposes organises",
            seller: "REQUEST 2 TENTATIVE 3000 by buyer: NEEDS-ACTION, ACCEPTED"
        ) {
            [
                (.seller, .propose(try offer(1_000))),
                (
                    .buyer,
                    .move(
                        .init(
                            slot: try slot(3_000, 3_100),
                            reply: .init(by: second(900), answerSeconds: 10)))
                ), (.buyer, .propose(try offer(3_000))),
            ]
        },
        Row(
            "ready", inAdvance: true,
            seller: "REQUEST 0 CONFIRMED 1000 by seller: ACCEPTED, ACCEPTED"
        ) {
            [(.buyer, .ready(ReadyChecks(device: true, line: true, recordAccess: true)))]
        },
    ]

    @Test(arguments: rows)
    func table(row: Row) throws {
        let opened = row.isInAdvance ? try Self.inAdvance() : try Self.open()
        let invitation = try Self.said(row.messages(), from: opened)
        #expect(Self.words(invitation.message(for: .seller)) == row.seller, "\(row.name)")
        #expect(Self.words(invitation.message(for: .buyer)) == row.buyer, "\(row.name)")
    }

    @Test func whatRunsOutIsCancelledAtItsDeadline() throws {
        var invitation = try Self.said(
            [(.seller, .propose(try Self.offer(1_000)))], from: Self.open())
        try invitation.runOut(by: second(399))
        #expect(invitation.message(for: .buyer)?.method == .request)
        try invitation.runOut(by: second(450))
        let message = try #require(invitation.message(for: .buyer))
        #expect(message.method == .cancel && message.sequence == 1 && message.at == second(400))
        #expect(invitation.event.status == .cancelled)
        // a counter on an agreed visit only lapses
        var agreed = try Self.said(
            [(.seller, .counter(try Self.offer(2_000)))], from: Self.inAdvance())
        try agreed.runOut(by: second(450))
        #expect(agreed.message(for: .buyer)?.method == .declineCounter)
        #expect(agreed.event.status == .confirmed)
        #expect(try agreed.event.slot == slot(1_000, 1_100))
    }

    @Test func whatIsDoneToTheBookingIsToldToo() throws {
        var invitation = Invitation(of: try Self.inAdvance(), at: second(0))
        invitation.note(.substituted, at: second(10))
        #expect(invitation.message(for: .seller)?.sequence == 1)
        invitation.note(.cancelled, at: second(20))
        invitation.note(.cancelled, at: second(30))
        let message = try #require(invitation.message(for: .seller))
        #expect(message.method == .cancel && message.sequence == 2 && message.at == second(20))
        // before anything was proposed nobody has anything to cancel
        var silent = Invitation(of: try Self.open(), at: second(0))
        silent.note(.cancelled, at: second(20))
        #expect(silent.message(for: .buyer) == nil)
        #expect(silent.event.status == .cancelled && silent.event.sequence == 1)
    }

    @Test func nobodyIsToldItsOwnAnswerAgain() throws {
        let proposed: [(Side, HandshakeMessage.Body)] = [(.seller, .propose(try Self.offer(1_000)))]
        let countered = try Self.said(
            proposed + [(.buyer, .counter(try Self.offer(2_000)))], from: Self.open())
        #expect(countered.message(for: .buyer)?.isNews(to: .buyer) == false)
        #expect(countered.message(for: .seller)?.isNews(to: .seller) == true)
        let invited = try Self.said(proposed, from: Self.open())
        #expect(invited.message(for: .seller)?.isNews(to: .seller) == true)
    }
}

extension Instant {
    fileprivate var secondsAfterMonday: Int64 {
        (microseconds - monday.microseconds) / 1_000_000
    }
}

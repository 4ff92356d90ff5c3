import Contracts
import Documents
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// The handshake's calendar messages by mail.
@Suite struct CalendarMailTests {
    private struct Desk {
        let post: OutboxTests.Post
        let life: LifeOfAVisit

        var test: TestMarket { life.test }
        var seller: TestOrganisation { life.contract.seller }
        var buyer: TestOrganisation { life.contract.buyer }

        static func with(
            inAdvance: Bool, _ body: (Desk) async throws -> Void
        ) async throws {
            try await OutboxTests.Post.with { post in
                let contract = try await post.test.signedContract(
                    seller: post.test.addOrganisation("Seller"),
                    buyer: post.test.addOrganisation("Buyer"), acceptedInAdvance: inAdvance)
                try await body(Desk(post: post, life: LifeOfAVisit(under: contract)))
            }
        }

        @discardableResult
        func mailbox(
            _ organisation: TestOrganisation, unit: UnitID? = nil, _ address: String
        ) async throws -> CalendarMailboxID {
            let set = try await post.market.setCalendarMailbox(
                organisation.admin.request("setCalendarMailbox"), of: unit,
                EmailAddress(address), in: .english)
            return try CalendarMailboxID(typeID: set.body["id"]?.text ?? "")
        }

        func say(
            _ side: Visits.Side, _ booking: BookingID, _ sequence: Int64,
            _ kind: HandshakeMessage.Kind, offer: String? = nil
        ) async throws {
            let caller = side == .seller ? seller.scheduler : buyer.scheduler
            let meeting = try offer.map { starts in
                Market.OfferedMeeting(
                    starts: try Instant(rfc3339: starts), room: .builtIn, needs: [],
                    deadline: try Instant(rfc3339: "2027-03-08T06:00:00Z"))
            }
            _ = try await post.market.sendHandshakeMessage(
                caller.request("sendHandshakeMessage"), booking,
                .init(
                    kind: kind, sequence: sequence, cause: "Fits better.", offer: meeting,
                    checks: kind == .ready
                        ? ReadyChecks(device: true, line: true, recordAccess: true) : nil))
        }

        private static func words(_ mail: CalendarMail) -> MailWords {
            MailWords(subject: mail.visit.summary, text: "\(mail.message.method.rawValue)\n")
        }

        /// Puts all that is due in line; how many it were.
        @discardableResult
        func line() async throws -> Int {
            var count = 0
            while try await post.market.mailNextCalendarMessage(words: Self.words) { count += 1 }
            return count
        }

        /// `to: METHOD sequence start`, in the order in which they were put in line.
        func inLine() async throws -> [String] {
            try await test.owner.read([
                """
                select recipient, attachments::text as files from outgoing_message
                where cause like 'calendar %' order by made_at, id
                """
            ]).map { row in
                let file = try JSON.parse(row["files", String.self])[0]
                let lines = (file?["content"]?.text ?? "").split(separator: "\r\n")
                func value(_ name: String) -> Substring {
                    lines.first { $0.hasPrefix("\(name):") }?.dropFirst(name.count + 1) ?? ""
                }
                let type = file?["content_type"]?.text ?? ""
                #expect(type == "text/calendar; method=\(value("METHOD")); charset=utf-8")
                #expect(!lines.contains { $0.contains("PT-1") || $0.contains("Fits better") })
                let recipient: String = try row.decode("recipient")
                let start = value("DTSTART").prefix(11)
                return "\(recipient): \(value("METHOD")) \(value("SEQUENCE")) \(start)"
            }
        }

        func waiting() async throws -> Int64 {
            try await test.owner.read(["select count(*) as n from calendar_mail"]).only()[
                "n", Int64.self]
        }
    }

    @Test func nothingIsMailedUntilSomebodyWantsIt() async throws {
        try await Desk.with(inAdvance: true) { desk in
            _ = try await desk.life.booked("2027-03-08")
            #expect(try await desk.waiting() == 0)
            #expect(try await desk.line() == 0)
        }
    }

    /// Each as things were then, though all are made at the end; nobody gets its own counter.
    @Test func everyMessageGoesOutOnce() async throws {
        try await Desk.with(inAdvance: false) { desk in
            try await desk.mailbox(desk.seller, "all@seller.example")
            try await desk.mailbox(
                desk.seller, unit: desk.seller.unit, "unit@seller.example")
            try await desk.mailbox(desk.buyer, "all@buyer.example")
            let id = try await desk.life.booked("2027-03-08")
            try await desk.say(.seller, id, 1, .propose, offer: "2027-03-08T08:00:00Z")
            try await desk.say(.buyer, id, 2, .counter, offer: "2027-03-08T09:00:00Z")
            try await desk.say(.seller, id, 3, .accept)
            try await desk.say(.seller, id, 4, .ready)
            // two servers at once
            async let first = desk.line()
            async let second = desk.line()
            let count = try await first + second
            #expect(count == 6)
            let expected = [
                "all@buyer.example: REQUEST 0 20270308T08",
                "all@buyer.example: REQUEST 1 20270308T09",
                "unit@seller.example: COUNTER 0 20270308T09",
                "unit@seller.example: REQUEST 0 20270308T08",
                "unit@seller.example: REQUEST 1 20270308T09",
            ]
            #expect(try await desk.inLine().sorted() == expected)
            #expect(try await desk.waiting() == 0)
            // the same cause again makes no second mail
            try await desk.test.superuser.write([
                """
                select tell_calendars(\(id), 3, (select recorded_at from handshake_message
                    where booking = \(id) and sequence = 3))
                """
            ])
            #expect(try await desk.line() == 2)
            #expect(try await desk.inLine().sorted() == expected)
            try desk.post.works()
            while try await desk.post.market.sendNextMessage() {}
            let sent = try desk.post.sent.joined()
            #expect(sent.contains("Content-Type: text/calendar; method=COUNTER; charset=utf-8"))
            #expect(sent.contains("multipart/alternative"))
            #expect(sent.contains("filename=\"visit.ics\""))
        }
    }

    @Test func whatIsBookedInAdvanceAndCancelledIsToldWithoutTheHandshake() async throws {
        try await Desk.with(inAdvance: true) { desk in
            let box = try await desk.mailbox(desk.seller, "all@seller.example")
            let id = try await desk.life.booked("2027-03-08")
            _ = try await desk.post.market.cancelBooking(
                desk.buyer.scheduler.request("cancelBooking"), id, expectedFee: .zero,
                reason: nil)
            try await desk.line()
            #expect(
                try await desk.inLine() == [
                    "all@seller.example: REQUEST 0 20270308T08",
                    "all@seller.example: CANCEL 1 20270308T08",
                ])
            // what waits when the mailbox goes is not made
            _ = try await desk.life.booked("2027-03-09")
            #expect(try await desk.waiting() == 1)
            _ = try await desk.post.market.removeCalendarMailbox(
                desk.seller.admin.request("removeCalendarMailbox"), box)
            #expect(try await desk.line() == 1)
            #expect(try await desk.inLine().count == 2)
        }
    }

    @Test func aChangeThatDoesNotHappenMailsNothing() async throws {
        try await Desk.with(inAdvance: false) { desk in
            try await desk.mailbox(desk.buyer, "all@buyer.example")
            let id = try await desk.life.booked("2027-03-08")
            _ = try await desk.life.booked("2027-03-08", at: "12:00")
            try await desk.say(.buyer, id, 1, .propose, offer: "2027-03-08T08:00:00Z")
            try await desk.say(.seller, id, 2, .counter, offer: "2027-03-08T10:00:00Z")
            let taken = await refusal { try await desk.say(.buyer, id, 3, .accept) }
            #expect(taken == .taken)
            try await desk.line()
            #expect(
                try await desk.inLine() == [
                    "all@buyer.example: REQUEST 0 20270308T08",
                    "all@buyer.example: COUNTER 0 20270308T10",
                ])
        }
    }

    /// One that cannot be made waits, and holds nobody up.
    @Test func oneThatFailsIsTriedAgainLater() async throws {
        try await Desk.with(inAdvance: true) { desk in
            try await desk.mailbox(desk.seller, "all@seller.example")
            let broken = try await desk.life.booked("2027-03-08")
            _ = try await desk.life.booked("2027-03-09")
            try await desk.test.superuser.write([
                """
                update unit set time_zone = 'Nowhere/At all' where id = \(desk.seller.unit)
                """
            ])
            #expect(try await desk.line() == 2)
            #expect(try await desk.inLine() == [])
            #expect(try await desk.waiting() == 2)
            try await desk.test.superuser.write([
                "update unit set time_zone = 'Europe/Helsinki' where id = \(desk.seller.unit)",
                """
                update calendar_mail set due_at = clock_timestamp()
                where booking = \(broken)
                """,
            ])
            #expect(try await desk.line() == 1)
            #expect(try await desk.inLine() == ["all@seller.example: REQUEST 0 20270308T08"])
            #expect(try await desk.waiting() == 1)
        }
    }
}

import Foundation
import Marketplace
import MoneyAndTime
import Organisations
import Outgoing
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// What goes out: in line with its cause, at least once, under one name.
@Suite struct OutboxTests {
    /// A market that is no demo's, and sends by a program of ours.
    struct Post {
        let test: TestMarket
        let organisation: TestOrganisation
        let market: Market
        let program: URL
        let folder: URL

        static func with(_ body: (Post) async throws -> Void) async throws {
            let folder = FileManager.default.temporaryDirectory.appending(
                path: "aikatori-outbox-\(UInt64.random(in: .min ... .max))")
            try FileManager.default.createDirectory(
                at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try await TestMarket.withMarket { test in
                let organisation = try await test.addOrganisation()
                try await test.isNoDemo()
                let program = folder.appending(path: "run")
                let sender = try EmailAddress("aikatori@hospital.example")
                let market = Market(
                    database: test.app, keys: test.market.keys, logger: test.market.logger,
                    surroundings: Surroundings(
                        mail: .sendmail(
                            Sendmail(program: program.path, sender: sender.text), from: sender)))
                try await body(
                    Post(
                        test: test, organisation: organisation, market: market,
                        program: program, folder: folder))
            }
        }

        /// Every message that the program gets is kept under a number.
        func works() throws {
            try ShellProgram.write("cat > \"$(mktemp '\(folder.path)/sent.XXXXXX')\"", to: program)
        }

        func fails() throws { try ShellProgram.write("exit 75", to: program) }

        var sent: [String] {
            get throws {
                try FileManager.default.contentsOfDirectory(atPath: folder.path)
                    .filter { $0.hasPrefix("sent.") }
                    .map { try String(contentsOf: folder.appending(path: $0), encoding: .utf8) }
            }
        }

        func message(_ cause: String, expiresAt: Instant? = nil) -> NewMessage {
            NewMessage(
                of: organisation.id, by: .mail, to: "desk@hospital.example", subject: "Subject",
                text: "Text of \(cause).\n",
                attachments: [
                    MessageAttachment(
                        contentType: "text/calendar; method=REQUEST; charset=utf-8",
                        name: "visit.ics", content: "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
                ], cause: cause, expiresAt: expiresAt)
        }

        @discardableResult
        func queue(_ message: NewMessage) async throws -> Bool {
            try await test.app.pool.transaction { transaction in
                try await transaction.query(message.queue).only()["queued", Bool.self]
            }
        }

        func change(_ script: String) async throws {
            try await test.superuser.pool.transaction { transaction in
                _ = try await transaction.script(script)
            }
        }

        func listed(
            _ state: ListedMessage.State? = nil, by organisation: TestOrganisation? = nil
        ) async throws -> [JSON] {
            try await market.listMessages(
                (organisation ?? self.organisation).admin.request("listMessages"), state: state,
                page: Page(after: nil, limit: 50)
            ).body["items"]?.elements ?? []
        }
    }

    @Test func goesOutOnceForOneCause() async throws {
        try await Post.with { post in
            try post.works()
            #expect(try await post.queue(post.message("one")))
            #expect(try await !post.queue(post.message("one")))
            #expect(try await post.market.sendNextMessage())
            #expect(try await !post.market.sendNextMessage())
            let message = try #require(try post.sent.first)
            let id = try #require(try await post.listed(.sent).first?["id"]?.text)
            #expect(message.contains("Message-ID: <\(id)@hospital.example>\r\n"))
            #expect(message.contains("Content-Type: text/calendar; method=REQUEST; charset=utf-8"))
            #expect(message.contains("Text of one."))
            // what has gone is kept without its text, and its cause goes out no more
            #expect(try await !post.queue(post.message("one")))
            let kept = try await post.test.superuser.read([
                "select body || attachments::text as kept from outgoing_message"
            ]).only()["kept", String.self]
            #expect(kept == "[]")
        }
    }

    @Test func whatItsTransactionTakesBackNeverGoes() async throws {
        try await Post.with { post in
            try post.works()
            struct Undone: Error {}
            await #expect(throws: Undone.self) {
                try await post.test.app.pool.transaction { transaction in
                    _ = try await transaction.query(post.message("gone").queue)
                    throw Undone()
                }
            }
            #expect(try await !post.market.sendNextMessage())
        }
    }

    @Test func isTriedAgainLaterAndLaterAndGivenUpVisibly() async throws {
        try await Post.with { post in
            try post.fails()
            try await post.queue(post.message("one"))
            let waits = [5, 300, 1_800, 7_200, 18_000, 36_000, 50_400]
            for (tries, wait) in waits.enumerated() {
                #expect(try await post.market.sendNextMessage())
                #expect(try await !post.market.sendNextMessage(), "it is not due again yet")
                let row = try await post.test.superuser.read([
                    """
                    select tries, last_error,
                        extract(epoch from next_try - clock_timestamp())::bigint as wait
                    from outgoing_message where state = 'waiting'
                    """
                ]).only()
                #expect(try row["tries", Int32.self] == tries + 1)
                #expect(try row["last_error", String.self] == "ended with status 75")
                let left = try row["wait", Int64.self]
                #expect((wait - 5...wait).contains(Int(left)), "\(tries): \(left)")
                try await post.change("update outgoing_message set next_try = clock_timestamp()")
            }
            #expect(try await post.market.sendNextMessage())
            #expect(try await !post.market.sendNextMessage())
            let given = try #require(try await post.listed(.givenUp).first)
            #expect(given["problem"] == "ended with status 75")
            #expect(given["tries"] == 8)
            #expect(given["recipient"] == "desk@hospital.example")
            let told = try await post.test.owner.read([
                "select subject_kind from event where kind = 'message.given_up'"
            ])
            #expect(told.count == 1)
        }
    }

    /// A server that dies while it sends leaves the message to another, under the same name.
    @Test func survivesWhoTookIt() async throws {
        try await Post.with { post in
            try post.works()
            try await post.queue(post.message("one"))
            let taken = try await post.test.app.write([StoredMessage.take([.mail])]).only()
            #expect(try await !post.market.sendNextMessage(), "somebody else has it")
            try await post.change(
                "update outgoing_message set next_try = next_try - interval '61 seconds'")
            #expect(try await post.market.sendNextMessage())
            let id = try StoredMessage(row: taken).id
            #expect(try post.sent.map { $0.contains("<\(id)@") } == [true])
        }
    }

    @Test func manyServersSendEachOnce() async throws {
        try await Post.with { post in
            try post.works()
            for number in 0..<12 { try await post.queue(post.message("\(number)")) }
            let market = post.market
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { while try await market.sendNextMessage() {} }
                }
                try await group.waitForAll()
            }
            #expect(try post.sent.count == 12)
            #expect(try await post.listed(.sent).count == 12)
        }
    }

    @Test func whatSaysNothingAnyMoreIsGivenUp() async throws {
        try await Post.with { post in
            try post.works()
            let past = try Instant(rfc3339: "2020-01-01T00:00:00Z")
            try await post.queue(post.message("late", expiresAt: past))
            #expect(try await !post.market.sendNextMessage())
            #expect(try await post.listed(.givenUp).first?["problem"] == "too late")
            #expect(try post.sent.isEmpty)
        }
    }

    /// Nobody reads another's messages, nor writes one past the function.
    @Test func isItsOrganisationsAlone() async throws {
        try await Post.with { post in
            let other = try await post.test.addOrganisation("Another")
            try await post.queue(post.message("one"))
            #expect(try await post.listed().count == 1)
            #expect(try await post.listed(by: other).isEmpty)
            await #expect(throws: PostgresError.self) {
                try await post.test.app.write([
                    """
                    insert into outgoing_message (organisation, channel, recipient, subject, body,
                        cause)
                    values (\(post.organisation.id), 'mail', 'a@b.example', '', '', 'x')
                    """
                ])
            }
        }
    }

    @Test func aDemoSendsNothing() async throws {
        try await Post.with { post in
            try post.works()
            try await post.change(
                "create or replace function is_demo() returns boolean language sql stable "
                    + "as 'select true'")
            try await post.queue(post.message("one"))
            #expect(try await !post.market.sendNextMessage())
            let shown = try await post.market.demoMail()
            #expect(shown.map(\.text) == ["Text of one.\n"])
        }
    }
}

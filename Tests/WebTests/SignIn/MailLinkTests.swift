import Foundation
import Marketplace
import MoneyAndTime
import Organisations
import Outgoing
import Postgres
import SignIn
import Storage
import StrictJSON
import TestMarket
import TestServer
import Testing

@testable import Web

@Suite("A link by mail")
struct MailLinkTests {
    /// Asks for a link, as the sign-in page does.
    static func ask(
        _ browser: Browser, _ email: String, next: String = "/bookings"
    ) async throws -> PageAnswer {
        var form = try await browser.get("/sign-in?next=\(next.inQuery)")
            .form("/sign-in/address")
        form["email"] = email
        return try await browser.post("/sign-in/address", form)
    }

    /// The links in the demo's mail, newest first, without the host.
    static func links(_ world: PagesWorld) async throws -> [String] {
        try await Browser(port: world.server.port).get("/mail").links
            .filter { $0.contains("/sign-in/link?") }
            .map { String($0.dropFirst("http://127.0.0.1:\(world.server.port)".count)) }
    }

    static func member(
        _ world: PagesWorld, _ email: String = "nurse@clinic.example"
    ) async throws -> TestCaller {
        try await world.test.caller([.scheduler], email: email, world.buyer.admin)
    }

    @Test("from an address to the page that was wanted; the link works once")
    func allTheWay() async throws {
        try await PagesWorld.with { world in
            _ = try await Self.member(world)
            let browser = Browser(port: world.server.port)
            let asked = try await Self.ask(browser, "Nurse@Clinic.example")
            #expect((asked.status, asked.location) == (303, "/sign-in/sent"))
            let sent = try await browser.get("/sign-in/sent")
            #expect(sent.body.contains("If the address belongs to a member"))
            let mail = try await browser.get("/mail").body
            #expect(mail.contains("Sign in to Aikatori: Example Health Centre"))
            #expect(mail.contains("nurse@clinic.example"))
            let link = try #require(try await Self.links(world).first)

            // Programs that look through mail open links; nothing comes of that.
            let scanner = Browser(port: world.server.port)
            for _ in 0..<3 { #expect(try await scanner.get(link).status == 200) }
            #expect(await scanner.login == nil)

            let page = try await browser.get(link)
            #expect(page.body.contains("Test member, Example Health Centre"))
            #expect(!page.body.contains("another browser"))
            let form = try page.form("/sign-in/link")
            let entered = try await browser.post("/sign-in/link", form)
            #expect((entered.status, entered.location) == (303, "/bookings"))
            #expect(try await browser.get("/").status == 200)

            let again = try await browser.get(link)
            #expect(again.status == 403)
            #expect(again.body.contains("has been used or is too old"))
            let other = Browser(port: world.server.port)
            var stolen = form
            stolen["seal"] = try await other.get("/sign-in").form("/sign-in/address")["seal"]
            #expect(try await other.post("/sign-in/link", stolen).status == 403)
            #expect(await other.login == nil)
        }
    }

    @Test("an address that nobody knows gets the same answer, and no mail")
    func unknownAddress() async throws {
        try await PagesWorld.with { world in
            let known = try await Self.member(world)
            let browser = Browser(port: world.server.port)
            var answers: [PageAnswer] = []
            var times: [Duration] = []
            for email in ["nurse@clinic.example", "nobody@clinic.example"] {
                let started = ContinuousClock.now
                answers.append(try await Self.ask(browser, email))
                times.append(ContinuousClock.now - started)
            }
            #expect(answers.map(\.status) == [303, 303])
            #expect(answers[0].location == answers[1].location)
            #expect(answers[0].body == answers[1].body)
            #expect(times.allSatisfy { $0 >= .milliseconds(400) })
            #expect(try await Self.links(world).count == 1)
            // nor does a member who may not come in any more
            try await world.test.superuser.pool.transaction { transaction in
                try await transaction.query(
                    "update member set active = false where id = \(known.member)")
            }
            let link = try #require(try await Self.links(world).first)
            #expect(try await browser.get(link).status == 403)
            _ = try await Self.ask(browser, "nurse@clinic.example")
            #expect(try await Self.links(world).count == 1)
        }
    }

    @Test("an address gets five links an hour; a member of two organisations one for each")
    func limits() async throws {
        try await PagesWorld.with { world in
            _ = try await Self.member(world)
            let browser = Browser(port: world.server.port)
            for _ in 0..<7 {
                let answer = try await Self.ask(browser, "nurse@clinic.example")
                #expect(answer.location == "/sign-in/sent")
            }
            #expect(try await Self.links(world).count == 5)
            for organisation in [world.buyer, world.seller] {
                _ = try await world.test.caller(
                    [.finance], email: "both@clinic.example", organisation.admin)
            }
            _ = try await Self.ask(browser, "both@clinic.example")
            let mail = try await browser.get("/mail").body
            #expect(mail.contains("Sign in to Aikatori: Example Hospital"))
            #expect(try await Self.links(world).count == 7)
        }
    }

    @Test("a link that is opened in another browser says so, and works; one that is old does not")
    func elsewhereAndLate() async throws {
        try await PagesWorld.with { world in
            _ = try await Self.member(world)
            _ = try await Self.ask(Browser(port: world.server.port), "nurse@clinic.example")
            let link = try #require(try await Self.links(world).first)
            let phone = Browser(port: world.server.port)
            let page = try await phone.get(link)
            #expect(page.body.contains("asked for in another browser"))
            let form = try page.form("/sign-in/link")
            try await world.test.superuser.pool.transaction { transaction in
                _ = try await transaction.script(
                    "update mail_link set expires_at = clock_timestamp()")
            }
            #expect(try await phone.post("/sign-in/link", form).status == 403)
            #expect(await phone.login == nil)
            try await world.test.superuser.pool.transaction { transaction in
                _ = try await transaction.script(
                    "update mail_link set expires_at = clock_timestamp() + interval '1 minute'")
            }
            #expect(try await phone.post("/sign-in/link", form).status == 303)
        }
    }

    @Test("two who press the button at once: one is let in")
    func once() async throws {
        try await PagesWorld.with { world in
            _ = try await Self.member(world)
            let browser = Browser(port: world.server.port)
            _ = try await Self.ask(browser, "nurse@clinic.example")
            let link = try #require(try await Self.links(world).first)
            let form = try await browser.get(link).form("/sign-in/link")
            let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await browser.post("/sign-in/link", form).status }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(statuses.sorted() == [303, 403, 403, 403])
        }
    }

    @Test("members of an organisation with a provider get no link, by whatever way they ask")
    func notBesideAProvider() async throws {
        try await ProviderWorld.with { world in
            let browser = world.browser()
            var form = try await browser.get("/sign-in/provider?domain=health.example")
                .form("/sign-in/address")
            form["email"] = "person@health.example"
            #expect(form["by"] == "mail")
            let answer = try await browser.post("/sign-in/address", form)
            #expect(answer.location == "/sign-in/sent")
            #expect(try await Self.links(world.pages).isEmpty)
        }
    }

    @Test(
        "what is no address is told at its field, and what was typed stays",
        arguments: ["", "nobody", "a@b", "a b@example.org", "a@example.org\r\nBcc: b@example.org"])
    func noAddress(email: String) async throws {
        try await PagesWorld.with { world in
            let browser = Browser(port: world.server.port)
            let page = try await Self.ask(browser, email)
            #expect(page.status == 422)
            #expect(page.body.contains("<a href=\"#email\">Give an e-mail address"))
            if email == "nobody" { #expect(page.body.contains("value=\"nobody\"")) }
        }
    }

    /// The market of these pages, with another way for mail, in what is no demo's database.
    private static func market(_ world: PagesWorld, sendmail: String) async throws -> Market {
        try await world.test.superuser.pool.transaction { transaction in
            _ = try await transaction.script(
                "create or replace function is_demo() returns boolean language sql stable "
                    + "as 'select false'")
        }
        let sender = try EmailAddress("aikatori@hospital.example")
        return Market(
            database: world.test.app, keys: world.test.market.keys,
            logger: world.server.log.logger,
            surroundings: Surroundings(
                mail: .sendmail(
                    Sendmail(program: sendmail, sender: sender.text), from: sender)))
    }

    @Test("what waits goes out by the machine's own command, and is tried again when that fails")
    func goesOut() async throws {
        let folder = FileManager.default.temporaryDirectory.appending(
            path: "aikatori-mail-\(UInt64.random(in: .min ... .max))")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let (program, sent) = (folder.appending(path: "run"), folder.appending(path: "sent"))
        try await PagesWorld.with { world in
            _ = try await Self.member(world)
            let browser = Browser(port: world.server.port)
            _ = try await Self.ask(browser, "nurse@clinic.example")
            let market = try await Self.market(world, sendmail: program.path)
            try ShellProgram.write("exit 75", to: program)
            #expect(try await market.sendNextMail())
            #expect(try await !market.sendNextMail(), "it is not due again yet")
            let problem = try await world.test.superuser.read([
                "select problem from outgoing_mail where sent_at is null and attempts = 1"
            ]).only()["problem", String?.self]
            #expect(problem == "ended with status 75")

            try ShellProgram.write(
                "cat > '\(sent.path)'; echo $5 >> '\(sent.path)'", to: program)
            try await world.test.superuser.pool.transaction { transaction in
                _ = try await transaction.script(
                    "update outgoing_mail set due_at = clock_timestamp()")
            }
            #expect(try await market.sendNextMail())
            #expect(try await !market.sendNextMail())
            let message = try String(contentsOf: sent, encoding: .utf8)
            #expect(message.hasPrefix("From: <aikatori@aikatori.example>\r\nTo: <nurse@clinic"))
            #expect(message.hasSuffix("nurse@clinic.example\n"))
            let text = message.replacing("=\r\n", with: "").replacing("=3D", with: "=")
            let link = try #require(text.firstMatch(of: /127\.0\.0\.1:[0-9]+([^\r]+)/)).1
            #expect(try await browser.get(String(link)).status == 200)
            let kept = try await world.test.superuser.read([
                "select length(sealed_message) as kept from outgoing_mail where sent_at is not null"
            ]).only()["kept", Int32.self]
            #expect(kept == 0, "what has gone is kept without its text")
        }
    }

    @Test("where no mail can go out the page says so")
    func notSetUp() async throws {
        try await TestServer.withServer(
            surroundings: Surroundings(), elsewhere: PagesWorld.pages
        ) { server in
            let browser = Browser(port: server.port)
            let page = try await Self.ask(browser, "nurse@clinic.example")
            #expect(page.status == 503)
            #expect(page.body.contains("is not set up on this server"))
        }
    }
}

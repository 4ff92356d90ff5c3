import MoneyAndTime
import Organisations
import Postgres
import SignIn
import StrictJSON
import TestMarket
import TestServer
import Testing

@testable import Web

@Suite("A second factor")
struct SecondFactorTests {
    /// A member with a login, and the pages around.
    private struct Account {
        let world: PagesWorld
        let caller: TestCaller
        let browser: Browser

        init(_ world: PagesWorld) async throws {
            self.world = world
            caller = try await MailLinkTests.member(world)
            browser = try await world.browser(of: caller)
        }

        /// Turns it on: the key, and the recovery codes.
        /// `used` is the code by which it was turned on.
        func turnedOn() async throws -> (key: [UInt8], codes: [String], used: String) {
            let form = try await browser.get("/account").form("/account/second-factor")
            #expect(try await browser.post("/account/second-factor", form).status == 303)
            let key = try await shownKey()
            let used = try await code(key)
            let page = try await confirm(used)
            #expect(page.status == 200)
            let codes = page.body.matches(of: /<li>([a-z0-9-]{14})<\/li>/).map { String($0.1) }
            return (key, codes, used)
        }

        func shownKey() async throws -> [UInt8] {
            let page = try await browser.get("/account/second-factor")
            let groups = try #require(page.body.firstMatch(of: /class="key">([A-Z2-7 ]+)</)).1
            #expect(groups.split(separator: " ").allSatisfy { $0.count == 4 })
            return try #require(Self.base32(groups.filter { $0 != " " }))
        }

        func confirm(_ code: String) async throws -> PageAnswer {
            var form = try await browser.get("/account/second-factor")
                .form("/account/second-factor/confirm")
            form["code"] = code
            return try await browser.post("/account/second-factor/confirm", form)
        }

        /// The code of a step that lies so many steps from now.
        func code(_ key: [UInt8], ahead: Int64 = 0) async throws -> String {
            let now = try await world.test.superuser.read(["select clock_timestamp() as now"])
                .only()["now", Instant.self]
            return TimedCode.usual.code(key, step: TimedCode.step(at: now) + ahead)
        }

        /// A link's page, in a browser that is not signed in.
        func link() async throws -> (browser: Browser, page: PageAnswer) {
            let other = Browser(port: world.server.port)
            _ = try await MailLinkTests.ask(other, "nurse@clinic.example")
            let link = try #require(try await MailLinkTests.links(world).first)
            return (other, try await other.get(link))
        }

        func use(
            _ link: (browser: Browser, page: PageAnswer), _ code: String?
        ) async throws -> PageAnswer {
            var form = try link.page.form("/sign-in/link")
            form["code"] = code
            return try await link.browser.post("/sign-in/link", form)
        }

        private static func base32(_ text: String) -> [UInt8]? {
            var (buffer, bits) = (UInt32(0), 0)
            var bytes: [UInt8] = []
            for letter in text {
                guard let value = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567").firstIndex(of: letter)
                else { return nil }
                buffer = buffer << 5 | UInt32(value)
                bits += 5
                if bits >= 8 {
                    bits -= 8
                    bytes.append(UInt8(truncatingIfNeeded: buffer >> UInt32(bits)))
                    buffer &= (1 << UInt32(bits)) - 1
                }
            }
            return bytes
        }
    }

    @Test("turned on with a code, asked for with the link, and a code counts once")
    func allTheWay() async throws {
        try await PagesWorld.with { world in
            let account = try await Account(world)
            let (key, codes, used) = try await account.turnedOn()
            #expect(key.count == 20)
            #expect(Set(codes).count == 10)
            let shown = try await account.browser.get("/account").body
            #expect(shown.contains("Turned on") && shown.contains("Recovery codes left: 10."))

            let link = try await account.link()
            #expect(link.page.body.contains("name=\"code\""))
            // the code by which it was turned on is used up
            for wrong in [nil, "", "000000", used] {
                let page = try await account.use(link, wrong)
                #expect(page.status == 422, "\(wrong ?? "none")")
                #expect(page.body.contains("<a href=\"#code\">The code is not right"))
            }
            let next = try await account.code(key, ahead: 1)
            #expect(try await account.use(link, next).status == 303)
            #expect(try await link.browser.get("/").status == 200)
            let second = try await account.link()
            #expect(try await account.use(second, next).status == 422, "a replay")
        }
    }

    @Test("a recovery code counts once, however it is typed")
    func recovery() async throws {
        try await PagesWorld.with { world in
            let account = try await Account(world)
            let (_, codes, _) = try await account.turnedOn()
            let typed = codes[3].uppercased().replacing("-", with: " ")
            #expect(try await account.use(account.link(), typed).status == 303)
            let link = try await account.link()
            #expect(try await account.use(link, codes[3]).status == 422)
            #expect(try await account.use(link, codes[4]).status == 303)
            #expect(try await account.browser.get("/account").body.contains("left: 8."))
        }
    }

    @Test("after five wrong codes in a row nothing is taken for a while, right ones neither")
    func locked() async throws {
        try await PagesWorld.with { world in
            let account = try await Account(world)
            let (key, codes, _) = try await account.turnedOn()
            let link = try await account.link()
            for _ in 0..<5 { #expect(try await account.use(link, "123").status == 422) }
            let right = try await account.code(key, ahead: 1)
            for code in [right, codes[0]] {
                let page = try await account.use(link, code)
                #expect(page.status == 422)
                #expect(page.body.contains("Too many wrong codes"))
            }
            // nor on the page that turns it off
            var form = try await account.browser.get("/account")
                .form("/account/second-factor/remove")
            form["code"] = right
            let kept = try await account.browser.post("/account/second-factor/remove", form)
            #expect(kept.status == 422 && kept.body.contains("Too many wrong codes"))
            try await world.test.superuser.pool.transaction { transaction in
                _ = try await transaction.script(
                    "update second_factor set locked_until = clock_timestamp()")
            }
            #expect(try await account.use(link, codes[0]).status == 303)
        }
    }

    @Test("turned off only with a code; a new key is another")
    func turnedOff() async throws {
        try await PagesWorld.with { world in
            let account = try await Account(world)
            let (key, _, _) = try await account.turnedOn()
            func remove(_ code: String) async throws -> PageAnswer {
                var form = try await account.browser.get("/account")
                    .form("/account/second-factor/remove")
                form["code"] = code
                return try await account.browser.post("/account/second-factor/remove", form)
            }
            #expect(try await remove("000000").status == 422)
            let removed = try await remove(try await account.code(key, ahead: 1))
            #expect((removed.status, removed.location) == (303, "/account?done=removed"))
            #expect(try await !account.link().page.body.contains("name=\"code\""))
            let (other, _, _) = try await account.turnedOn()
            #expect(other != key)
            let facts = try await world.test.superuser.read([
                """
                select array_agg(facts->>'second_factor' order by id) as told from audit_fact
                where subject = \(account.caller.member) and facts ? 'second_factor'
                """
            ]).only()["told", [String].self]
            #expect(facts == ["true", "false", "true"])
        }
    }

    @Test("a key that was not confirmed asks nobody for a code")
    func unconfirmed() async throws {
        try await PagesWorld.with { world in
            let account = try await Account(world)
            let form = try await account.browser.get("/account").form("/account/second-factor")
            _ = try await account.browser.post("/account/second-factor", form)
            let key = try await account.shownKey()
            let wrong = try await account.confirm("000000")
            #expect(wrong.status == 422)
            #expect(try await account.shownKey() == key, "the key stays while a code is wrong")
            #expect(try await account.use(account.link(), nil).status == 303)
        }
    }

    @Test("where the organisation asks for it, nothing opens before it is turned on")
    func required() async throws {
        try await PagesWorld.with { world in
            let account = try await Account(world)
            let answer = try await world.server.client.put(
                "/v1/organisation/sign-in", ["domains": [], "requires_second_factor": true],
                as: world.buyer.admin, revision: 0)
            #expect(answer.status == 200, "\(answer.summary)")
            for path in ["/", "/bookings", "/account", "/settings/sign-in"] {
                let page = try await account.browser.get(path)
                #expect((page.status, page.location) == (303, "/account/second-factor"), "\(path)")
            }
            let page = try await account.browser.get("/account/second-factor")
            #expect(page.body.contains("Your organisation asks for a second factor"))
            let form = try page.form("/account/second-factor")
            _ = try await account.browser.post("/account/second-factor", form)
            let code = try await account.code(account.shownKey())
            #expect(try await account.confirm(code).status == 200)
            #expect(try await account.browser.get("/").status == 200)
        }
    }

    @Test("the keys and codes that the database holds are of no use by themselves")
    func sealed() async throws {
        try await PagesWorld.with { world in
            let account = try await Account(world)
            let (key, _, _) = try await account.turnedOn()
            let stored = try await world.test.superuser.read([
                "select sealed_key from second_factor"
            ]).only()["sealed_key", [UInt8].self]
            #expect(stored.count == 12 + 20 + 16)
            #expect(stored.firstRange(of: key) == nil)
        }
    }
}

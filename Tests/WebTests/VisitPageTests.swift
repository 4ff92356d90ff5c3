import MoneyAndTime
import Storage
import TestMarket
import Testing

@testable import Web

@Suite("The day, a visit's page, and its minutes")
struct VisitPageTests {
    /// A visit at 10 o'clock (UTC+2), which the contract accepts in advance.
    private static func agreed(_ world: PagesWorld) async throws -> String {
        let contract = try await world.test.signedContract(
            seller: world.seller, buyer: world.buyer)
        let life = LifeOfAVisit(under: contract, sharing: world.life)
        return try await life.booked("2027-03-03").description
    }

    private static func clock(_ world: PagesWorld, _ time: String) async throws {
        try await world.test.clock.set(to: Instant(rfc3339: "2027-03-03T\(time)Z"))
    }

    /// Sends the page's first form of this kind of report.
    private static func report(
        _ kind: String, _ visit: String, _ browser: Browser
    ) async throws -> PageAnswer {
        let page = try await browser.get("/visits/\(visit)")
        let form = page.sealed(key: "key \(UInt64.random(in: .min ... .max))")
        return try await browser.post(
            "/visits/\(visit)/attendance", form.merging(["kind": kind]) { $1 })
    }

    private static func says(
        _ fields: [String: String], _ visit: String, _ browser: Browser
    ) async throws -> PageAnswer {
        let page = try await browser.get("/visits/\(visit)")
        let form = page.sealed(key: "key \(UInt64.random(in: .min ... .max))")
        return try await browser.post(
            "/visits/\(visit)/minutes", form.merging(fields) { $1 })
    }

    @Test func fromTheDayToTheCharge() async throws {
        try await PagesWorld.with { world in
            let visit = try await Self.agreed(world)
            try await Self.clock(world, "07:00:00")
            // a login that lies unused for an hour is over
            var seller = try await world.browser(of: world.seller.specialist)
            let day = try await seller.get("/day")
            #expect(day.links.contains("/visits/\(visit)"))
            #expect(day.body.contains("Joining opens at 09:45"))
            #expect(!(try await seller.get("/visits/\(visit)")).body.contains("Join the visit"))
            let early = try await Self.report("join", visit, seller)
            #expect(early.status == 409, "too early")
            #expect(early.links.contains("/visits/\(visit)"), "the way back to the visit")
            try await Self.clock(world, "08:00:00")
            seller = try await world.browser(of: world.seller.specialist)
            let buyer = try await world.browser(of: world.buyer.specialist)
            #expect(try await seller.get("/visits/\(visit)").body.contains("Join the visit"))
            #expect(try await Self.report("heartbeat", visit, seller).status == 409, "not joined")
            for browser in [seller, buyer] {
                #expect(try await Self.report("join", visit, browser).status == 303)
            }
            for (time, kind) in [("08:01:00", "heartbeat"), ("08:02:00", "leave")] {
                try await Self.clock(world, time)
                let page = try await seller.get("/visits/\(visit)").body
                #expect(page.contains("Leave the visit") && page.contains("there now: 1"))
                for browser in [seller, buyer] {
                    #expect(try await Self.report(kind, visit, browser).status == 303)
                }
            }
            try await Self.clock(world, "08:03:00")
            #expect(try await seller.get("/day").body.contains("The minutes wait for your word"))
            // the clock goes on between two requests
            let over = try await seller.get("/visits/\(visit)")
            let figure = try #require(over.hidden("figure"))
            #expect((105...125).contains(try #require(Int64(figure))))
            let length = Language.english.length(seconds: try #require(Int64(figure)))
            #expect(over.body.contains("Attest the measured time: \(length)<"))
            #expect(try await Self.says(["figure": figure], visit, seller).status == 303)
            let waits = try await seller.get("/visits/\(visit)").body
            #expect(waits.contains("The other side attests next."))
            #expect(!waits.contains("name=\"figure\""))
            #expect(try await Self.says(["figure": figure], visit, buyer).status == 303)
            let charged = try await buyer.get("/visits/\(visit)").body
            #expect(charged.contains("the visit is charged"))
            #expect(!charged.contains("name=\"figure\"") && !charged.contains("name=\"reason\""))
        }
    }

    @Test func contesting() async throws {
        try await PagesWorld.with { world in
            let visit = try await Self.agreed(world)
            try await Self.clock(world, "08:05:00")
            var seller = try await world.browser(of: world.seller.specialist)
            let early = try await Self.says(["figure": "0"], visit, seller)
            #expect(early.status == 409 && early.body.contains("not over yet"))
            try await Self.clock(world, "11:30:00")
            seller = try await world.browser(of: world.seller.specialist)
            let buyer = try await world.browser(of: world.buyer.specialist)
            let wrong = try await Self.says(
                ["minutes": "ten", "seconds": "60"], visit, seller)
            #expect(wrong.status == 422)
            for field in ["minutes", "seconds", "reason"] {
                #expect(wrong.links.contains("#\(field)"))
            }
            #expect(wrong.body.contains("value=\"ten\"") && wrong.body.contains("value=\"60\""))
            let mine = ["minutes": "20", "seconds": "5", "reason": "By <telephone>"]
            #expect(try await Self.says(mine, visit, seller).status == 303)
            let seen = try await buyer.get("/visits/\(visit)").body
            #expect(seen.contains("By &lt;telephone&gt;") && !seen.contains("<telephone>"))
            #expect(seen.contains("Agree to the other side&#39;s figure: 20\u{a0}min 5\u{a0}s"))
            #expect(seen.contains("Nothing is billed until both sides say the same figure."))
            #expect(try await Self.says(["figure": "1205"], visit, buyer).status == 303)
            #expect(try await buyer.get("/visits/\(visit)").body.contains("is charged"))
        }
    }

    @Test("a way into a visit that another member of the browser left there lets nobody in")
    func anothersJoin() async throws {
        try await PagesWorld.with { world in
            let visit = try await Self.agreed(world)
            try await Self.clock(world, "08:00:00")
            let browser = try await world.browser(of: world.seller.specialist)
            #expect(try await Self.report("join", visit, browser).status == 303)
            _ = try await browser.signIn(as: world.buyer.specialist.member.description)
            #expect(try await Self.report("leave", visit, browser).status == 409)
            let page = try await browser.get("/visits/\(visit)").body
            #expect(page.contains("there now: 1") && page.contains("Join the visit"))
        }
    }
}

import API
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import TestServer
import Testing

@testable import Web

@Suite("The bell, the list of alerts, and how one is told")
struct AlertPageTests {
    private static func raised(_ world: PagesWorld) async throws {
        try await world.test.horizonToPass()
        while try await world.test.market.raiseAlerts(most: 100) > 0 {}
    }

    private static func bell(_ page: PageAnswer) throws -> String {
        String(try #require(page.body.firstMatch(of: /<p id="bell"[^>]*>(.*)<\/p>/)).1)
    }

    @Test("counts what is not read on every page, and leads to it; reading works without script")
    func counted() async throws {
        try await PagesWorld.with { world in
            try await Self.raised(world)
            let browser = try await world.browser(of: world.seller.scheduler)
            let before = try Self.bell(try await browser.get("/contracts"))
            #expect(!before.contains("count"))
            let booking = try await world.life.booked("2027-03-02")
            _ = try await world.life.booked("2027-03-03")
            try await Self.raised(world)
            for page in ["/contracts", "/", "/alerts", "/alerts/bell"] {
                let bell = try Self.bell(try await browser.get(page))
                #expect(bell.contains(">2</span>"), "\(page): \(bell)")
            }
            let list = try await browser.get("/alerts")
            #expect(list.links.contains("/bookings/\(booking)"))
            #expect(list.body.contains("Example Health Centre has booked a visit: Tue"))
            #expect(!list.body.contains("PT-1") && !list.body.contains("€"))
            let one = try list.form("/alerts/read")
            #expect(one["all"] == "yes")
            let id = try #require(list.body.firstMatch(of: /value="(alert_[0-9a-z]+)"/)).1
            let marked = try await browser.post(
                "/alerts/read",
                ["seal": one["seal"] ?? "", "key": "one", "alert": String(id)])
            #expect((marked.status, marked.location) == (303, "/alerts?done=read"))
            #expect(try Self.bell(try await browser.get("/")).contains(">1</span>"))
            // a colleague's bell is the colleague's own
            let other = try await world.browser(of: world.seller.specialist)
            #expect(try Self.bell(try await other.get("/")).contains(">2</span>"))
            let all = try await browser.get("/alerts").form("/alerts/read")
            #expect(try await browser.post("/alerts/read", all).status == 303)
            #expect(try await !Self.bell(browser.get("/")).contains("count"))
            // they are still there, read
            #expect(try await browser.get("/alerts").links.contains("/bookings/\(booking)"))
            // nobody who is not signed in has a bell
            let nobody = Browser(port: world.server.port)
            #expect(try await !nobody.get("/sign-in").body.contains("id=\"bell\""))
        }
    }

    @Test("an open page hears of an alert when it is made")
    func live() async throws {
        try await PagesWorld.with { world in
            _ = try await world.life.booked("2027-03-02")
            try await world.test.horizonToPass()
            let browser = try await world.browser(of: world.seller.scheduler)
            let page = try await browser.get("/contracts")
            let from = try #require(page.body.firstMatch(of: /data-after="([^"]*)"/)).1
            // the event is known to the page, the alert is not made yet
            #expect(!(try Self.bell(page)).contains("count"))
            let stream = try await browser.follow("/live?after=\(from)")
            try await Self.raised(world)
            let told = try await stream.text { $0.contains("data:") }
            #expect(told.contains("data:") && !told.contains("alert_"))
            #expect(try Self.bell(try await browser.get("/alerts/bell")).contains(">1</span>"))
        }
    }

    @Test("settings are of one's own roles, saved whole, and not over another's saving")
    func settings() async throws {
        try await PagesWorld.with { world in
            let browser = try await world.browser(of: world.seller.scheduler)
            let page = try await browser.get("/alerts/settings")
            #expect(page.body.contains("No e-mail goes out yet"))
            #expect(page.body.contains("Visit moved") && !page.body.contains("Invoice issued"))
            #expect(page.body.contains("1 hour before"))
            let form = try page.form("/alerts/settings")
            let saved = try await browser.post(
                "/alerts/settings", form.merging(["digest": "60", "language": "sv"]) { $1 },
                also: [
                    "shown=visit_moved", "shown=visit_booked", "bell=visit_moved",
                    "mail=visit_booked", "reminders=60",
                ])
            #expect((saved.status, saved.location) == (303, "/alerts/settings?done=saved"))
            let stored = try await world.test.market.alertSettings(
                world.seller.scheduler.request("getAlertSettings")
            ).body
            #expect(stored["digest_minutes"] == 60 && stored["language"] == "sv")
            #expect(stored["reminders"] == [60])
            let ways = stored["kinds"]?.elements ?? []
            func way(_ kind: String) -> JSON? { ways.first { $0["kind"] == JSON(kind) } }
            #expect(way("visit_moved")?["mail"] == false && way("visit_moved")?["bell"] == true)
            #expect(way("visit_booked")?["mail"] == true && way("visit_booked")?["bell"] == false)
            let stale = form.merging(["key": "again", "digest": "60", "language": "sv"]) { $1 }
            let refused = try await browser.post("/alerts/settings", stale)
            #expect(refused.status == 409)
            let finance = try await world.browser(of: world.seller.finance)
            let others = try await finance.get("/alerts/settings")
            #expect(others.body.contains("Invoice issued") && !others.body.contains("Visit moved"))
            #expect(!others.body.contains("1 hour before"))
        }
    }

    @Test("a link by mail proves the address, and then mail goes out in the chosen language")
    func mail() async throws {
        try await PagesWorld.with { world in
            let caller = try await world.test.caller(
                [.scheduler], email: "desk@hospital.example", world.seller.admin)
            let browser = Browser(port: world.server.port)
            _ = try await MailLinkTests.ask(browser, "desk@hospital.example")
            let link = try #require(try await MailLinkTests.links(world).first)
            let entry = try await browser.get(link).form("/sign-in/link")
            #expect(try await browser.post("/sign-in/link", entry).status == 303)
            #expect(try await browser.get("/alerts/settings").body.contains("E-mail goes to desk@"))
            try await Self.raised(world)
            let booking = try await world.life.booked("2027-03-02")
            let market = Market(
                database: world.test.app, keys: world.test.market.keys,
                logger: world.server.log.logger, surroundings: Surroundings(mail: .page))
            _ = try await market.updateAlertSettings(
                caller.request("updateAlertSettings"), revision: 0,
                AlertChoices(
                    ways: [.visitBooked: .init(bell: true, mail: true)], reminders: [],
                    digestMinutes: 15, language: "sv"))
            try await Self.raised(world)
            let words = try AlertWords()
            #expect(
                try await market.mailNextAlerts { words.mail($0, at: "https://aikatori.example") })
            let shown = try await Browser(port: world.server.port).get("/mail").body
            #expect(shown.contains("Aikatori: Besök bokat"))
            #expect(shown.contains("Example Health Centre har bokat ett besök: tis 2.3.2027"))
            #expect(shown.contains("https://aikatori.example/bookings/\(booking)"))
            #expect(!shown.contains("PT-1"))
        }
    }

    @Test("every kind has its words in every language, and each place that it fills")
    func words() throws {
        let texts = try Texts()
        for language in Language.allCases {
            for kind in AlertKind.allCases {
                for key in ["alert_\(kind.rawValue)", "alert_name_\(kind.rawValue)"] {
                    #expect(texts[language][key] != nil, "\(language) \(key)")
                }
            }
        }
        for kind in AlertKind.allCases {
            let places = Language.allCases.map { language in
                let text = texts[language]["alert_\(kind.rawValue)"] ?? ""
                return ["{0}", "{1}"].filter { text.contains($0) }
            }
            #expect(Set(places).count == 1, "\(kind): \(places)")
        }
    }

    @Test("a proposal is accepted from the list, with one click, and the next is there")
    func oneClick() async throws {
        try await PagesWorld.with { world in
            let buyers = try await world.browser(of: world.buyer.scheduler)
            let sellers = try await world.browser(of: world.seller.specialist)
            let booking = try await world.life.booked("2027-03-02")
            let address = "/bookings/\(booking)/handshake"
            let offer = try await buyers.get("/bookings/\(booking)").form(address)
                .merging([
                    "date": "2027-03-02", "time": "10:00", "answer_date": "2027-02-26",
                    "answer_time": "15:00",
                ]) { $1 }
            #expect(try await buyers.post(address, offer).status == 303)
            let own = try await buyers.get("/proposals").body
            #expect(!own.contains(address), "one's own proposal is not for oneself to accept")
            let form = try await sellers.get("/proposals").form(address)
            #expect(form["kind"] == "accept")
            let sent = try await sellers.post(address, form)
            #expect((sent.status, sent.location) == (303, "/proposals?done=accepted"))
            let done = try await sellers.get("/proposals?done=accepted").body
            #expect(done.contains("Both sides have agreed") && !done.contains(address))
            // pressed twice, or from a page that is old: nothing more is said
            #expect(try await sellers.post(address, form).status == 303)
            #expect(
                try await sellers.post(address, form.merging(["key": "late"]) { $1 }).status == 303)
            let said = try await world.test.market.handshake(
                world.buyer.scheduler.request("getHandshake"), booking)
            #expect(said.body["messages"]?.elements?.count == 2)
        }
    }
}

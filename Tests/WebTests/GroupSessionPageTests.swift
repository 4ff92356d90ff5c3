import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import Testing

@testable import Web

extension PagesWorld {
    /// A second contract, whose service is sold as places in sessions of at most eight.
    func groupContract() async throws -> TestContract {
        let bytes = try ContractFiles.read("v1/examples/valid/psychiatrist-remote-visit.json")
        let example = try JSON.parse(bytes)
        var service = example["services"]?[0]?.members ?? [:]
        var worked = example["worked_examples"]?[0]?.members ?? [:]
        worked["service"] = "coping-group"
        service["code"] = "coping-group"
        service["name"] = [
            "fi": "Selviytymisryhmä", "sv": "Bemästringsgrupp", "en": "Coping group",
        ]
        service["kind"] = "group_session"
        service["capacity"] = 8
        return try await test.signedContract(
            seller: seller, buyer: buyer,
            changed: ["services": [.object(service)], "worked_examples": [.object(worked)]])
    }

    func session(on day: String = "2027-04-08") async throws -> String {
        let contract = try await groupContract()
        let starts = try contract.clock.instant(CalendarDate(iso: day), TimeOfDay("10:00"))
        let made = try await test.market.openGroupSession(
            seller.scheduler.request("openGroupSession"),
            .init(
                specialist: life.specialist, service: "coping-group", starts: starts,
                minutes: 45, places: 3, contracts: nil,
                bookUntil: starts.adding(seconds: -86_400)))
        return made.body["id"]?.text ?? ""
    }
}

@Suite("Group sessions on pages: opened by the seller, and booked place by place")
struct GroupSessionPageTests {
    @Test("the seller opens a session, and hears why it cannot be")
    func opening() async throws {
        try await PagesWorld.with { world in
            _ = try await world.groupContract()
            let browser = try await world.browser(of: world.seller.scheduler)
            let page = try await browser.get("/sessions/new")
            #expect(page.body.contains("Coping group"))
            let wanted = [
                "specialist": world.life.specialist.description, "service": "coping-group",
                "contract": "all", "date": "2027-04-08", "time": "10:00", "minutes": "45",
                "places": "8", "hours": "24",
            ]
            let form = try page.form("/sessions").merging(wanted) { $1 }
            for (field, value) in [
                ("minutes", "x"), ("places", "0"), ("hours", "-1"), ("date", "x"), ("time", "x"),
                ("contract", "x"),
            ] {
                let wrong = try await browser.post(
                    "/sessions", form.merging([field: value, "key": field]) { $1 })
                #expect(wrong.status == 422 && wrong.links.contains("#\(field)"), "\(field)")
            }
            let crowded = try await browser.post(
                "/sessions", form.merging(["places": "9", "key": "nine"]) { $1 })
            #expect(crowded.status == 409 && crowded.body.contains("None of these contracts"))
            let made = try await browser.post("/sessions", form)
            #expect(made.status == 303)
            let session = try await browser.get(made.location ?? "")
            #expect(session.body.contains("0 of 8 taken"))
            #expect(session.body.contains("Nobody has a place yet."))
            let list = try await browser.get("/sessions")
            #expect(list.links.count { $0.hasPrefix("/sessions/session_") } == 1)
            let again = try await browser.post("/sessions", form.merging(["key": "again"]) { $1 })
            #expect(again.status == 409)
        }
    }

    @Test("the buyer books places, and sees how many are left and what one costs")
    func booking() async throws {
        try await PagesWorld.with { world in
            let session = try await world.session()
            let browser = try await world.browser(of: world.buyer.scheduler)
            let list = try await browser.get("/sessions")
            #expect(list.links.contains("/sessions/\(session)"))
            let search = try await browser.get("/find")
            #expect(search.links.contains("/sessions"))
            #expect(search.body.contains("coping-group"))
            let found = try await browser.get("/find?service=coping-group&from=2027-04-01")
            #expect(found.links.contains("/sessions/\(session)"))
            #expect(found.body.contains("0 of 3 taken") && !found.body.contains("Free times"))
            let none = try await browser.get("/find?service=coping-group&from=2027-05-01")
            #expect(none.body.contains("There is no such group session"))
            let both = try await browser.get("/find?specialty=70&from=2027-04-01&minutes=45")
            #expect(both.links.contains("/sessions/\(session)"))
            #expect(both.links.contains { $0.hasPrefix("/time?") })
            let page = try await browser.get("/sessions/\(session)")
            #expect(page.body.contains("0 of 3 taken"))
            let form = try page.form("/sessions/\(session)/places")
            #expect(page.body.contains("name=\"patient_reference_2\""))
            #expect(!page.body.contains("name=\"patient_reference_3\""))
            let empty = try await browser.post("/sessions/\(session)/places", form)
            #expect(empty.status == 422 && empty.links.contains("#patient_reference_0"))
            let code = try await browser.post(
                "/sessions/\(session)/places",
                form.merging(["patient_reference_1": "131052-308T", "key": "code"]) { $1 })
            #expect(code.status == 422 && code.links.contains("#patient_reference_1"))
            let booked = try await browser.post(
                "/sessions/\(session)/places",
                form.merging([
                    "patient_reference_0": "PT-1", "patient_reference_2": "PT-2", "key": "two",
                ]) { $1 })
            #expect(booked.location == "/sessions/\(session)?done=booked")
            let after = try await browser.get(booked.location ?? "")
            #expect(after.body.contains("2 of 3 taken") && after.body.contains("PT-2"))
            #expect(after.links.count { $0.hasPrefix("/bookings/booking_") } == 2)
            let full = try await browser.post(
                "/sessions/\(session)/places",
                form.merging([
                    "patient_reference_0": "PT-3", "patient_reference_1": "PT-4", "key": "more",
                ]) { $1 })
            #expect(full.status == 409)
            #expect(full.body.contains("does not have so many places left"))
            #expect(!full.body.contains("/wait\""), "nobody waits for a place that is left")
            try await waits(browser, for: session, in: world)
            let seller = try await world.browser(of: world.seller.scheduler)
            let seen = try await seller.get("/sessions/\(session)")
            #expect(seen.body.contains("2 of 3 taken") && !seen.body.contains("PT-2"))
            let withdrawing = try seen.form("/sessions/\(session)/withdraw")
            let withdrawn = try await seller.post("/sessions/\(session)/withdraw", withdrawing)
            #expect(withdrawn.location == "/sessions/\(session)?done=withdrawn")
            #expect(try await browser.get("/sessions/\(session)").body.contains("Withdrawn"))
        }
    }

    /// The last place is taken, one waits, and gets a place that comes free.
    private func waits(
        _ browser: Browser, for session: String, in world: PagesWorld
    ) async throws {
        let form = try await browser.get("/sessions/\(session)").form(
            "/sessions/\(session)/places")
        _ = try await browser.post(
            "/sessions/\(session)/places",
            form.merging(["patient_reference_0": "PT-3", "key": "last"]) { $1 })
        let page = try await browser.get("/sessions/\(session)")
        #expect(page.body.contains("3 of 3 taken") && page.body.contains("Full"))
        let waiting = try page.form("/sessions/\(session)/wait")
        let code = try await browser.post(
            "/sessions/\(session)/wait",
            waiting.merging(["patient_reference": "131052-308T", "key": "code"]) { $1 })
        #expect(code.status == 422 && code.links.contains("#patient_reference"))
        let joined = try await browser.post(
            "/sessions/\(session)/wait",
            waiting.merging(["patient_reference": "PT-9", "key": "waits"]) { $1 })
        #expect(joined.location == "/sessions/\(session)?done=waiting")
        let list = try await browser.get("/waiting")
        #expect(list.body.contains("PT-9") && list.links.contains("/sessions/\(session)"))
        let again = try await browser.post(
            "/sessions/\(session)/wait",
            waiting.merging(["patient_reference": "PT-9", "key": "again"]) { $1 })
        #expect(again.status == 409)
        let booking = try #require(page.links.first { $0.hasPrefix("/bookings/booking_") })
        let cancelling = try await browser.get("\(booking)/cancel").form("\(booking)/cancel")
        #expect(try await browser.post("\(booking)/cancel", cancelling).status == 303)
        while try await world.test.market.actOnWhatIsDue(most: 20) == 20 {}
        let offered = try await browser.get("/waiting")
        #expect(offered.body.contains("Time is held for you"))
        let held = try #require(offered.links.first { $0.hasPrefix("/bookings/") })
        let confirm = try await browser.get(held).form("\(held)/confirm")
        #expect(try await browser.post("\(held)/confirm", confirm).status == 303)
        let after = try await browser.get("/sessions/\(session)")
        #expect(after.body.contains("3 of 3 taken") && after.body.contains("PT-9"))
        let back = try await browser.get("\(held)/cancel").form("\(held)/cancel")
        #expect(try await browser.post("\(held)/cancel", back).status == 303)
    }
}

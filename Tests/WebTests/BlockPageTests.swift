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
    /// A second contract, which sells Wednesdays from ten to twelve as blocks, and asks for the
    /// patient's key and a diary number.
    func blockContract() async throws -> TestContract {
        try await test.signedContract(
            seller: seller, buyer: buyer,
            changed: [
                "blocks": [
                    [
                        "service": "psychiatrist-visit", "weekday": "wednesday", "from": "10:00",
                        "until": "12:00", "room": "Room 2", "nurse": true,
                        "place_until_hours": 24, "unused_fee_percent": "50", "reoffer": true,
                    ]
                ],
                "records": [
                    "register": "buyer", "documented_in": "Records", "legal_basis": "An act",
                    "required_at_booking": ["patient_reference", "diary_reference"],
                    "ready_includes": ["line"],
                ],
            ])
    }

    /// A block on a Wednesday.
    func block(on day: String = "2027-04-07") async throws -> String {
        let contract = try await blockContract()
        let made = try await test.market.makeBlocks(
            seller.scheduler.request("makeBlocks"),
            .init(
                contract: contract.id, term: 0, specialist: life.specialist,
                from: CalendarDate(iso: day), through: CalendarDate(iso: day)))
        return made.body["blocks"]?[0]?["id"]?.text ?? ""
    }
}

@Suite("Blocks on pages: made by the seller, and filled by the buyer as fast as typing")
struct BlockPageTests {
    @Test("the seller makes blocks, and hears why some cannot be")
    func making() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.blockContract()
            let browser = try await world.browser(of: world.seller.scheduler)
            let page = try await browser.get("/blocks/new")
            #expect(page.body.contains("Wednesday 10:00–12:00"))
            let wanted = [
                "block": "\(contract.id) 0", "specialist": world.life.specialist.description,
                "from": "2027-03-01", "through": "2027-03-20",
            ]
            let form = try page.form("/blocks").merging(wanted) { $1 }
            for (through, status) in [("x", 422), ("2029-01-01", 422), ("2027-03-02", 422)] {
                let wrong = try await browser.post(
                    "/blocks", form.merging(["through": through, "key": through]) { $1 })
                #expect(wrong.status == status && wrong.links.contains("#through"), "\(through)")
            }
            let made = try await browser.post("/blocks", form)
            #expect((made.status, made.location) == (303, "/blocks?done=made"))
            let list = try await browser.get("/blocks")
            #expect(list.links.count { $0.hasPrefix("/blocks/block_") } == 3)
            let again = try await browser.post("/blocks", form.merging(["key": "again"]) { $1 })
            #expect(again.status == 409 && again.body.contains("This block is made already."))
        }
    }

    @Test("the buyer fills in rows, and pastes lines into the next free places")
    func placing() async throws {
        try await PagesWorld.with { world in
            let block = try await world.block(on: "2027-03-10")
            let browser = try await world.browser(of: world.buyer.scheduler)
            let page = try await browser.get("/blocks/\(block)?minutes=30")
            #expect(
                page.body.contains("Room 2") && page.body.contains("name=\"patient_reference_90\""))
            #expect(!page.body.contains("name=\"patient_reference_120\""))
            let form = try page.form("/blocks/\(block)/visits")
            let typed = [
                "patient_reference_30": "PT-1", "diary_reference_30": "D 1/2027",
                "patient_reference_90": "PT-3", "diary_reference_90": "D 3/2027",
            ]
            for (name, value, field) in [
                ("diary_reference_30", "", "diary_reference_30"),
                ("patient_reference_90", "131052-308T", "patient_reference_90"),
                ("patient_reference_90", "two words", "patient_reference_90"),
            ] {
                let wrong = try await browser.post(
                    "/blocks/\(block)/visits",
                    form.merging(typed) { $1 }
                        .merging([name: value, "key": "wrong \(name) \(value)"]) { $1 })
                #expect(wrong.status == 422 && wrong.links.contains("#\(field)"), "\(value)")
                #expect(wrong.body.contains("value=\"PT-1\""), "nothing typed is lost")
            }
            let placed = try await browser.post(
                "/blocks/\(block)/visits", form.merging(typed) { $1 })
            #expect(placed.location == "/blocks/\(block)?minutes=30&done=placed")
            // what is taken by now is said where it was typed
            let late = try await browser.post(
                "/blocks/\(block)/visits",
                form.merging(["key": "late", "patient_reference_30": "PT-9"]) { $1 }
                    .merging(["diary_reference_30": "D 9/2027"]) { $1 })
            #expect(late.status == 409 && late.links.contains("#patient_reference_30"))
            #expect(late.body.contains("id=\"patient_reference_30\"") && late.body.contains("PT-9"))
            let many = try await browser.post(
                "/blocks/\(block)/visits",
                form.merging(["key": "many", "references": "A; D 1\nB\tD 2\nC, D 3"]) { $1 })
            #expect(many.status == 422 && many.links.contains("#references"))
            let pasted = try await browser.post(
                "/blocks/\(block)/visits",
                form.merging(["key": "pasted", "references": "A; D 1\n\nB\tD 2\n"]) { $1 })
            #expect(pasted.status == 303)
            let full = try await browser.get("/blocks/\(block)?minutes=30")
            #expect(full.body.contains("No place of this length is free."))
            #expect(full.links.count { $0.hasPrefix("/bookings/booking_") } == 4)
            let booking = try #require(full.links.first { $0.hasPrefix("/bookings/booking_") })
            let shown = try await browser.get(booking)
            #expect(shown.body.contains("Room 2") && shown.links.contains("/blocks/\(block)"))
        }
    }

    @Test("what is given back costs what was shown, and the seller withdraws an empty block")
    func giving() async throws {
        try await PagesWorld.with { world in
            let block = try await world.block(on: "2027-03-10")
            let buyers = try await world.browser(of: world.buyer.scheduler)
            let sellers = try await world.browser(of: world.seller.scheduler)
            #expect(try await sellers.get("/blocks/\(block)").body.contains("/withdraw\""))
            let page = try await buyers.get("/blocks/\(block)")
            #expect(page.body.contains("216.00"))
            let form = try page.form("/blocks/\(block)/give-back")
            #expect(form["expected_cost"] == "216.00")
            let stale = try await buyers.post(
                "/blocks/\(block)/give-back",
                form.merging(["expected_cost": "1.00", "key": "stale"]) { $1 })
            #expect(stale.status == 409 && stale.links.contains("/blocks/\(block)"))
            let given = try await buyers.post("/blocks/\(block)/give-back", form)
            #expect(given.location == "/blocks/\(block)?done=given_back")
            #expect(try await buyers.get("/blocks/\(block)").body.contains("Given back"))
            let withdraw = try await sellers.get("/blocks/\(block)")
                .form("/blocks/\(block)/withdraw")
            #expect(try await sellers.post("/blocks/\(block)/withdraw", withdraw).status == 303)
            #expect(try await buyers.get("/blocks/\(block)").body.contains("Withdrawn"))
        }
    }
}

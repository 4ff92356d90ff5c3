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
import Visits

@testable import Web

@Suite("Texts to patients, through a gateway that listens")
struct PatientTextTests {
    /// A visit at ten in Helsinki on the 8th of March under a contract that accepts it in advance.
    private struct Scene {
        let world: PagesWorld
        let booking: BookingID
        let listener: TextGatewayListener
        /// As it serves the pages, and writes into their log.
        let market: Market

        static func with(_ body: @Sendable (Scene) async throws -> Void) async throws {
            try await PagesWorld.with { world in
                try await TextGatewayListener.with { listener in
                    let contract = try await world.test.signedContract(
                        seller: world.seller, buyer: world.buyer)
                    let life = LifeOfAVisit(under: contract, sharing: world.life)
                    let loopback = try #require(AddressRange("127.0.0.0/8"))
                    try await body(
                        Scene(
                            world: world, booking: try await life.booked("2027-03-08"),
                            listener: listener,
                            market: Market(
                                database: world.test.app, keys: world.test.market.keys,
                                logger: world.server.log.logger,
                                surroundings: Surroundings(internalAddresses: [loopback]))))
                }
            }
        }

        func sets(
            _ contentType: StoredTextGateway.ContentType = .json,
            body: String = "{\"to\":\"{to}\",\"text\":\"{text}\"}", texts: [String: String] = [:]
        ) async throws {
            _ = try await market.updateTextGateway(
                world.buyer.admin.request("updateTextGateway"), revision: 0,
                NewTextSettings(
                    gateway: .init(
                        address: await listener.address, method: .post, contentType: contentType,
                        body: body, header: "Authorization", secret: "Bearer a-secret"),
                    reminders: [60, 1_440], texts: texts))
        }

        func gives(_ number: String, _ language: String = "fi") async throws {
            _ = try await market.setPatientContact(
                world.buyer.scheduler.request("setPatientContact", key: "given"),
                booking,
                PatientContact(number: TextNumber(number), language: language))
        }

        /// The seller offers another time, and the buyer takes it.
        func movesByAgreement(to starts: Instant) async throws {
            let meeting = Market.OfferedMeeting(
                starts: starts, room: .builtIn, needs: [],
                deadline: try starts.adding(seconds: -4 * 3_600))
            let (seller, buyer) = (world.seller.scheduler, world.buyer.scheduler)
            for (caller, kind, sequence) in [
                (seller, HandshakeMessage.Kind.counter, Int64(1)), (buyer, .accept, 2),
            ] {
                _ = try await market.sendHandshakeMessage(
                    caller.request("sendHandshakeMessage", key: "\(sequence)"), booking,
                    .init(
                        kind: kind, sequence: sequence, cause: nil,
                        offer: kind == .counter ? meeting : nil, checks: nil))
            }
        }

        func works(at instant: String) async throws {
            try await world.test.clock.set(to: Instant(rfc3339: instant))
            try await world.test.horizonToPass()
            while try await market.raiseAlerts(most: 100) > 0 {}
            while try await market.actOnWhatIsDue(most: 20) == 20 {}
        }

        func sends() async throws { while try await market.sendNextText() {} }

        func count(_ table: String) async throws -> Int64 {
            try await world.test.superuser.read([
                Query(stringLiteral: "select count(*) as n from \(table)")
            ])
            .only()["n", Int64.self]
        }
    }

    @Test("a day and an hour before, in the patient's language, and the number is then forgotten")
    func reminders() async throws {
        try await Scene.with { scene in
            try await scene.sets(texts: ["sv": "Välkommen {when}! \"{organisation}\""])
            try await scene.gives("+358 40 000-0001", "sv")
            try await scene.works(at: "2027-02-27T08:00:00Z")
            try await scene.world.test.isNoDemo()
            try await scene.works(at: "2027-03-07T08:00:01Z")
            try await scene.sends()
            try await scene.works(at: "2027-03-08T07:00:01Z")
            try await scene.sends()
            let asked = await scene.listener.asked
            #expect(asked.count == 2)
            let first = try #require(asked.first)
            #expect((first.method, first.path) == ("POST", "/send"))
            #expect(first.contentType == "application/json")
            #expect(first.authorization == "Bearer a-secret")
            let json = try JSON.parse(first.body)
            #expect(json["to"] == "+358400000001")
            #expect(json["text"] == "Välkommen 8.3.2027 kl. 10.00! \"Example Health Centre\"")
            for word in ["Specialist", "psychiatr", "PT-1"] { #expect(!first.body.contains(word)) }
            // nothing of the number stays where it was sent from
            let kept = try await scene.world.test.superuser.read([
                "select recipient || body as kept from outgoing_message where state = 'sent'"
            ])
            #expect(try kept.map { try $0["kept", String.self] } == ["", ""])
            #expect(try await scene.count("patient_contact") == 1)
            try await scene.works(at: "2027-03-08T09:30:00Z")
            #expect(try await scene.count("patient_contact") == 0)
        }
    }

    @Test("a gateway that fails is asked again, and its answer says nothing of the secret")
    func failing() async throws {
        try await Scene.with { scene in
            try await scene.sets()
            try await scene.gives("+358400000002")
            await scene.listener.answers(500)
            try await scene.works(at: "2027-02-27T08:00:00Z")
            try await scene.world.test.isNoDemo()
            try await scene.works(at: "2027-03-07T08:00:01Z")
            try await scene.sends()
            let row = try await scene.world.test.superuser.read([
                "select last_error, state from outgoing_message"
            ]).only()
            #expect(try row["last_error", String.self] == "the gateway answers 500")
            #expect(try row["state", String.self] == "waiting")
            let log = scene.world.server.log.lines.map { "\($0.message) \($0.metadata)" }
                .joined()
            #expect(log.contains("the gateway answers 500"))
            #expect(!log.contains("a-secret") && !log.contains("358400000002"))
            await scene.listener.answers(200)
            _ = try await scene.world.test.superuser.pool.transaction { transaction in
                try await transaction.script(
                    "update outgoing_message set next_try = clock_timestamp()")
            }
            try await scene.sends()
            #expect(await scene.listener.asked.count == 2)
        }
    }

    @Test("a visit that is cancelled or moved sends nothing of its old time")
    func cancelledAndMoved() async throws {
        try await Scene.with { scene in
            try await scene.sets()
            try await scene.gives("+358400000003")
            try await scene.works(at: "2027-02-27T08:00:00Z")
            let scheduler = scene.world.buyer.scheduler
            _ = try await scene.market.moveBooking(
                scheduler.request("moveBooking"), scene.booking, revision: 1,
                to: .init(starts: Instant(rfc3339: "2027-03-09T09:00:00Z"), specialist: nil))
            try await scene.works(at: "2027-03-07T08:00:01Z")
            #expect(try await scene.count("outgoing_message") == 0)
            try await scene.works(at: "2027-03-08T09:00:01Z")
            #expect(try await scene.count("outgoing_message") == 1)
            let cost = try await scene.market.cancellationCost(
                scheduler.request("getCancellationCost"), scene.booking)
            _ = try await scene.market.cancelBooking(
                scheduler.request("cancelBooking"), scene.booking,
                expectedFee: Money(decimal: cost.body["fee"]?.text ?? ""), reason: nil)
            try await scene.works(at: "2027-03-09T08:00:01Z")
            #expect(try await scene.count("outgoing_message") == 0)
            #expect(try await scene.count("patient_contact") == 0)
        }
    }

    @Test("a text that waits follows the number and the visit")
    func waitingText() async throws {
        try await Scene.with { scene in
            try await scene.sets()
            try await scene.gives("+358400000006")
            try await scene.works(at: "2027-02-27T08:00:00Z")
            try await scene.works(at: "2027-03-07T08:00:01Z")
            func waiting() async throws -> [String] {
                try await scene.world.test.superuser.read([
                    "select recipient from outgoing_message where state = 'waiting'"
                ]).map { try $0.decode("recipient") }
            }
            #expect(try await waiting() == ["+358400000006"])
            let scheduler = scene.world.buyer.scheduler
            _ = try await scene.market.setPatientContact(
                scheduler.request("setPatientContact", key: "corrected"), scene.booking,
                PatientContact(number: TextNumber("+358400000007"), language: "fi"))
            #expect(try await waiting() == ["+358400000007"])
            try await scene.movesByAgreement(to: Instant(rfc3339: "2027-03-08T11:00:00Z"))
            try await scene.works(at: "2027-03-07T08:00:02Z")
            #expect(try await waiting().isEmpty)
            try await scene.works(at: "2027-03-07T11:00:01Z")
            #expect(try await waiting() == ["+358400000007"], "of the new time")
            _ = try await scene.market.removePatientContact(
                scheduler.request("removePatientContact", key: "removed"), scene.booking)
            #expect(try await waiting().isEmpty)
        }
    }

    @Test("the number is the buyer's alone, in the database, over the market and on the page")
    func isTheBuyersAlone() async throws {
        try await Scene.with { scene in
            try await scene.sets()
            try await scene.gives("+358400000004")
            let market = scene.market
            let seller = await refusal {
                _ = try await market.patientContact(
                    scene.world.seller.scheduler.request("getPatientContact"), scene.booking)
            }
            #expect(seller == .notYourSide)
            let outsider = await refusal {
                _ = try await market.patientContact(
                    scene.world.outsider.scheduler.request("getPatientContact"), scene.booking)
            }
            #expect(outsider == .notFound)
            for (organisation, rows) in [(scene.world.buyer, 1), (scene.world.seller, 0)] {
                let seen = try await scene.world.test.app.pool.transaction { transaction in
                    try await transaction.query(
                        """
                        select set_config('app.organisation', \(organisation.id.uuidString), true)
                        """)
                    return try await transaction.query("select number from patient_contact").count
                }
                #expect(seen == rows)
            }
            let sellers = try await scene.world.browser(of: scene.world.seller.scheduler)
            let buyers = try await scene.world.browser(of: scene.world.buyer.scheduler)
            let page = "/bookings/\(scene.booking)"
            #expect(try await buyers.get(page).body.contains("+358400000004"))
            #expect(try await !sellers.get(page).body.contains("358400000004"))
            // neither facts, events nor stored answers have it
            for table in ["audit_fact", "event", "idempotency", "alert"] {
                let found = try await scene.world.test.superuser.read([
                    Query(
                        stringLiteral:
                            "select from \(table) t where t::text like '%358400000004%'")
                ])
                #expect(found.isEmpty, "\(table)")
            }
        }
    }

    @Test("the form gives a number, says what is wrong with another, and takes it back")
    func page() async throws {
        try await Scene.with { scene in
            let browser = try await scene.world.browser(of: scene.world.buyer.scheduler)
            let page = "/bookings/\(scene.booking)"
            #expect(try await !browser.get(page).body.contains("Reminder to the patient"))
            try await scene.sets()
            var form = try await browser.get(page).form("\(page)/patient-contact")
            form["number"] = "040 000 0005"
            form["language"] = "fi"
            let wrong = try await browser.post("\(page)/patient-contact", form)
            #expect(wrong.status == 422 && wrong.links.contains("#number"))
            form["number"] = "+358 40 000 0005"
            form["key"] = "two"
            #expect(try await browser.post("\(page)/patient-contact", form).status == 303)
            #expect(try await browser.get(page).body.contains("value=\"+358400000005\""))
            form["number"] = ""
            form["key"] = "three"
            #expect(try await browser.post("\(page)/patient-contact", form).status == 303)
            #expect(try await scene.count("patient_contact") == 0)
        }
    }

    @Test("the secret is written and never read; another address does not get it")
    func secret() async throws {
        try await Scene.with { scene in
            try await scene.sets()
            let admin = scene.world.buyer.admin
            let stored = try await scene.market.textGateway(admin.request("getTextGateway")).body
            #expect(stored["gateway"]?["has_secret"] == true)
            #expect(!stored.compactText.contains("a-secret"))
            let row = try await scene.world.test.superuser.read([
                "select sealed_secret from text_gateway"
            ]).only()["sealed_secret", [UInt8].self]
            #expect(!String(decoding: row, as: UTF8.self).contains("a-secret"))
            let address = await scene.listener.address
            let browser = try await scene.world.browser(of: admin)
            let page = try await browser.get("/settings/texts")
            #expect(page.body.contains("value=\"\(address)\""))
            #expect(page.body.contains("name=\"secret\" type=\"text\" value=\"\""))
            let typed = [
                "address": address, "method": "POST", "content_type": "text/plain",
                "body": "{to} {text}", "header": "Authorization", "secret": "",
                "reminders": "60", "text_fi": "Aika {when}",
            ]
            let form = try page.form("/settings/texts").merging(typed) { $1 }
            #expect(try await browser.post("/settings/texts", form).status == 303)
            let kept = try await scene.market.textGateway(admin.request("getTextGateway")).body
            #expect(kept["gateway"]?["has_secret"] == true)
            for (field, value) in [
                ("address", "https://elsewhere.example/send"), ("address", "http://10.0.0.1/send"),
                ("body", "{to}"), ("header", "Host"), ("text_fi", "Hei"),
            ] {
                let changed = try await browser.get("/settings/texts").form("/settings/texts")
                    .merging(typed) { $1 }.merging([field: value]) { $1 }
                let answer = try await browser.post("/settings/texts", changed)
                #expect(answer.status == 422, "\(field): \(value)")
            }
        }
    }

    @Test(arguments: [
        (
            StoredTextGateway.ContentType.json, "{\"to\":\"{to}\",\"m\":\"{text}\"}",
            "{\"to\":\"+358\",\"m\":\"a \\\"{to}\\\" & ä\\n\"}"
        ),
        (.form, "to={to}&m={text}", "to=%2B358&m=a%20%22%7Bto%7D%22%20%26%20%C3%A4%0A"),
        (.plain, "{to}: {text}", "+358: a \"{to}\" & ä\n"),
    ])
    func whatIsFilledInStaysInItsPlace(
        contentType: StoredTextGateway.ContentType, template: String, expected: String
    ) {
        let gateway = StoredTextGateway(
            address: "https://sms.example", method: .post, contentType: contentType,
            body: template, secret: nil)
        #expect(gateway.body(to: "+358", "a \"{to}\" & ä\n") == expected)
    }
}

import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// What members are told of what happened: each of what their roles can act on, once.
@Suite struct AlertTests {
    @Test func theSidesOfAHandshakeAreToldInTurn() async throws {
        try await AlertWorld.with(acceptedInAdvance: false) { world in
            let booking = try await world.life.booked("2027-03-08")
            try await world.says(.buyer, booking, 1, .propose, at: "2027-03-08T08:00:00Z")
            try await world.raised()
            #expect(
                try await world.kinds(of: world.seller.scheduler)
                    == ["proposal_waits", "visit_booked"])
            #expect(try await world.kinds(of: world.buyer.scheduler).isEmpty)
            try await world.says(.seller, booking, 2, .counter, at: "2027-03-08T09:30:00Z")
            try await world.raised()
            #expect(try await world.kinds(of: world.buyer.scheduler) == ["proposal_countered"])
            let told = try #require(try await world.alerts(of: world.buyer.scheduler).first)
            #expect(told["subject_kind"] == "booking")
            #expect(told["subject"] == JSON(booking.description))
            #expect(told["counterparty_name"] == "Seller")
            #expect(told["about"] == "2027-03-08T08:00:00Z")
            try await world.says(.buyer, booking, 3, .decline)
            try await world.raised()
            // once, and not as if somebody had cancelled what was agreed
            #expect(
                try await world.kinds(of: world.seller.scheduler)
                    == ["proposal_ended", "proposal_waits", "visit_booked"])
            // nobody else of either, nor a third
            for organisation in [world.seller, world.buyer] {
                for role in [Role.finance, .admin, .signatory, .auditor] {
                    #expect(try await world.alerts(of: organisation[role]).isEmpty, "\(role)")
                }
            }
        }
    }

    @Test func aVisitsMinutesAndMoneyReachWhoActsOnThem() async throws {
        try await AlertWorld.with { world in
            try await world.life.held("2027-03-08", minutes: 20)
            try await world.raised()
            // the seller spoke first, and the buyer after it
            #expect(try await world.kinds(of: world.buyer.specialist) == ["minutes_wait"])
            try await world.test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
            _ = try await world.life.invoiced()
            try await world.raised()
            #expect(
                try await world.kinds(of: world.buyer.finance)
                    == ["invoice_issued", "statement_waits"])
            #expect(try await world.kinds(of: world.seller.finance) == ["statement_accepted"])
        }
    }

    @Test func whatIsToldHoldsNothingOfAPatientAndNoPrice() async throws {
        try await AlertWorld.with { world in
            let booking = try await world.life.booked("2027-03-08")
            try await world.moves(booking, to: "2027-03-08T09:00:00Z")
            try await world.cancels(booking)
            try await world.works(at: "2027-02-27T08:00:00Z")
            let rows = try await world.test.superuser.read(["select a::text as row from alert a"])
            #expect(rows.count > 3)
            for row in rows {
                let text = try row["row", String.self]
                #expect(!text.contains("PT-1"), "\(text)")
            }
            for alert in try await world.alerts(of: world.seller.scheduler) {
                let text = alert.compactText
                for word in ["PT-1", "patient", "quote", "price", "fee"] {
                    #expect(!text.contains(word), "\(text)")
                }
            }
        }
    }

    /// Two servers, a restart, and a transaction that commits late: each event is told once.
    @Test func eachEventIsToldOnce() async throws {
        try await AlertWorld.with { world in
            for day in ["2027-03-08", "2027-03-09", "2027-03-10", "2027-03-11"] {
                _ = try await world.life.booked(day)
            }
            try await world.test.horizonToPass()
            let market = world.market
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { for _ in 0..<20 { _ = try await market.raiseAlerts(most: 1) } }
                }
                try await group.waitForAll()
            }
            try await world.raised()
            #expect(try await world.kinds(of: world.seller.scheduler).count == 4)
            #expect(try await world.raised() == 0)
            // what a server had told when it died before it committed is told by the next
            _ = try await world.life.booked("2027-03-12")
            try await world.test.horizonToPass()
            struct Died: Error {}
            await #expect(throws: Died.self) {
                try await world.test.app.pool.transaction { transaction in
                    let raised = try await transaction.query(StoredAlert.raise(most: 10)).only()
                    #expect(try raised["raised", Int32.self] > 0)
                    throw Died()
                }
            }
            try await world.raised()
            #expect(try await world.kinds(of: world.seller.scheduler).count == 5)
            // even where the events are read again from their beginning
            try await world.change("update alert_progress set xid = '0', position = 0")
            try await world.raised()
            #expect(try await world.kinds(of: world.seller.scheduler).count == 5)
        }
    }

    @Test func whatIsOldSaysNothingNew() async throws {
        try await AlertWorld.with { world in
            _ = try await world.life.booked("2027-03-22")
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-06T08:00:01Z"))
            try await world.raised()
            #expect(try await world.alerts(of: world.seller.scheduler).isEmpty)
            // and yet it will be reminded of
            let due = try await world.test.superuser.read([
                "select from deadline where kind like 'visit_%'"
            ])
            #expect(due.count == 4)
        }
    }

    @Test func whoOnlyHoldsVisitsIsToldOfTheirOwn() async throws {
        try await AlertWorld.with { world in
            let another = try await world.test.addSpecialist(to: world.seller, label: "Another")
            let own = try await world.test.caller(
                [.specialist], email: "own@example.org", world.seller.admin)
            let other = try await world.test.caller(
                [.specialist], email: "other@example.org", world.seller.admin)
            for (caller, specialist) in [(own, world.life.specialist), (other, another)] {
                try await world.change(
                    "update member set specialist = \(specialist) where id = \(caller.member)")
            }
            _ = try await world.life.booked("2027-03-08")
            try await world.raised()
            #expect(try await world.kinds(of: own) == ["visit_booked"])
            #expect(try await world.alerts(of: other).isEmpty)
            #expect(try await world.kinds(of: world.seller.specialist) == ["visit_booked"])
        }
    }

    @Test func whoHeldAVisitIsToldThatAColleagueDoesNow() async throws {
        try await AlertWorld.with { world in
            let colleague = try await LifeOfAVisit(
                under: world.life.contract, label: "Colleague"
            ).specialist
            let own = try await world.test.caller(
                [.specialist], email: "own@example.org", world.seller.admin)
            try await world.change(
                "update member set specialist = \(world.life.specialist) where id = \(own.member)")
            let booking = try await world.life.booked("2027-03-08")
            try await world.raised()
            try await world.moves(booking, to: "2027-03-08T09:00:00Z", with: colleague)
            try await world.raised()
            #expect(try await world.kinds(of: own) == ["visit_moved", "visit_booked"])
            // what becomes of it afterwards is not theirs any more
            try await world.cancels(booking)
            try await world.raised()
            #expect(try await world.kinds(of: own).count == 2)
        }
    }

    @Test func oneReadsOnesOwnAlone() async throws {
        try await AlertWorld.with { world in
            _ = try await world.life.booked("2027-03-08")
            _ = try await world.life.booked("2027-03-09")
            try await world.raised()
            let (mine, others) = (world.seller.scheduler, world.seller.specialist)
            let ids = try await world.alerts(of: mine).map {
                try AlertID(typeID: $0["id"]?.text ?? "")
            }
            #expect(ids.count == 2)
            // a colleague marks neither
            let tried = try await world.market.markAlertsRead(
                others.request("markAlertsRead", key: "0"), ids)
            #expect(tried.body["unread"] == 2, "the colleague's own")
            #expect(try await world.alerts(of: mine, onlyUnread: true).count == 2)
            let marked = try await world.market.markAlertsRead(
                mine.request("markAlertsRead", key: "1"), [ids[0]])
            #expect(marked.body["unread"] == 1)
            let left = try await world.alerts(of: mine)
            #expect(left.map { $0["read_at"] == .null } == [true, false], "unread first")
            #expect(left.first?["id"] == JSON(ids[1].description))
            _ = try await world.market.markAlertsRead(
                mine.request("markAlertsRead", key: "2"), nil)
            #expect(try await world.alerts(of: mine, onlyUnread: true).isEmpty)
            #expect(try await world.alerts(of: others, onlyUnread: true).count == 2)
            // page by page, each once
            var (seen, after): ([String], StoredAlert.Place?) = ([], nil)
            repeat {
                let page = try await world.market.listAlerts(
                    mine.request("listAlerts"), onlyUnread: false,
                    page: Page(after: after, limit: 1)
                ).body
                seen += (page["items"]?.elements ?? []).compactMap { $0["id"]?.text }
                after = try page["next"]?.text.map { try StoredAlert.Place(cursor: $0) }
            } while after != nil
            #expect(seen == ids.map(\.description))
        }
    }

    @Test func aMachineIsToldNothing() async throws {
        try await AlertWorld.with { world in
            let issued = try await world.market.issueCredential(
                world.seller.admin.request("issueCredential"), to: nil, label: "Machine",
                roles: [.scheduler], expiresAt: nil)
            let token = try CredentialToken(presented: issued.body["token"]?.text ?? "")
            let request = Request(
                credential: CredentialDigest(of: token), operation: "listAlerts")
            let refused = await refusal {
                _ = try await world.market.listAlerts(
                    request, onlyUnread: false, page: Page(after: nil, limit: 1))
            }
            #expect(refused == .memberMissing)
        }
    }

    /// The closed list in Swift and in the database are the same.
    @Test func kindsAreTheSameOnBothSides() async throws {
        try await TestMarket.withMarket { test in
            let rows = try await test.app.read([
                "select kind, roles, mails, urgent from alert_kind order by kind"
            ])
            #expect(rows.count == AlertKind.allCases.count)
            for row in rows {
                let kind = try #require(AlertKind(rawValue: try row.decode("kind")))
                #expect(try Set(storedNames: row.decode("roles")) == kind.roles, "\(kind)")
                #expect(try row["mails", Bool.self] == kind.isMailed, "\(kind)")
                #expect(try row["urgent", Bool.self] == kind.isUrgent, "\(kind)")
            }
        }
    }

    @Test func aGivenUpMessageIsToldToAdministrators() async throws {
        try await AlertWorld.with { world in
            try await world.test.isNoDemo()
            let past = try Instant(rfc3339: "2020-01-01T00:00:00Z")
            _ = try await world.test.app.write([
                NewMessage(
                    of: world.buyer.id, by: .mail, to: "a@b.example", subject: "", text: "",
                    cause: "x", expiresAt: past
                ).queue
            ])
            _ = try await world.test.app.write([StoredMessage.take([.mail])])
            try await world.raised()
            #expect(try await world.kinds(of: world.buyer.admin) == ["message_given_up"])
            #expect(try await world.alerts(of: world.seller.admin).isEmpty)
        }
    }

    /// What moves money, or where invoices go, is told to others of the same house, and kept.
    @Test func whatOneDoesWithMoneyItsColleaguesHear() async throws {
        try await AlertWorld.with { world in
            try await world.life.cancelledLate("2027-03-08")
            try await world.test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
            let invoice = try await InvoiceID(
                typeID: world.life.invoiced()[0]["id"]?.text ?? "")
            try await world.raised()
            let earlier = try await world.kinds(of: world.seller.admin)
            for above in ["100.00", "50000.00"] {
                _ = try await world.market.setPaymentLimit(
                    world.seller.admin.request("setPaymentLimit"), above: Money(decimal: above))
            }
            _ = try await world.market.updateInvoiceReception(
                world.seller.finance.request("updateInvoiceReception"), revision: 0, way: .mail,
                form: .ubl, address: EmailAddress("other@seller.example"))
            _ = try await world.market.writeOffInvoice(
                world.seller.finance.request("writeOffInvoice"), invoice,
                amount: Money(decimal: "1.00"), reason: "Not worth a reminder.")
            try await world.raised()
            let heard = try await world.kinds(of: world.seller.admin)
            #expect(
                heard.dropLast(earlier.count).sorted() == [
                    "own_write_off", "payment_limit_set", "payment_limit_set",
                    "reception_changed",
                ])
            let kept = try await world.test.owner.read([
                """
                select concat_ws(' ', facts ->> 'before', facts ->> 'second_person_above',
                    facts ->> 'address', facts ->> 'reason') as words
                from audit_fact where operation in
                    ('setPaymentLimit', 'updateInvoiceReception', 'writeOffInvoice')
                order by id
                """
            ]).map { try $0["words", String.self] }
            #expect(
                kept == [
                    "0.00 100.00", "100.00 50000.00", "other@seller.example",
                    "Not worth a reminder.",
                ])
        }
    }
}

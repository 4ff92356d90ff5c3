import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

@testable import Web

@Suite("What waits for whom, on the start page")
struct StartPageTests {
    /// The lines that a member sees now, each with where it leads. A login that lies unused is
    /// over, so each looks with a new one. The months that can be closed are left out unless they
    /// are asked for: whoever has an entry has some in the month after.
    private static func tasks(
        _ world: PagesWorld, _ caller: TestCaller, withMonths: Bool = false
    ) async throws -> [String: String] {
        let page = try await world.browser(of: caller).get("/").body
        guard let list = page.firstMatch(of: /(?s)<ul class="tasks">(.*?)<\/ul>/) else {
            #expect(page.contains("Nothing waits for you right now."))
            return [:]
        }
        let lines = list.1.matches(of: /<a href="([^"]*)">([^<]*)<\/a>/)
        return Dictionary(
            lines.map { (String($0.2).replacing("\u{a0}", with: " "), String($0.1)) }
        ) { first, _ in first }.filter { withMonths || $0.value != "/periods" }
    }

    private static func clock(_ world: PagesWorld, _ time: String) async throws {
        try await world.test.clock.set(to: Instant(rfc3339: time))
    }

    @Test("a hold says when it runs out, to the buyer alone, until it does")
    func holds() async throws {
        try await PagesWorld.with { world in
            let buyer = world.buyer.scheduler
            let first = try await world.life.booked("2027-03-02", hold: true)
            let minutes = world.life.contract.terms.limits.holdMinutes
            let ends = try Instant(rfc3339: "2027-02-26T08:00:00Z").adding(seconds: minutes * 60)
            let moment = Language.english.moment(ends, in: world.life.contract.clock)
                .replacing("\u{a0}", with: " ")
            let one = "One time is on hold and not confirmed yet; it runs out \(moment)"
            #expect(try await Self.tasks(world, buyer) == [one: "/bookings/\(first)"])
            try await Self.clock(world, "2027-02-26T08:02:00Z")
            _ = try await world.life.booked("2027-03-09", hold: true)
            let two = "2 times are on hold and not confirmed yet; the first runs out \(moment)"
            #expect(try await Self.tasks(world, buyer) == [two: "/bookings/\(first)"])
            #expect(try await Self.tasks(world, world.seller.scheduler).isEmpty)
            #expect(try await Self.tasks(world, world.buyer.specialist).isEmpty)
            try await world.test.clock.set(to: ends.adding(seconds: 60))
            let left = try await Self.tasks(world, buyer)
            #expect(left.count == 1 && left.keys.allSatisfy { $0.hasPrefix("One time") })
            #expect(left.values.allSatisfy { $0 != "/bookings/\(first)" })
        }
    }

    @Test("a booked visit waits for a proposal")
    func proposals() async throws {
        try await PagesWorld.with { world in
            _ = try await world.life.booked("2027-03-02")
            let line = ["One visit waits for your proposal or answer": "/proposals"]
            #expect(try await Self.tasks(world, world.buyer.scheduler) == line)
            #expect(try await Self.tasks(world, world.seller.specialist) == line)
            #expect(try await Self.tasks(world, world.seller.finance).isEmpty)
            #expect(try await Self.tasks(world, world.outsider.scheduler).isEmpty)
        }
    }

    @Test("today's visits, and minutes that wait for this side's word")
    func visitsAndMinutes() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.signedContract(
                seller: world.seller, buyer: world.buyer)
            let life = LifeOfAVisit(under: contract, sharing: world.life)
            let first = try await life.booked("2027-03-03")
            _ = try await life.booked("2027-03-03", at: "12:00")
            let (seller, buyer) = (world.seller.specialist, world.buyer.scheduler)
            #expect(try await Self.tasks(world, seller).isEmpty, "not today")
            try await Self.clock(world, "2027-03-03T07:00:00Z")
            let both = ["2 visits are left today, the next at 10:00": "/day"]
            #expect(try await Self.tasks(world, seller) == both)
            #expect(try await Self.tasks(world, buyer) == both)
            #expect(try await Self.tasks(world, world.buyer.finance).isEmpty)
            try await life.attended(
                first, from: Instant(rfc3339: "2027-03-03T08:00:00Z"), minutes: 3)
            try await Self.clock(world, "2027-03-03T08:05:00Z")

            func waits(for caller: TestCaller) async throws -> Bool {
                var tasks = try await Self.tasks(world, caller)
                let later = tasks.removeValue(forKey: "One visit is left today, at 12:00")
                #expect(later?.hasPrefix("/visits/booking_") == true)
                guard !tasks.isEmpty else { return false }
                let line = "The minutes of one visit wait for your word"
                #expect(tasks == [line: "/visits/\(first)"])
                return true
            }
            func isAwaited() async throws -> [Bool] {
                [try await waits(for: seller), try await waits(for: buyer)]
            }
            #expect(try await isAwaited() == [true, true])
            let seconds = try await life.measured(first)
            try await life.says(.seller, .attests(seconds: seconds), of: first)
            #expect(try await isAwaited() == [false, true])
            let contest = Attestation.Word.contests(seconds: 60, reason: "no sound")
            try await life.says(.buyer, contest, of: first)
            #expect(try await isAwaited() == [true, false])
            let answer = Attestation.Word.contests(seconds: 90, reason: "there was")
            try await life.says(.seller, answer, of: first)
            #expect(try await isAwaited() == [false, true])
            try await life.says(.buyer, .attests(seconds: 90), of: first)
            #expect(try await isAwaited() == [false, false])
        }
    }

    @Test("a statement waits for the buyer's word, then for the seller's invoice")
    func statements() async throws {
        try await PagesWorld.with { world in
            let life = try await world.charged().life
            let statement = try await life.statement()
            let id = try StatementID(typeID: statement.body["id"]?.text ?? "")
            let address = "/statements/\(id)"
            let toAccept = ["One statement waits for your acceptance": address]
            #expect(try await Self.tasks(world, world.buyer.finance) == toAccept)
            #expect(try await Self.tasks(world, world.seller.finance).isEmpty)
            _ = try await world.test.market.acceptStatement(
                world.buyer.finance.request("acceptStatement"), id,
                total: Money(decimal: statement.body["total"]?.text ?? ""))
            let months = ["One month is over and can be closed": "/periods"]
            #expect(
                try await Self.tasks(world, world.buyer.finance, withMonths: true) == months)
            let toInvoice = ["One accepted statement waits for your invoice": address]
            #expect(try await Self.tasks(world, world.seller.finance) == toInvoice)
            #expect(try await Self.tasks(world, world.buyer.finance).isEmpty)
        }
    }

    @Test("an invoice waits for who pays it until it is paid whole, and is late from its day on")
    func invoices() async throws {
        try await PagesWorld.with { world in
            let things = try await world.invoiced()
            let invoice = try await world.test.market.invoice(
                world.buyer.finance.request("getInvoice"),
                InvoiceID(typeID: things["invoice"] ?? "")
            ).body
            let due = try CalendarDate(iso: invoice["due_on"]?.text ?? "")
            let day = Language.english.date(due).replacing("\u{a0}", with: " ")
            let address = "/invoices/\(things["invoice"] ?? "")"
            let entry = ["One payment in a bank file waits for a person": "/bank-entries"]
            #expect(
                try await Self.tasks(world, world.buyer.finance)
                    == ["One invoice is to be paid, due \(day)": address])
            #expect(try await Self.tasks(world, world.seller.finance) == entry)
            #expect(try await Self.tasks(world, world.buyer.scheduler).isEmpty)
            let morning = try world.life.contract.clock.instant(due, TimeOfDay("09:00"))
            try await world.test.clock.set(to: morning)
            #expect(
                try await Self.tasks(world, world.buyer.finance)
                    == ["One invoice is to be paid, due \(day)": address], "on the day itself")
            try await world.test.clock.set(to: morning.adding(seconds: 86_400))
            #expect(
                try await Self.tasks(world, world.buyer.finance)
                    == ["One unpaid invoice is overdue; it was due \(day)": address])
            var rest = BankDay([("34.00", invoice["reference"]?.text)])
            rest.id = "S2"
            _ = try await world.test.market.importBankFile(
                world.seller.finance.request("importBankFile"), rest.file())
            #expect(try await Self.tasks(world, world.buyer.finance).isEmpty)
            #expect(try await Self.tasks(world, world.seller.finance) == entry)
        }
    }

    @Test("a contract waits for each side's signature")
    func contracts() async throws {
        try await PagesWorld.with { world in
            let document = try await world.test.document(
                "psychiatrist-remote-visit", seller: world.outsider, buyer: world.buyer,
                validity: ["2027-03-01", "2027-12-31"], [:])
            let drafted = try await world.test.market.draftContract(
                world.outsider.admin.request("draftContract"), document)
            let id = try ContractID(typeID: drafted.body["id"]?.text ?? "")
            let title = (document["title"]?.text ?? "").replacing("'", with: "&#39;")
            let address = "/contracts/\(id)?version=1"
            let line = ["Waits for your signature: \(title), version 1": address]
            #expect(try await Self.tasks(world, world.buyer[.signatory]).isEmpty)
            _ = try await world.test.market.offerContractVersion(
                world.outsider.admin.request("offerContractVersion"), id, number: 1)
            #expect(try await Self.tasks(world, world.outsider[.signatory]) == line)
            #expect(try await Self.tasks(world, world.buyer[.signatory]) == line)
            let offered = try await Self.tasks(world, world.buyer.admin)
            #expect(Array(offered.values) == [address])
            #expect(offered.keys.first?.hasPrefix("The other side offers \(title), ") == true)
            #expect(try await Self.tasks(world, world.outsider.admin).isEmpty)
            _ = try await world.test.market.declineContractVersion(
                world.buyer.admin.request("declineContractVersion"), id, number: 1,
                reason: "Too dear.")
            #expect(try await Self.tasks(world, world.buyer[.signatory]).isEmpty)
            #expect(
                try await Self.tasks(world, world.outsider.admin)
                    == ["The other side declined \(title), version 1: read why": address])
            #expect(try await Self.tasks(world, world.seller[.signatory]).isEmpty)
            #expect(try await Self.tasks(world, world.buyer.auditor).isEmpty)
        }
    }

    @Test("the other side's pause and notice are told to who signs, administers and books")
    func stops() async throws {
        try await PagesWorld.with { world in
            let contract = try await world.test.agreedContract(
                seller: world.seller, buyer: world.buyer,
                changed: ["termination": ["notice_days": 30]])
            let market = world.test.market
            let address = "/contracts/\(contract.id)"
            let title = contract.terms.title.replacing("'", with: "&#39;")
            _ = try await market.suspendContract(
                world.seller.admin.request("suspendContract"), contract.id, reason: "Test")
            let paused = [
                "The other side has paused new bookings: \(title)": address
            ]
            for caller in [world.buyer.admin, world.buyer[.signatory], world.buyer.scheduler] {
                #expect(try await Self.tasks(world, caller) == paused)
            }
            #expect(try await Self.tasks(world, world.buyer.finance).isEmpty)
            #expect(try await Self.tasks(world, world.seller.admin).isEmpty)
            _ = try await market.resumeContract(
                world.seller.admin.request("resumeContract"), contract.id)
            #expect(try await Self.tasks(world, world.buyer.admin).isEmpty)
            let effect = try await market.noticeEffect(
                world.buyer.admin.request("getNoticeEffect"), contract.id
            ).body
            let ends = try Instant(rfc3339: effect["ends_at"]?.text ?? "")
            _ = try await market.giveNotice(
                world.buyer.admin.request("giveNotice"), contract.id, endsAt: ends, reason: "Test")
            let last = Language.english.date(
                contract.clock.date(of: try ends.adding(seconds: -1)))
            let told = try await Self.tasks(world, world.seller.admin)
            let day = last.replacing("\u{a0}", with: " ")
            let text =
                "The other side has given notice: \(title). The last day is \(day)"
            #expect(told == [text: address])
            #expect(try await Self.tasks(world, world.buyer.admin).isEmpty)
            let sellers = try await world.browser(of: world.seller.admin)
            #expect(
                try await sellers.get("/contracts").body.contains("Notice given; last day \(last)"))
            #expect(try await sellers.get(address).body.contains("<dd>\(last)</dd>"))
        }
    }
}

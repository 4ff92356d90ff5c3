import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// Two example organisations with a contract between them, and the life of its visits. The clock
/// is the market's own, and travels.
struct Story {
    let life: LifeOfAVisit

    var test: TestMarket { life.test }
    var market: Market { test.market }
    var contract: TestContract { life.contract }
    var seller: TestOrganisation { contract.seller }
    var buyer: TestOrganisation { contract.buyer }

    /// Tells a story, and at its end finds everything in order.
    static func tell(
        template: String = "psychiatrist-remote-visit", from first: String = "2027-01-01",
        through last: String = "2027-12-31", changed: JSONObject = [:],
        _ body: (Story) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            try await test.clock.set(to: Instant(rfc3339: "2027-01-04T08:00:00Z"))
            let contract = try await test.agreedContract(
                template, seller: test.addOrganisation("Example Hospital"),
                buyer: test.addOrganisation("Example Health Centre"), from: first, through: last,
                changed: changed)
            let story = Story(life: try await LifeOfAVisit(under: contract))
            try await body(story)
            let findings = try await Verification.run(on: test.reader)
            #expect(findings.isEmpty, "\(findings)")
            try await story.expectBooksAgree()
        }
    }

    /// From now on the clock shows this instant.
    func at(_ instant: String) async throws {
        try await test.clock.set(to: Instant(rfc3339: instant))
    }

    func booking(_ id: BookingID) async throws -> JSON {
        try await market.booking(buyer.scheduler.request("getBooking"), id).body
    }

    func charge(_ id: ChargeID) async throws -> JSON {
        try await market.charge(seller.finance.request("getCharge"), id).body
    }

    /// Money that came in on the seller's account.
    @discardableResult
    func paid(_ payments: [(amount: String, reference: String?)], id: String) async throws -> JSON {
        var day = BankDay(payments)
        day.id = id
        return try await market.importBankFile(
            seller.finance.request("importBankFile"), day.file()
        ).body
    }

    func openAmounts(_ organisation: TestOrganisation) async throws -> JSON {
        try await market.listOpenAmounts(organisation.finance.request("listOpenAmounts")).body
    }

    func expectBooksAgree() async throws {
        for (one, other) in [(seller, buyer), (buyer, seller)] {
            let compared = try await market.compareBooks(
                one.finance.request("compareBooks"), with: other.id)
            #expect(compared.body["agree"] == true)
            let balance = try await market.trialBalance(
                one.finance.request("getTrialBalance"))
            #expect(balance.body["difference"] == "0.00")
            #expect(try await openAmounts(one)["explained"] == true)
        }
    }

    /// One message of a side.
    @discardableResult
    func says(
        _ side: Visits.Side, _ kind: HandshakeMessage.Kind, _ sequence: Int64,
        of booking: BookingID, offer: (starts: String, deadline: String)? = nil,
        cause: String? = nil
    ) async throws -> JSON {
        let meeting = try offer.map { offer in
            try Market.OfferedMeeting(
                starts: Instant(rfc3339: offer.starts), room: .builtIn, needs: [.nursePresent],
                deadline: Instant(rfc3339: offer.deadline))
        }
        let organisation = side == .seller ? seller : buyer
        return try await market.sendHandshakeMessage(
            organisation.scheduler.request("sendHandshakeMessage"), booking,
            .init(
                kind: kind, sequence: sequence, cause: cause, offer: meeting,
                checks: kind == .ready
                    ? ReadyChecks(device: true, line: true, recordAccess: true) : nil)
        ).body
    }

    /// Both agree on the booked time without a word more than needed.
    func agreed(_ booking: BookingID, at starts: String, answeredBy deadline: String) async throws {
        try await says(.buyer, .propose, 1, of: booking, offer: (starts, deadline))
        try await says(.seller, .accept, 2, of: booking)
    }

    /// A visit of so many minutes from its planned start, attested by both as it was measured.
    func held(_ booking: BookingID, minutes: Int64) async throws -> ChargeID {
        let starts = try Instant(rfc3339: await self.booking(booking)["starts"]?.text ?? "")
        try await test.clock.set(to: starts.adding(seconds: -300))
        try await life.attended(booking, from: starts, minutes: minutes)
        let seconds = try await life.measured(booking)
        try await life.says(.seller, .attests(seconds: seconds), of: booking)
        let visit = try await life.says(.buyer, .attests(seconds: seconds), of: booking)
        return try ChargeID(typeID: visit.body["charge"]?.text ?? "")
    }
}

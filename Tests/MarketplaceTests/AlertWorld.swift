import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// Two organisations with a visit between them, and what their members are told.
struct AlertWorld {
    let test: TestMarket
    let life: LifeOfAVisit

    var seller: TestOrganisation { life.contract.seller }
    var buyer: TestOrganisation { life.contract.buyer }
    var market: Market { test.market }

    static func with(
        acceptedInAdvance: Bool = true, _ body: (AlertWorld) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
                acceptedInAdvance: acceptedInAdvance)
            let world = AlertWorld(test: test, life: try await LifeOfAVisit(under: contract))
            try await world.raised()
            try await body(world)
        }
    }

    /// All that happened by now has been told; returns of how many events.
    @discardableResult
    func raised() async throws -> Int {
        try await test.horizonToPass()
        var all = 0
        while case let some = try await market.raiseAlerts(most: 50), some > 0 { all += some }
        return all
    }

    /// All that is due when the clock shows this has been done and told.
    func works(at instant: String) async throws {
        try await test.clock.set(to: Instant(rfc3339: instant))
        while try await market.actOnWhatIsDue(most: 20) == 20 {}
        try await raised()
    }

    func alerts(of caller: TestCaller, onlyUnread: Bool = false) async throws -> [JSON] {
        try await market.listAlerts(
            caller.request("listAlerts"), onlyUnread: onlyUnread, page: Page(after: nil, limit: 200)
        ).body["items"]?.elements ?? []
    }

    /// Newest first.
    func kinds(of caller: TestCaller) async throws -> [String] {
        try await alerts(of: caller).compactMap { $0["kind"]?.text }
    }

    func choose(
        _ caller: TestCaller, _ ways: [AlertKind: AlertChoices.Ways] = [:],
        reminders: [Int64] = [], digest: Int64 = 15, language: String = "en", over: Int64 = 0
    ) async throws {
        _ = try await market.updateAlertSettings(
            caller.request("updateAlertSettings"), revision: over,
            AlertChoices(
                ways: ways, reminders: reminders, digestMinutes: digest, language: language))
    }

    /// The member's address has proven to be theirs.
    func confirmed(_ caller: TestCaller) async throws {
        try await change("update member set confirmed_email = email where id = \(caller.member)")
    }

    func change(_ query: Query) async throws {
        _ = try await test.superuser.pool.transaction { try await $0.query(query) }
    }

    func says(
        _ side: Visits.Side, _ booking: BookingID, _ sequence: Int64,
        _ kind: HandshakeMessage.Kind, at starts: String? = nil
    ) async throws {
        let organisation = side == .seller ? seller : buyer
        let meeting = try starts.map { text in
            let starts = try Instant(rfc3339: text)
            return Market.OfferedMeeting(
                starts: starts, room: .builtIn, needs: [],
                deadline: try starts.adding(seconds: -3_600))
        }
        _ = try await market.sendHandshakeMessage(
            organisation.scheduler.request("sendHandshakeMessage"), booking,
            .init(
                kind: kind, sequence: sequence, cause: kind == .decline ? "No room." : nil,
                offer: meeting, checks: nil))
    }

    func moves(
        _ booking: BookingID, to starts: String, with specialist: SpecialistID? = nil
    ) async throws {
        let sheet = try await market.booking(buyer.scheduler.request("getBooking"), booking)
        _ = try await market.moveBooking(
            buyer.scheduler.request("moveBooking"), booking,
            revision: sheet.body["revision"]?.integer ?? 0,
            to: .init(starts: Instant(rfc3339: starts), specialist: specialist))
    }

    func cancels(_ booking: BookingID) async throws {
        let scheduler = buyer.scheduler
        let cost = try await market.cancellationCost(
            scheduler.request("getCancellationCost"), booking)
        _ = try await market.cancelBooking(
            scheduler.request("cancelBooking"), booking,
            expectedFee: Money(decimal: cost.body["fee"]?.text ?? ""), reason: nil)
    }
}

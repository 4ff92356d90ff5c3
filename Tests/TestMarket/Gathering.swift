import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import Visits

/// A seller of group sessions and two buyers with the same terms: 2.00 a minute, eight places, an
/// hour for 120.00.
package struct Gathering: Sendable {
    package let life: LifeOfAVisit
    package let other: TestContract

    package var test: TestMarket { life.test }
    /// The first buyer's contract.
    package var contract: TestContract { life.contract }
    package var seller: TestOrganisation { contract.seller }

    package init(_ test: TestMarket, changed: JSONObject = [:]) async throws {
        let seller = try await test.addOrganisation("Seller")
        // each place is agreed by being booked, whatever the contract says of published time
        life = try await LifeOfAVisit(
            under: test.signedContract(
                "rehabilitation-group", seller: seller,
                buyer: test.addOrganisation("First buyer"), acceptedInAdvance: false,
                changed: changed))
        other = try await test.signedContract(
            "rehabilitation-group", seller: seller, buyer: test.addOrganisation("Second buyer"),
            acceptedInAdvance: false, changed: changed)
    }

    package func instant(_ day: String, _ time: String = "13:00") throws -> Instant {
        try contract.clock.instant(CalendarDate(iso: day), TimeOfDay(time))
    }

    /// An hour, booked until two days before.
    package func opened(
        _ day: String = "2027-03-11", at time: String = "13:00", places: Int64 = 8,
        minutes: Int64 = 60, contracts: [ContractID]? = nil
    ) async throws -> GroupSessionID {
        let starts = try instant(day, time)
        let made = try await test.market.openGroupSession(
            seller.scheduler.request("openGroupSession"),
            .init(
                specialist: life.specialist, service: "rehabilitation-group", starts: starts,
                minutes: minutes, places: places, contracts: contracts,
                bookUntil: starts.adding(seconds: -172_800)))
        return try GroupSessionID(typeID: made.body["id"]?.text ?? "")
    }

    @discardableResult
    package func booked(
        _ count: Int, in session: GroupSessionID, under contract: TestContract,
        by caller: TestCaller? = nil
    ) async throws -> [BookingID] {
        let patients = try (0..<count).map { index in
            HandOver(patient: try PatientReference("PT-\(index)"), authorisation: "A \(index)")
        }
        let answer = try await test.market.bookPlaces(
            (caller ?? contract.buyer.scheduler).request("bookPlaces"), in: session,
            under: contract.id, patients)
        return try (answer.body["bookings"]?.elements ?? []).map {
            try BookingID(typeID: $0["id"]?.text ?? "")
        }
    }

    package func session(
        _ id: GroupSessionID, for organisation: TestOrganisation
    ) async throws -> JSON {
        try await test.market.groupSession(
            organisation.scheduler.request("getGroupSession"), id
        ).body
    }

    /// The seller's person comes by one visit of the session, a buyer's by one of its own; all stay
    /// for so many minutes from its start.
    package func held(
        _ bookings: [(BookingID, TestContract)], from start: Instant, minutes: Int64
    ) async throws {
        guard let (first, _) = bookings.first else { return }
        try await test.clock.set(to: start.adding(seconds: -300))
        var tokens = [try await life.joinToken(.seller, of: first)]
        for (booking, contract) in bookings {
            let issued = try await test.market.issueJoinToken(
                contract.buyer.scheduler.request("issueJoinToken"), booking,
                participant: "nurse", label: "Nurse", forSession: true)
            tokens.append(issued.body["token"]?.text ?? "")
        }
        for minute in 0...minutes {
            let kind: Market.AttendanceKind =
                minute == 0 ? .join : minute == minutes ? .leave : .heartbeat
            for token in tokens {
                try await life.observe(token, kind, at: start.adding(seconds: minute * 60))
            }
        }
    }

    /// What both sides attest as it was measured; the charge's net.
    package func charged(
        _ booking: BookingID, under contract: TestContract
    ) async throws -> String {
        let seconds = try await life.measured(booking)
        var done: Answer?
        for organisation in [seller, contract.buyer] {
            done = try await test.market.attestMinutes(
                organisation.specialist.request("attestMinutes"), booking,
                .attests(seconds: seconds))
        }
        let charge = try ChargeID(typeID: done?.body["charge"]?.text ?? "")
        return try await test.market.charge(
            contract.buyer.finance.request("getCharge"), charge
        ).body["net"]?.text ?? ""
    }

    /// What the budget of March holds back, in cents.
    package func reserved(_ contract: TestContract) async throws -> Int64 {
        try await test.owner.read([
            """
            select coalesce(sum(reserved), 0)::bigint from budget_counter
            where contract = \(contract.id) and period = '2027-03'
            """
        ]).only().decode(0)
    }
}

import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import Visits

// A visit that is held: both sides join, stay, leave and attest, as the clock travels.

extension LifeOfAVisit {
    /// A token into the visit for one person of a side.
    package func joinToken(
        _ side: Visits.Side, of booking: BookingID, participant: String? = nil
    ) async throws -> String {
        let organisation = side == .seller ? contract.seller : contract.buyer
        let issued = try await test.market.issueJoinToken(
            organisation.scheduler.request("issueJoinToken"), booking,
            participant: participant ?? side.rawValue, label: "Person of the \(side.rawValue)")
        return issued.body["token"]?.text ?? ""
    }

    /// The holder of the token reports, when the clock shows `instant`.
    @discardableResult
    package func observe(
        _ token: String, _ kind: Market.AttendanceKind, at instant: Instant
    ) async throws -> Answer {
        try await test.clock.set(to: instant)
        var random = SystemRandomNumberGenerator()
        return try await test.market.recordAttendance(
            token, ObservationID(at: instant, using: &random), kind: kind)
    }

    /// Both join at the planned start and leave so many minutes later, with signs of life between.
    package func attended(_ booking: BookingID, from start: Instant, minutes: Int64) async throws {
        let seller = try await joinToken(.seller, of: booking)
        let buyer = try await joinToken(.buyer, of: booking)
        for minute in 0...minutes {
            let instant = try start.adding(seconds: minute * 60)
            let kind: Market.AttendanceKind =
                minute == 0 ? .join : minute == minutes ? .leave : .heartbeat
            try await observe(seller, kind, at: instant)
            try await observe(buyer, kind, at: instant)
        }
    }

    /// What was measured of the visit.
    package func measured(_ booking: BookingID) async throws -> Int64 {
        let visit = try await test.market.visit(
            contract.seller.specialist.request("getVisit"), booking)
        return visit.body["billable"]?["seconds"]?.integer ?? -1
    }

    @discardableResult
    package func says(
        _ side: Visits.Side, _ word: Attestation.Word, of booking: BookingID
    ) async throws -> Answer {
        let organisation = side == .seller ? contract.seller : contract.buyer
        return try await test.market.attestMinutes(
            organisation.specialist.request("attestMinutes"), booking, word)
    }

    /// A visit from booking to charge: held for so many minutes, and attested by both.
    @discardableResult
    package func held(
        _ day: String, at time: String = "10:00", minutes: Int64
    ) async throws -> ChargeID {
        let booking = try await booked(day, at: time)
        let start = try contract.clock.instant(CalendarDate(iso: day), TimeOfDay(time))
        try await test.clock.set(to: start.adding(seconds: -600))
        try await attended(booking, from: start, minutes: minutes)
        let seconds = try await measured(booking)
        try await says(.seller, .attests(seconds: seconds), of: booking)
        let done = try await says(.buyer, .attests(seconds: seconds), of: booking)
        return try ChargeID(typeID: done.body["charge"]?.text ?? "")
    }
}

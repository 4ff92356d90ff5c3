import MoneyAndTime
import Storage
import StrictJSON

extension Scene {
    /// The visit as two lines see it, and both sides' word on its minutes. Returns the charge.
    func holdVisit(_ booking: String) async throws -> String {
        teller.heading("5. The visit: only the time together counts")
        let nurse = try await joinToken(
            cast.healthCentre, booking, "nurse-1", "Nurse 1 with the patient")
        let psychiatrist = try await joinToken(
            cast.hospital, booking, "psychiatrist-1", "Psychiatrist 1")
        teller.say(
            "Each side gets a token of its own, which opens this visit alone, from a quarter of "
                + "an hour before it.")
        try await clock(shows: "2026-10-27", "10:10")
        teller.say("Too early:")
        teller.refusal(
            try await nurse.refused(
                403, "join_not_yet_open", posting: observation(.join), to: "/v1/attendance",
                keyed: false))
        let together = try await teller.during(
            "Forty minutes pass, with a sign of life from each side every minute"
        ) {
            try await attend(nurse, psychiatrist)
        }
        let visit = try await cast.healthCentre.scheduling.get("/v1/bookings/\(booking)/visit")
        try tell(visit)
        let seconds = try visit.integer(at: "/billable/seconds")
        try expect("the seconds together, from the answers' instants", seconds, is: together)
        try expect("the minutes begun", (seconds + 59) / 60, is: 38)
        let stays = try visit.list(at: "/attendance/buyer")
        try expect("how often the health centre was there", stays.count, is: 2)
        let gap = try stays[1].instant(at: "/from").seconds(since: stays[0].instant(at: "/until"))
        let grace = try visit.integer(at: "/grace_seconds")
        try expect("whether the line came back in time", 90 < gap && gap <= grace, is: true)
        try expect("stretches together", visit.list(at: "/billable/intervals").count, is: 1)
        teller.say(
            "The health centre's line was down for \(gap) seconds, less than the contract's grace "
                + "of \(grace): the visit counts as one. Together: \(minutesAndSeconds(seconds)).")
        return try await attest(booking, seconds)
    }

    private func joinToken(
        _ player: Player, _ booking: String, _ participant: String, _ label: String
    ) async throws -> Program {
        let issued = try await player.scheduling.post(
            "/v1/bookings/\(booking)/join-tokens",
            ["participant": JSON(participant), "label": JSON(label)])
        try expect(
            "when the token opens", issued.instant(at: "/opens"), is: at("2026-10-27", "10:15"))
        return try Program(
            base: stage.base, token: issued.text(at: "/token"), client: stage.client)
    }

    // MARK: Attendance

    private enum Sign: String {
        case join, heartbeat, leave
    }

    private func observation(_ sign: Sign) -> JSON {
        ["observation": JSON(Self.newObservationID()), "kind": JSON(sign.rawValue)]
    }

    private static func newObservationID() -> String {
        var random = SystemRandomNumberGenerator()
        return ObservationID(at: Instant(microseconds: 0), using: &random).description
    }

    /// At a time of the day of the visit, `program` says that it is there; returns the instant
    /// that the market has written down.
    @discardableResult
    private func observe(
        _ sign: Sign, _ program: Program, _ instant: Instant
    ) async throws -> Instant {
        try await stage.clock.set(to: instant)
        return try await program.observe(observation(sign)).instant(at: "/at")
    }

    /// Returns the whole seconds between the later joining and the earlier leaving.
    private func attend(_ nurse: Program, _ psychiatrist: Program) async throws -> Int64 {
        let day = "2026-10-27"
        try await observe(.join, nurse, at(day, "10:27"))
        for minute in 28...30 {
            try await observe(.heartbeat, nurse, at(day, "10:\(minute)"))
        }
        let begin = try await observe(.join, psychiatrist, at(day, "10:30"))
        // Half a second more than whole ones, here and at the end, so that the moments between a
        // movement of the clock and what is then observed never make another second.
        let (down, back) = try (at(day, "10:41"), afterHalf(at(day, "10:42").adding(seconds: 50)))
        for minute in 1...37 {
            let now = try at(day, "10:30").adding(seconds: Int64(minute) * 60)
            if now <= down || now > back { try await observe(.heartbeat, nurse, now) }
            try await observe(.heartbeat, psychiatrist, now)
            if now < back, now > down { try await observe(.join, nurse, back) }
        }
        let leaving = try afterHalf(at(day, "11:07").adding(seconds: 20))
        let end = try await observe(.leave, psychiatrist, leaving)
        try await observe(.leave, nurse, at(day, "11:07").adding(seconds: 40))
        return try end.seconds(since: begin)
    }

    private func afterHalf(_ instant: Instant) -> Instant {
        Instant(microseconds: instant.microseconds + Instant.microsecondsPerSecond / 2)
    }

    private func tell(_ visit: JSON) throws {
        let sides = [
            ("Example Health Centre", "/attendance/buyer"),
            ("Example Hospital", "/attendance/seller"), ("both together", "/billable/intervals"),
        ]
        teller.table(
            Table(
                columns: [.left("there"), .left("on Tue 27 Oct 2026, Helsinki")],
                rows: try sides.map { name, pointer in
                    let spans = try visit.list(at: pointer).map { span in
                        try "\(wall.seconds(span.instant(at: "/from"))) – "
                            + wall.seconds(span.instant(at: "/until"))
                    }
                    return [name, spans.joined(separator: ",  ")]
                }))
    }

    // MARK: Attestation

    private func attest(_ booking: String, _ seconds: Int64) async throws -> String {
        let path = "/v1/bookings/\(booking)/attestations"
        let word: JSON = ["verdict": "attested", "billable_seconds": JSON(seconds)]
        let first = try await cast.hospital.scheduling.post(path, word)
        try expect("after one side's word", first.text(at: "/state"), is: "awaiting")
        let second = try await cast.healthCentre.scheduling.post(path, word)
        try expect("after both sides' word", second.text(at: "/state"), is: "agreed")
        let closed = try await cast.healthCentre.scheduling.get("/v1/bookings/\(booking)")
        try expect("the booking's state", closed.text(at: "/state"), is: "closed")
        teller.say("Both sides attest these minutes, one after the other: agreed.")
        return try second.text(at: "/charge")
    }
}

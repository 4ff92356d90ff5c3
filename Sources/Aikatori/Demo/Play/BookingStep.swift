import MoneyAndTime
import StrictJSON

extension Scene {
    /// A visit that is booked for the health centre, and returned; one that is cancelled late;
    /// and two who do not get it.
    func bookVisit(
        under contracts: SignedContracts, with specialists: Specialists
    ) async throws -> String {
        teller.heading("3. Search, booking, and what is refused")
        let found = try await search(by: cast.healthCentre, priced: "162.00")
        teller.say(
            "Example Health Centre looks for 45 minutes of psychiatry in Swedish; each result has "
                + "the price of its contract (45 × 3.60):")
        teller.table(
            Table(
                columns: [.left("start"), .left("specialist"), .right("EUR")],
                rows: try found.prefix(5).map { time in
                    try [
                        wall.words(time.instant(at: "/starts")),
                        time.text(at: "/specialist_label"), time.text(at: "/price"),
                    ]
                }))
        let clinics = try await search(by: cast.clinic, priced: "175.50")
        try expect("the clinic's results", clinics.count, is: found.count)
        teller.say(
            "The same \(found.count) times are shown to Example Island Clinic at its own price, "
                + "175.50 (45 × 3.90).")
        let nothing = try await search(by: cast.careHome, priced: "")
        try expect("what is found without a contract", nothing.count, is: 0)
        teller.say("Example Care Home has no contract: it finds nothing (0 results).")

        let starts = try at("2026-10-27", "10:00")
        let booking = try await hold(starts, contracts, specialists)
        try await refuseSecondBuyer(starts, contracts, specialists)
        try await confirm(booking)
        try await cancelAnother(contracts, specialists)
        return booking
    }

    private func search(by buyer: Player, priced price: String) async throws -> [JSON] {
        let found = try await buyer.scheduling.get(
            "/v1/times",
            [
                "from": at("2026-10-27", "00:00").rfc3339,
                "until": at("2026-10-30", "00:00").rfc3339, "minutes": "45",
                "specialty": "70", "language": "sv", "limit": "50",
            ]
        ).list(at: "/items")
        for time in found {
            try expect("the price for \(buyer.name)", time.text(at: "/price"), is: price)
        }
        return found
    }

    private func visit(
        under contract: String, _ specialists: Specialists, at starts: Instant, hold: Bool,
        reference: String
    ) -> JSON {
        [
            "contract": JSON(contract), "service": "psychiatrist-visit",
            "specialist": JSON(specialists.first), "starts": JSON(starts.rfc3339),
            "minutes": 45, "hold": JSON(hold), "patient_reference": JSON(reference),
        ]
    }

    private func hold(
        _ starts: Instant, _ contracts: SignedContracts, _ specialists: Specialists
    ) async throws -> String {
        let held = try await cast.healthCentre.scheduling.post(
            "/v1/bookings",
            visit(
                under: contracts.contract, specialists, at: starts, hold: true,
                reference: "HC-0815"))
        try expect("the booking's state", held.text(at: "/state"), is: "held")
        try expect("the booking's price", held.text(at: "/quote"), is: "162.00")
        let expires = try held.instant(at: "/hold_expires_at")
        teller.emptyLine()
        teller.say(
            "Example Health Centre holds \(wall.words(starts)) for its patient HC-0815, a "
                + "reference of its own; until \(wall.timeOfDay(of: expires)) the time is kept "
                + "for it.")
        return try held.text(at: "/id")
    }

    private func refuseSecondBuyer(
        _ starts: Instant, _ contracts: SignedContracts, _ specialists: Specialists
    ) async throws {
        teller.say("Example Island Clinic, which has a contract too, wants the same time:")
        teller.refusal(
            try await cast.clinic.scheduling.refused(
                409, "taken",
                posting: visit(
                    under: contracts.clinicsContract, specialists, at: starts, hold: false,
                    reference: "C-42"), to: "/v1/bookings"))
    }

    private func confirm(_ booking: String) async throws {
        let confirmed = try await cast.healthCentre.scheduling.post(
            "/v1/bookings/\(booking)/confirm")
        try expect("the booking's state", confirmed.text(at: "/state"), is: "booked")
        let seen = try await cast.hospital.scheduling.get("/v1/bookings/\(booking)")
        try expect("what the hospital sees", seen.text(at: "/state"), is: "booked")
        try expect("the patient for the hospital", seen.at("/patient_reference"), is: .null)
        teller.say(
            "Example Health Centre confirms: booked. The hospital sees the visit, and not the "
                + "patient's reference.")
    }

    /// The cost is shown before, in time and too late; nothing is cancelled at another cost than
    /// the one that was seen.
    private func cancelAnother(
        _ contracts: SignedContracts, _ specialists: Specialists
    ) async throws {
        let starts = try at("2026-10-20", "10:00")
        let scheduling = cast.healthCentre.scheduling
        let booked = try await scheduling.post(
            "/v1/bookings",
            visit(
                under: contracts.contract, specialists, at: starts, hold: false,
                reference: "HC-0816"))
        let path = try "/v1/bookings/\(booked.text(at: "/id"))"
        let early = try await scheduling.get("\(path)/cancellation-cost")
        try expect("the cost in time", early.text(at: "/fee"), is: "0.00")
        let limit = try early.instant(at: "/free_until")
        try expect("the last free moment", limit, is: at("2026-10-19", "10:00"))
        teller.emptyLine()
        teller.say(
            "It also books \(wall.words(starts)), to cancel it. Now, 25 hours ahead, that would "
                + "cost 0.00 EUR; free until \(wall.words(limit)).")
        try await clock(shows: "2026-10-19", "11:00")
        let late = try await scheduling.get("\(path)/cancellation-cost")
        try expect("the cost 23 hours ahead", late.text(at: "/fee"), is: "81.00")
        teller.say("Now, 23 hours ahead, it would cost 81.00 EUR:")
        teller.quote(try late.list(at: "/trace/steps").map { try $0.text(at: "/words") })
        teller.say("A program that still thinks it is free:")
        let refusal = try await scheduling.refused(
            409, "cancellation_cost_differs", posting: ["expected_fee": "0.00"],
            to: "\(path)/cancel")
        try expect("the fee named", refusal.problem.text(at: "/figures/fee"), is: "81.00")
        teller.refusal(refusal)
        let cancelled = try await scheduling.post(
            "\(path)/cancel", ["expected_fee": "81.00", "reason": "The patient has moved away"])
        try expect("the state", cancelled.text(at: "/state"), is: "cancelled")
        try expect("the fee", cancelled.text(at: "/cancellation_fee"), is: "81.00")
        let free = try await scheduling.get(
            "/v1/times",
            [
                "from": starts.rfc3339, "until": starts.adding(seconds: 60).rfc3339,
                "minutes": "45", "specialist": specialists.first,
            ]
        ).list(at: "/items")
        try expect("how often the time is found again", free.count, is: 1)
        teller.say(
            "Knowing the cost, it cancels: 81.00 EUR are charged, and the time is free again.")
    }
}

import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Invariants 4, 8 and 33: on which contract, and which version of it, a booking stands.
@Suite struct ContractTimeTests {
    private func life(_ test: TestMarket) async throws -> LifeOfAVisit {
        try await LifeOfAVisit(
            under: test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
    }

    /// The price of a booking stays that of the version that ruled when it was made.
    @Test func theVersionIsFrozen() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let early = try await life.made("2027-04-15")
            let example = try JSON.parse(
                ContractFiles.read("v1/examples/valid/psychiatrist-remote-visit.json"))
            var service = example["services"]?[0]?.members ?? [:]
            service["price_per_minute"] = "5.00"
            try await life.contract.amended(
                from: CalendarDate(iso: "2027-04-01"),
                changed: ["services": .array([.object(service)])])
            let dearer = try await life.made("2027-04-16")
            let asBefore = try await life.made("2027-03-31")
            var found: [BookingID: [Int64]] = [:]
            for row in try await test.owner.read(["select id, version, quote from booking"]) {
                found[try row["id", BookingID.self]] = [
                    try row["version", Int64.self], try row["quote", Int64.self],
                ]
            }
            #expect(
                found == [early: [1, 10_800], dearer: [2, 15_000], asBefore: [1, 10_800]])
        }
    }

    /// The first version rules through 2027 by the clock of Helsinki.
    @Test func signedVersionsNeverOverlap() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            for (from, to, overlaps) in [
                ("2027-01-31T22:00:00Z", "2027-03-31T21:00:00Z", true),
                ("2027-12-31T21:59:59Z", "2028-12-31T22:00:00Z", true),
                ("2026-01-01T00:00:00Z", "2030-01-01T00:00:00Z", true),
                ("2027-12-31T22:00:00Z", "2028-12-31T22:00:00Z", false),
                ("2025-12-31T22:00:00Z", "2026-12-31T22:00:00Z", false),
            ] {
                let slot = try TimeSlot(start: Instant(rfc3339: from), end: Instant(rfc3339: to))
                let drafts: [(Int64, String?)] = [(2, nil), (3, "2026-02-01")]
                for (number, signedAt) in drafts {
                    let code = await test.owner.pool.refusal { transaction in
                        try await transaction.query(
                            Self.version(number, in: slot, signedAt: signedAt))
                    }
                    #expect(code == (signedAt != nil && overlaps ? "23P01" : nil), "\(from)")
                }
                // the rule in Swift says the same
                let first = try contract.terms.validitySlot()
                let spans = [first, slot].enumerated().map { index, span in
                    ContractVersionSpan(number: index + 1, span: span, signedAt: first.start)
                }
                #expect(overlaps == ((try? ContractVersions.requireNoOverlap(spans)) == nil))
            }
        }
    }

    /// A copy of the first version for another time.
    private static func version(_ number: Int64, in slot: TimeSlot, signedAt: String?) -> Query {
        """
        insert into contract_version
        select (jsonb_populate_record(v, jsonb_build_object(
            'number', \(number), 'effective', tstzrange(\(slot.start), \(slot.end)),
            'signed_at', \(signedAt)::text))).*
        from contract_version v where number = 1
        """
    }

    /// Suspending waits for a booking that is under way, and a booking for a suspension.
    @Test func oneThatIsSuspendedStopsTheNextBooking() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let contract = life.contract
            let calls = try ["10:00", "11:00", "12:00"].map {
                try contract.call(life.specialist, at: life.instant("2027-03-08", $0))
            }
            let suspending = try await test.app.pool.transaction { transaction in
                let row = try await transaction.query(BookingCall.book([calls[0]])).only()
                #expect(try BookingCall.Outcome(row: row).code == nil)
                let suspending = Task {
                    try await test.market.suspendContract(
                        contract.buyer.admin.request("suspendContract"), contract.id,
                        reason: "Test")
                }
                try await test.someoneToWait()
                return suspending
            }
            #expect(try await suspending.value.body["state"] == "suspended")
            #expect(try await test.app.book(calls[1]).code == "contract_suspended")
            let kept = try await test.owner.read(["select from booking where state = 'booked'"])
            #expect(kept.count == 1)

            // the other way round, with a counter that is there already
            let next = try await test.signedContract(
                seller: contract.seller, buyer: contract.buyer)
            let (first, call) = (
                try next.call(life.specialist, at: life.instant("2027-03-08", "14:00")),
                try next.call(life.specialist, at: life.instant("2027-03-08", "13:00"))
            )
            #expect(try await test.app.book(first).code == nil)
            let booking = try await test.app.pool.transaction { transaction in
                try await transaction.each([
                    contract.seller.admin.entering("suspendContract"),
                    StoredContract.lock(next.id),
                    StoredContract.suspend(
                        next.id, by: contract.seller.id,
                        at: Instant(rfc3339: "2027-02-26T09:00:00Z"), reason: "Test"),
                ])
                let booking = Task { try await test.app.book(call).code }
                try await test.someoneToWait()
                return booking
            }
            #expect(try await booking.value == "contract_suspended")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// Nobody books under a contract of others, nor for another side of an own one.
    @Test func betweenItsTwoPartiesOnly() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            let stranger = try await test.addOrganisation("Stranger")
            let starts = try life.instant("2027-03-08")
            for caller in [stranger.scheduler, life.contract.seller.scheduler] {
                let call = life.contract.call(life.specialist, at: starts, by: caller)
                #expect(try await test.app.book(call).code == "not_found")
            }
            // with a contract of its own, for a specialist that its seller does not have
            let own = try await test.signedContract(
                seller: stranger, buyer: life.contract.buyer)
            let call = own.call(life.specialist, at: starts)
            #expect(try await test.app.book(call).code == "specialist_not_offered")
            let gone = life.contract.call(newID(), at: starts)
            #expect(try await test.app.book(gone).code == "specialist_not_offered")
            try await test.owner.write(["update specialist set active = false"])
            let inactive = life.contract.call(life.specialist, at: starts)
            #expect(try await test.app.book(inactive).code == "specialist_not_offered")
        }
    }

    /// A licence counts through its last day, by the clock of the contract.
    @Test func theLicenceCoversTheDay() async throws {
        try await TestMarket.withMarket { test in
            let life = try await life(test)
            try await test.owner.write(["update licence set valid = '[2027-03-09, 2027-03-11)'"])
            for (day, expected) in [
                ("2027-03-08", "licence_expired"), ("2027-03-09", nil), ("2027-03-10", nil),
                ("2027-03-11", "licence_expired"),
            ] {
                let call = try life.contract.call(life.specialist, at: life.instant(day))
                #expect(try await test.app.book(call).code == expected, "\(day)")
            }
        }
    }
}

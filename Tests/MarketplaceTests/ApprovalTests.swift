import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// Time that a manager approves before it is on sale.
@Suite struct ApprovalTests {
    private func required(
        _ hours: ChangeAvailabilityTests.Hours, _ required: Bool = true, revision: Int64 = 0
    ) async throws {
        _ = try await hours.test.market.updateAvailabilityApproval(
            hours.seller.admin.request("updateAvailabilityApproval"), revision: revision,
            required: required)
    }

    private func propose(
        _ hours: ChangeAvailabilityTests.Hours, key: String = "saturdays"
    ) async throws -> AvailabilityRuleID {
        let saturdays = try hours.change(
            from: "2027-03-01", "09:00", "12:00", days: [.saturday])
        let made = try await hours.test.market.publishAvailability(
            hours.seller.scheduler.request("publishAvailability", key: key), saturdays.offered
        ).body
        #expect(made["approval"]?["state"]?.text == "proposed")
        #expect(made["windows"]?.integer == 0)
        return try AvailabilityRuleID(typeID: made["id"]?.text ?? "")
    }

    @Test func nothingIsFoundBeforeTheYes() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            try await required(hours)
            let id = try await propose(hours)
            #expect(try await hours.found("2027-03-06").isEmpty)
            let admin = hours.seller.admin
            let listed =
                try await test.market.listProposedAvailability(
                    admin.request("listProposedAvailability"), state: .proposed,
                    page: Page(after: nil, limit: 10)
                ).body["items"]?.elements ?? []
            #expect(listed.map { $0["id"]?.text } == [id.description])
            #expect(listed.first?["approval"]?["proposed_by"]?.text != nil)
            let approved = try await test.market.approveAvailability(
                admin.request("approveAvailability"), id
            ).body
            #expect(approved["approval"]?["state"]?.text == "approved")
            #expect(try await !hours.found("2027-03-06").isEmpty)
            #expect(
                await refusal {
                    _ = try await test.market.approveAvailability(
                        admin.request("approveAvailability", key: "again"), id)
                } == .availabilityDecided)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func whatIsDeclinedNeverComes() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            try await required(hours)
            let id = try await propose(hours)
            let declined = try await test.market.declineAvailability(
                hours.seller.admin.request("declineAvailability"), id, reason: "Nobody is there."
            ).body
            #expect(declined["approval"]?["reason"]?.text == "Nobody is there.")
            #expect(try await hours.found("2027-03-06").isEmpty)
            // what was taken back before anyone decided is nothing to decide on
            let other = try await propose(hours, key: "other")
            _ = try await test.market.withdrawAvailability(
                hours.seller.scheduler.request("withdrawAvailability"), other)
            #expect(
                await refusal {
                    _ = try await test.market.approveAvailability(
                        hours.seller.admin.request("approveAvailability"), other)
                } == .availabilityWithdrawn)
        }
    }

    /// A change waits, too: until the yes the old hours are on sale, and after it the new ones.
    @Test func aChangeWaits() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            try await required(hours)
            let before = try await hours.found("2027-03-08")
            let change = try hours.change(from: "2027-03-08")
            let digest = try await hours.preview(change)["digest"]?.text ?? ""
            let made = try await hours.make(change, digest)
            #expect(made["approval"]?["replaces"]?.text == hours.id.description)
            #expect(try await hours.found("2027-03-08") == before)
            // booked while it waits, and kept
            let booking = try await hours.life.booked("2027-03-08", at: "10:00")
            _ = try await test.market.approveAvailability(
                hours.seller.admin.request("approveAvailability"),
                AvailabilityRuleID(typeID: made["id"]?.text ?? ""))
            #expect(try await hours.found("2027-03-08").first == "11:00")
            let sheet = try await test.market.booking(
                hours.seller.scheduler.request("getBooking"), booking
            ).body
            #expect(sheet["state"]?.text == "booked")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// The database holds it too: no window without a yes, no yes to one's own, no second word.
    @Test func theDatabaseHoldsIt() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            try await required(hours)
            let id = try await propose(hours)
            func refused(_ query: Query) async -> String? {
                do {
                    _ = try await test.owner.read([query])
                    return nil
                } catch {
                    return "\(error)"
                }
            }
            let window = await refused(
                """
                insert into availability_window (id, rule, organisation, specialist, during,
                    grid_minutes, shortest_minutes, longest_minutes, buffer_before_minutes,
                    buffer_after_minutes)
                select gen_random_uuid(), id, organisation, specialist,
                    tstzrange('2027-03-06 07:00Z', '2027-03-06 10:00Z'), 15, 10, 90, 0, 5
                from availability_rule where id = \(id) returning id
                """)
            #expect(window?.contains("approval_missing") == true, "\(window ?? "nothing")")
            let own = await refused(
                """
                update availability_rule set approval = 'approved', decided_at = now(),
                    decided_credential = proposed_credential
                where id = \(id) returning id
                """)
            #expect(own?.contains("own_proposal") == true, "\(own ?? "nothing")")
            let unasked = await refused(
                """
                insert into availability_rule (id, organisation, specialist, time_zone, weekdays,
                    from_minute, to_minute, starts_on, grid_minutes, shortest_minutes,
                    longest_minutes, buffer_before_minutes, buffer_after_minutes, expanded_until)
                select gen_random_uuid(), organisation, specialist, time_zone, weekdays,
                    from_minute, to_minute, starts_on, grid_minutes, shortest_minutes,
                    longest_minutes, buffer_before_minutes, buffer_after_minutes, expanded_until
                from availability_rule where id = \(id) returning id
                """)
            #expect(unasked?.contains("approval_missing") == true, "\(unasked ?? "nothing")")
        }
    }
}

import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// What a waiting entry asks for, and how many one may have.
@Suite struct WaitingWishTests {
    /// What is freed at ten is for the second: the first asks for a language that nobody speaks.
    @Test func onlyWhatIsWantedIsOffered() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await WaitingListTests.Queue(test)
            let (first, second) = (queue.lives[0], queue.lives[1])
            let english = try await queue.joins(second, language: "en")
            let late = try await queue.joins(
                second, hours: .init(from: TimeOfDay("10:30"), until: TimeOfDay("12:00")))
            let early = try await queue.joins(
                second, hours: .init(from: TimeOfDay("10:00"), until: TimeOfDay("10:45")))
            try await queue.cancels(first, queue.taken)
            try await queue.works()
            _ = try await queue.offered(early, to: second)
            for entry in [english, late] {
                #expect(try await queue.seen(entry, by: second)["state"] == "waiting")
            }
            let shown = try await queue.seen(late, by: second)
            #expect(shown["hours_from"] == "10:30" && shown["hours_until"] == "12:00")
            #expect(try await queue.seen(english, by: second)["language"] == "en")
            #expect(try await queue.seen(english, by: second)["weekdays"] == .null)
        }
    }

    @Test func onePatientWaitsOnceForAService() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await WaitingListTests.Queue(test)
            let second = queue.lives[1]
            let entry = try await queue.joins(second, patient: "HC-1")
            let twice = await refusal { _ = try await queue.joins(second, patient: "HC-1") }
            #expect(twice == .alreadyWaiting)
            _ = try await test.market.leaveWaitingList(
                second.contract.buyer.scheduler.request("leaveWaitingList"), entry)
            _ = try await queue.joins(second, patient: "HC-1")
        }
    }

    /// Only those who want the same day, and the same specialist or any, are ahead.
    @Test func whoWantsOtherTimeIsNotAhead() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await WaitingListTests.Queue(test)
            let (first, second) = (queue.lives[0], queue.lives[1])
            let other = try await queue.joins(first)
            let later = try await test.market.joinWaitingList(
                second.contract.buyer.scheduler.request("joinWaitingList"),
                .init(
                    contract: second.contract.id, service: "psychiatrist-visit", specialist: nil,
                    minutes: 45,
                    wanted: TimeSlot(
                        start: Instant(rfc3339: "2027-08-02T06:00:00Z"),
                        end: Instant(rfc3339: "2027-08-02T12:00:00Z"))))
            #expect(later.body["ahead"] == 0)
            let same = try await queue.joins(second)
            #expect(try await queue.seen(same, by: second)["ahead"] == 1)
            #expect(try await queue.seen(other, by: first)["ahead"] == 0)
        }
    }

    @Test func oneBuyerDoesNotFillTheList() async throws {
        try await TestMarket.withMarket { test in
            let queue = try await WaitingListTests.Queue(test)
            let (first, second) = (queue.lives[0], queue.lives[1])
            _ = try await queue.joins(second)
            try await test.superuser.pool.transaction { transaction in
                try await transaction.query("set local session_replication_role = replica")
                try await transaction.query(
                    """
                    insert into waiting_entry
                    select (jsonb_populate_record(w, jsonb_build_object('id', uuid_v7(),
                        'patient_reference', 'HC-' || n))).*
                    from waiting_entry w, generate_series(2, 200) n
                    """)
            }
            let more = await refusal { _ = try await queue.joins(second) }
            #expect(more == .tooManyWaiting)
            _ = try await queue.joins(first)
        }
    }
}

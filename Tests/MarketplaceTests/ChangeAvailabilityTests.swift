import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON
import TestMarket
import Testing

/// Other hours from a day on: what is booked stays, and the preview says what happens to it.
@Suite struct ChangeAvailabilityTests {
    /// Working days from nine to three; it is the first of March 2027.
    struct Hours {
        let life: LifeOfAVisit
        let id: AvailabilityRuleID

        var test: TestMarket { life.test }
        var seller: TestOrganisation { life.contract.seller }

        init(_ test: TestMarket) async throws {
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            life = try await LifeOfAVisit(under: contract)
            let listed = try await test.market.listAvailability(
                contract.seller.scheduler.request("listAvailability"),
                specialist: life.specialist, page: Page(after: nil, limit: 1))
            id = try AvailabilityRuleID(
                typeID: listed.body["items"]?.elements?.first?["id"]?.text ?? "")
        }

        func change(
            from day: String, _ from: String = "11:00", _ to: String = "17:00",
            days: Set<Weekday> = [.monday, .tuesday, .wednesday, .thursday, .friday]
        ) throws -> Market.ChangedTime {
            let first = try CalendarDate(iso: day)
            return try .init(
                from: first,
                offered: .init(
                    specialist: life.specialist,
                    pattern: .weekly(WeeklyPattern(days: days, startsOn: first)),
                    from: TimeOfDay(from), to: TimeOfDay(to),
                    terms: OfferTerms(
                        grid: .fifteen, shortestMinutes: 10, longestMinutes: 90,
                        bufferAfterMinutes: 5)))
        }

        func preview(_ change: Market.ChangedTime) async throws -> JSON {
            try await test.market.previewAvailabilityChange(
                seller.scheduler.request("previewAvailabilityChange"), id, change
            ).body
        }

        func make(
            _ change: Market.ChangedTime, _ digest: String, key: String = "change"
        ) async throws -> JSON {
            try await test.market.changeAvailability(
                seller.scheduler.request("changeAvailability", key: key), id, change,
                digest: digest
            ).body
        }

        /// The local times from which the buyer finds the shortest visit on a day.
        func found(_ day: String) async throws -> [String] {
            let service = life.contract.terms.rateCard.services[0]
            let midnight = try life.contract.clock.instant(
                CalendarDate(iso: day), TimeOfDay("00:00"))
            var wish = FoundTime.Wish(
                from: midnight, until: try midnight.adding(seconds: 86_400),
                minutes: service.plannedLengths.minimum)
            wish.specialist = life.specialist
            let times =
                try await test.market.findTimes(
                    life.contract.buyer.scheduler.request("findTimes"), wish: wish,
                    page: Page(after: nil, limit: 200)
                ).body["items"]?.elements ?? []
            return try times.map {
                let starts = try Instant(rfc3339: $0["starts"]?.text ?? "")
                return life.contract.clock.timeOfDay(of: starts).description
            }
        }
    }

    @Test func bookedTimeStaysAndIsTold() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await Hours(test)
            let before = try await hours.life.booked("2027-03-05", at: "10:00")
            let outside = try await hours.life.booked("2027-03-08", at: "10:00")
            let inside = try await hours.life.booked("2027-03-09", at: "12:00")
            let change = try hours.change(from: "2027-03-08")
            let preview = try await hours.preview(change)
            let kept = (preview["kept"]?.elements ?? []).map {
                "\($0["booking"]?["id"]?.text ?? "") \($0["place"]?.text ?? "")"
            }
            #expect(kept == ["\(outside) outside", "\(inside) inside"])
            #expect(preview["outside_bookings"]?.integer == 1)
            #expect(preview["removed"]?["windows"] == preview["added"]?["windows"])
            #expect(preview["same_windows"]?.integer == 0)
            let early = try await hours.found("2027-03-05").count
            let made = try await hours.make(change, preview["digest"]?.text ?? "")
            #expect(made["revision"]?.integer == 1)
            let old = try await test.market.availability(
                hours.seller.scheduler.request("getAvailability"), hours.id
            ).body
            #expect(old["replaced_by"] == made["id"])
            #expect(old["replaced_from"]?.text == "2027-03-08")
            #expect(old["last_date"]?.text == "2027-03-07")
            #expect(old["withdrawn_at"] == .null)
            for booking in [before, outside, inside] {
                let sheet = try await test.market.booking(
                    hours.seller.scheduler.request("getBooking"), booking
                ).body
                #expect(sheet["state"]?.text == "booked")
            }
            // the days before are as they were; from the eighth on the new hours are for sale
            #expect(try await hours.found("2027-03-05").count == early)
            let monday = try await hours.found("2027-03-08")
            #expect(monday.first?.contains("11:00") == true, "\(monday)")
            let tuesday = try await hours.found("2027-03-09")
            #expect(!tuesday.contains { $0.contains("12:00") }, "\(tuesday)")
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func whatChangedMeanwhileIsRefused() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await Hours(test)
            let change = try hours.change(from: "2027-03-08")
            let digest = try await hours.preview(change)["digest"]?.text ?? ""
            _ = try await hours.life.booked("2027-03-08", at: "10:00")
            #expect(
                await refusal { _ = try await hours.make(change, digest) } == .availabilityChanged)
            let again = try await hours.preview(change)["digest"]?.text ?? ""
            // another day than that of the preview
            let other = try hours.change(from: "2027-03-09")
            #expect(
                await refusal { _ = try await hours.make(other, again, key: "other") }
                    == .availabilityChanged)
            _ = try await hours.make(change, again, key: "again")
            #expect(
                await refusal { _ = try await hours.preview(change) } == .availabilityReplaced)
        }
    }

    /// One who would overlap other time of the specialist's changes nothing at all.
    @Test func allOrNothing() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await Hours(test)
            let evening = try hours.change(from: "2027-03-08", "16:00", "18:00").offered
            _ = try await test.market.publishAvailability(
                hours.seller.scheduler.request("publishAvailability", key: "evening"), evening)
            let change = try hours.change(from: "2027-03-08")
            let digest = try await hours.preview(change)["digest"]?.text ?? ""
            let windows: Query = "select from availability_window where open"
            let replaced: Query = "select from availability_rule where replaced_by is not null"
            let open = try await test.owner.read([windows]).count
            #expect(
                await refusal { _ = try await hours.make(change, digest) }
                    == .availabilityOverlaps)
            #expect(try await test.owner.read([windows]).count == open)
            #expect(try await test.owner.read([replaced]).isEmpty)
            // what begins before the day of the change is none
            let input = try hours.change(from: "2027-03-10").offered
            await #expect(throws: InvalidInput.self) {
                _ = try await hours.preview(
                    .init(from: CalendarDate(iso: "2027-03-11"), offered: input))
            }
        }
    }

    /// A change from today on leaves nothing of the old pattern: it is withdrawn.
    @Test func fromTodayOn() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await Hours(test)
            try await test.clock.set(to: Instant(rfc3339: "2027-03-08T10:00:00Z"))
            let change = try hours.change(from: "2027-03-08", "13:00", "17:00")
            let digest = try await hours.preview(change)["digest"]?.text ?? ""
            _ = try await hours.make(change, digest)
            let old = try await test.market.availability(
                hours.seller.scheduler.request("getAvailability"), hours.id
            ).body
            #expect(old["withdrawn_at"]?.text != nil)
            #expect(old["windows"]?.integer == 0)
            #expect(
                await refusal { _ = try await hours.preview(change) } == .availabilityWithdrawn)
        }
    }
}

/// Hours kept by a name, and what is published from them.
@Suite struct AvailabilityTemplateTests {
    private func template(_ name: String) throws -> AvailabilityTemplate {
        try AvailabilityTemplate(
            name: name, days: [.saturday], from: TimeOfDay("09:00"), to: TimeOfDay("12:00"),
            pauses: [.init(from: TimeOfDay("10:00"), to: TimeOfDay("10:15"))],
            terms: OfferTerms(
                grid: .thirty, shortestMinutes: 30, longestMinutes: 60, bufferAfterMinutes: 10))
    }

    @Test func publishedFromAndCopied() async throws {
        try await TestMarket.withMarket { test in
            let hours = try await ChangeAvailabilityTests.Hours(test)
            let scheduler = hours.seller.scheduler
            let kept = try await test.market.addAvailabilityTemplate(
                scheduler.request("addAvailabilityTemplate"), template("Mornings")
            ).body
            let id = try AvailabilityTemplateID(typeID: kept["id"]?.text ?? "")
            #expect(
                await refusal {
                    _ = try await test.market.addAvailabilityTemplate(
                        scheduler.request("addAvailabilityTemplate", key: "2"),
                        template("Mornings"))
                } == .nameTaken)
            let made = try await test.market.publishFromTemplate(
                scheduler.request("publishFromTemplate"), id, for: hours.life.specialist,
                startsOn: CalendarDate(iso: "2027-03-01"), until: CalendarDate(iso: "2027-03-31")
            ).body
            // four Saturdays, each in two parts
            #expect(made["windows"]?.integer == 8)
            for key in ["pauses", "grid_minutes", "shortest_minutes", "buffer_after_minutes"] {
                #expect(made[key] == kept[key], "\(key)")
            }
            let other = try await test.addSpecialist(to: hours.seller, label: "Specialist 2")
            let copied = try await test.market.copyAvailability(
                scheduler.request("copyAvailability"),
                AvailabilityRuleID(typeID: made["id"]?.text ?? ""), for: other
            ).body
            #expect(copied["specialist"]?.text == other.description)
            for key in ["pattern", "from", "to", "pauses", "windows", "longest_minutes"] {
                #expect(copied[key] == made[key], "\(key)")
            }
            _ = try await test.market.removeAvailabilityTemplate(
                scheduler.request("removeAvailabilityTemplate"), id)
            #expect(
                await refusal {
                    _ = try await test.market.removeAvailabilityTemplate(
                        scheduler.request("removeAvailabilityTemplate", key: "2"), id)
                } == .notFound)
            // what is over cannot be copied
            try await test.clock.set(to: Instant(rfc3339: "2027-04-02T06:00:00Z"))
            await #expect(throws: InvalidInput.self) {
                _ = try await test.market.copyAvailability(
                    scheduler.request("copyAvailability", key: "2"),
                    AvailabilityRuleID(typeID: made["id"]?.text ?? ""), for: other)
            }
        }
    }
}

import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Time is given back while others put time of the same specialist on sale or take it off.
@Suite struct GivingBackTests {
    /// Whoever opens or closes windows has the start times to itself until it is through; a
    /// cancellation of that moment comes after it, and sees its windows.
    @Test func whatIsGivenBackWaitsForWhoTakesOffSale() async throws {
        try await TestMarket.withMarket { test in
            let life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"),
                    buyer: test.addOrganisation("Buyer")))
            let booking = try await life.booked("2027-03-08", at: "10:00")
            let cancelling = try await test.owner.pool.transaction { transaction in
                try await transaction.query(StoredWindow.own(life.specialist))
                let task = Task { try await Self.cancel(booking, of: life) }
                try await test.someoneToWait()
                let state = try await transaction.query(
                    "select state from booking where id = \(booking)"
                ).only().decode(0, as: String.self)
                #expect(state == "booked")
                return task
            }
            try await cancelling.value
            let state = try await test.owner.read([
                "select state from booking where id = \(booking)"
            ]).only().decode(0, as: String.self)
            #expect(state == "cancelled")
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    /// Two buyers have the same specialist: one gives time back while the other takes the time
    /// beside it, and neither shares a budget with the other.
    @Test func whatIsGivenBackSeesWhatIsTakenBesideIt() async throws {
        try await TestMarket.withMarket { test in
            let (first, second) = try await twoBuyers(test)
            let booking = try await second.booked("2027-03-08", at: "10:00")
            let call = try first.call(at: "09:15")
            let cancelling = try await test.app.pool.transaction { transaction in
                let row = try await transaction.query(BookingCall.book([call])).only()
                #expect(try BookingCall.Outcome(row: row).code == nil)
                let task = Task { try await Self.cancel(booking, of: second) }
                try await test.someoneToWait()
                return task
            }
            try await cancelling.value
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// The other way round: who takes time sees what is given back beside it.
    @Test func whatIsTakenSeesWhatIsGivenBackBesideIt() async throws {
        try await TestMarket.withMarket { test in
            let (first, second) = try await twoBuyers(test)
            let booking = try await second.booked("2027-03-08", at: "10:00")
            let call = try first.call(at: "10:45")
            let booked = try await test.app.pool.transaction { transaction in
                try await transaction.each([
                    second.contract.buyer.scheduler.entering("cancelBooking"),
                    BudgetCounter.lock(of: booking),
                    StoredBooking.cancel(
                        booking, by: second.contract.buyer.id, fee: .zero, reason: nil),
                    StoredBooking.freeReservation(of: booking),
                ])
                let task = Task { try await test.app.book(call).code }
                try await test.someoneToWait()
                return task
            }
            #expect(try await booked.value == nil)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// Two neighbours are given back at once.
    @Test func twoThatAreGivenBackJoin() async throws {
        try await TestMarket.withMarket { test in
            let (first, second) = try await twoBuyers(test)
            let bookings = try await (
                first.booked("2027-03-08", at: "10:00"), second.booked("2027-03-08", at: "10:45")
            )
            let cancelling = try await test.app.pool.transaction { transaction in
                try await transaction.each([
                    first.contract.buyer.scheduler.entering("cancelBooking"),
                    BudgetCounter.lock(of: bookings.0),
                    StoredBooking.cancel(
                        bookings.0, by: first.contract.buyer.id, fee: .zero, reason: nil),
                    StoredBooking.freeReservation(of: bookings.0),
                ])
                let task = Task { try await Self.cancel(bookings.1, of: second) }
                try await test.someoneToWait()
                return task
            }
            try await cancelling.value
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    private func twoBuyers(_ test: TestMarket) async throws -> (LifeOfAVisit, LifeOfAVisit) {
        let seller = try await test.addOrganisation("Seller")
        let first = try await LifeOfAVisit(
            under: test.signedContract(seller: seller, buyer: test.addOrganisation("Buyer")))
        let second = try await LifeOfAVisit(
            under: test.signedContract(seller: seller, buyer: test.addOrganisation("Other buyer")),
            sharing: first)
        return (first, second)
    }

    private static func cancel(_ booking: BookingID, of life: LifeOfAVisit) async throws {
        _ = try await life.test.market.cancelBooking(
            life.contract.buyer.scheduler.request("cancelBooking"), booking,
            expectedFee: Money(decimal: "0.00"), reason: nil)
    }
}

extension LifeOfAVisit {
    fileprivate func call(at time: String) throws -> BookingCall {
        try contract.call(
            specialist,
            at: contract.clock.instant(CalendarDate(iso: "2027-03-08"), TimeOfDay(time)))
    }
}

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

    private static func cancel(_ booking: BookingID, of life: LifeOfAVisit) async throws {
        _ = try await life.test.market.cancelBooking(
            life.contract.buyer.scheduler.request("cancelBooking"), booking,
            expectedFee: Money(decimal: "0.00"), reason: nil)
    }
}

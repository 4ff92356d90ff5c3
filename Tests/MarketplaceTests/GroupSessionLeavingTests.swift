import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// Who gives up a place late has its share, by whichever way; no place is over before all begin.
@Suite struct GroupSessionLeavingTests {
    /// What giving a place up costs now, which is paid.
    private func leave(
        _ gathering: Gathering, _ booking: BookingID, under contract: TestContract
    ) async throws -> String? {
        let scheduler = contract.buyer.scheduler
        let fee = try await gathering.test.market.cancellationCost(
            scheduler.request("getCancellationCost"), booking
        ).body["fee"]?.text
        _ = try await gathering.test.market.cancelBooking(
            scheduler.request("cancelBooking"), booking,
            expectedFee: Money(decimal: fee ?? ""), reason: nil)
        return fee
    }

    @Test func placesGivenUpOneByOneCostNoMoreThanTogether() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let contract = gathering.contract
            let session = try await gathering.opened()
            let ours = try await gathering.booked(3, in: session, under: contract)
            // half of the whole, 120.00, is to be paid now
            try await test.clock.set(to: gathering.instant("2027-03-09", "14:00"))
            for booking in ours {
                #expect(try await leave(gathering, booking, under: contract) == "20.00")
            }
            #expect(try await gathering.reserved(contract) == 0)
        }
    }

    @Test func aPlaceGivenUpAtAFeeKeepsItsShareAndOneThatCostNothingDoesNot() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let (first, second) = (gathering.contract, gathering.other)
            let session = try await gathering.opened()
            let ours = try await gathering.booked(3, in: session, under: first)
            let theirs = try await gathering.booked(1, in: session, under: second)
            #expect(try await leave(gathering, ours[0], under: first) == "0.00")
            try await test.clock.set(to: gathering.instant("2027-03-09", "14:00"))
            #expect(try await leave(gathering, ours[1], under: first) == "20.00")
            try await gathering.held(
                [(ours[2], first), (theirs[0], second)], from: gathering.instant("2027-03-11"),
                minutes: 60)
            try await test.clock.set(to: gathering.instant("2027-03-11", "16:00"))
            for (booking, contract) in [(ours[2], first), (theirs[0], second)] {
                let net = try Money(decimal: await gathering.charged(booking, under: contract))
                // a third of an hour, or of what a busy machine has left of it
                #expect((3_900...4_000).contains(net.minorUnits))
            }
        }
    }

    @Test func whoWithdrawsFromAnAgreedPlaceLeavesItAsAnyOther() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(
                test, changed: ["handshake": ["reply_within_minutes": 1_440, "declined": "free"]])
            let contract = gathering.contract
            let session = try await gathering.opened()
            let ours = try await gathering.booked(2, in: session, under: contract)
            try await test.clock.set(to: gathering.instant("2027-03-09", "14:00"))
            _ = try await test.market.sendHandshakeMessage(
                contract.buyer.scheduler.request("sendHandshakeMessage"), ours[0],
                .init(
                    kind: .withdraw, sequence: 1, cause: "Nobody comes", offer: nil, checks: nil))
            let left = try await test.market.booking(
                contract.buyer.scheduler.request("getBooking"), ours[0]
            ).body
            #expect(left["state"] == "cancelled" && left["cancellation_fee"] == "30.00")
        }
    }

    @Test func aPlaceIsNotAttestedBeforeAllBegin() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let contract = gathering.contract
            let session = try await gathering.opened()
            let ours = try await gathering.booked(1, in: session, under: contract)
            let start = try gathering.instant("2027-03-11")
            try await gathering.held(
                [(ours[0], contract)], from: start.adding(seconds: -840), minutes: 1)
            try await test.clock.set(to: start.adding(seconds: -60))
            let early = await refusal { _ = try await gathering.charged(ours[0], under: contract) }
            #expect(early == .visitNotOver)
            let closed = await #expect(throws: (any Error).self) {
                try await test.owner.write([
                    "update booking set state = 'closed' where id = \(ours[0])"
                ])
            }
            #expect("\(String(describing: closed))".contains("visit_not_over"))
        }
    }
}

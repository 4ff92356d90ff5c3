import Billing
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Invariants 20 and 24 of what is paid back, against one who writes to the tables directly.
@Suite struct RefundTableTests {
    /// 54.00 are paid, 10.00 of them credited, and 4.00 paid back.
    @Test func itIsTheSellersPostedAndWithinWhatIsOwed() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await SettlementTests.Trade(test)
            let (seller, buyer) = (trade.contract.seller, trade.contract.buyer)
            let paid = try await trade.payment(Money(decimal: "54.00"))
            let refusal = try await trade.refusal(
                trade.applied(paid, to: trade.invoices[0], Money(decimal: "54.00")))
            #expect(refusal == nil)
            _ = try await test.market.creditInvoice(
                seller.finance.request("creditInvoice"), trade.invoices[0],
                reason: "Another price.",
                parts: [.init(number: 1, net: Money(decimal: "10.00"))])
            let day: CalendarDate = try await test.owner.read([
                "select (market_now() at time zone 'Europe/Helsinki')::date"
            ]).only().decode(0)
            _ = try await test.market.refundInvoice(
                seller.finance.request("refundInvoice"), trade.invoices[0],
                amount: Money(decimal: "4.00"), paidOn: day)
            #expect(try await Verification.run(on: test.reader) == [])
            let replay = Replay(test: test, tables: ["refund"])
            let cases: [(String?, [String])] = [
                (nil, []),
                // 10.00 is owed back without it, and it is posted at 4.00
                ("above_remaining", ["update old_refund set amount = 1001"]),
                ("refund_not_posted", ["update old_refund set amount = 401"]),
                ("refund_not_posted", ["update old_refund set subject = 'another'"]),
                ("refund_of_another_invoice", ["update old_refund set paid_on = '2027-01-01'"]),
                ("23514", ["update old_refund set amount = 0"]),
            ]
            for (expected, changes) in cases {
                let code = await replay.refusal(changes, by: seller.id)
                #expect(code == expected, "\(changes)")
            }
            #expect(await replay.refusal([], by: buyer.id) == "not_your_side")
            let swapped = await replay.refusal(
                ["update old_refund set seller = buyer, buyer = seller"], by: buyer.id)
            #expect(swapped == "refund_of_another_invoice")
            for change: Query in ["update refund set amount = 2", "delete from refund"] {
                #expect(await refused { try await test.owner.write([change]) } == "append_only")
            }
            // and `verify` knows it
            try await test.withoutTriggers("update refund set amount = amount - 1")
            let words = try await Verification.run(on: test.reader).map(\.message)
            #expect(words.contains("not posted as it is paid back"))
        }
    }
}

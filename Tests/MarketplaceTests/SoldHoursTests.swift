import Billing
import Contracts
import Documents
import Marketplace
import MoneyAndTime
import StrictJSON
import TestMarket
import Testing

/// The month's visits as a table for whoever pays the specialists.
@Suite struct SoldHoursTests {
    private func table(_ life: LifeOfAVisit, _ month: String) async throws -> [[String: String]] {
        let file = try await life.test.market.soldHours(
            life.contract.seller.finance.request("getSoldHours"),
            of: StatementPeriod(key: month))
        #expect(file.fileName == "hours-\(month).csv")
        #expect(!String(decoding: file.bytes, as: UTF8.self).contains("PT-1"))
        let lines = try CSVTable(file.bytes, mostLines: 100).lines.map(\.cells)
        let head = try #require(lines.first)
        return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(head, $0)) }
    }

    @Test func plannedAttendedAndAttested() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            let toCancel = try await life.booked("2027-03-04", at: "09:00")
            let cost = try await test.market.cancellationCost(
                contract.buyer.scheduler.request("getCancellationCost"), toCancel)
            _ = try await test.market.cancelBooking(
                contract.buyer.scheduler.request("cancelBooking"), toCancel,
                expectedFee: Money(decimal: cost.body["fee"]?.text ?? ""), reason: nil)
            let later = try await life.booked("2027-03-31", at: "09:00")
            let april = try await life.booked("2027-04-01", at: "09:00")
            _ = try await life.held("2027-03-02", minutes: 25)
            let march = try await table(life, "2027-03")
            #expect(march.count == 2)
            let first = try #require(march.first)
            #expect(first["date"] == "2027-03-02" && first["from"] == "10:00")
            #expect(first["attended_minutes"] == first["attested_minutes"])
            let minutes = try #require(first["attested_minutes"])
            let measured = try await life.measured(
                BookingID(typeID: first["booking_id"] ?? ""))
            let hundredths = Int64(minutes.replacing(".", with: ""))
            #expect(measured > 0 && hundredths == measured * 100 / 60, "\(first)")
            #expect(first["buyer_id"] == contract.buyer.id.description)
            #expect(first["specialist_id"] == life.specialist.description)
            let last = try #require(march.last)
            #expect(last["booking_id"] == later.description && last["state"] == "booked")
            #expect(last["attended_minutes"] == "" && last["attested_minutes"] == "")
            let next = try await table(life, "2027-04")
            #expect(next.map { $0["booking_id"] } == [april.description])
            // the buyer sold nothing
            let bought = try await test.market.soldHours(
                contract.buyer.finance.request("getSoldHours"), of: StatementPeriod(key: "2027-03"))
            #expect(try CSVTable(bought.bytes, mostLines: 9).lines.count == 1)
        }
    }
}

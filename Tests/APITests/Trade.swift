import Billing
import Documents
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import TestServer

/// A world in which every operation finds something real: time that is held, booked and cancelled,
/// and what became of it in March, April, May and June of 2027.
struct Trade: Sendable {
    let world: World
    /// March: accepted, invoiced and paid.
    let paid: Month
    /// April: accepted, and to be invoiced.
    let accepted: Month
    /// May: stated, and to be accepted.
    let stated: Month
    /// June: its charge waits to be stated.
    let charge: String
    let invoice: String
    let bankFile: String
    /// Another file, which nobody has imported.
    let unreadFile: [UInt8]
    let heldToConfirm: String
    let heldToRelease: String
    let booked: String
    let bookedToCancel: String

    struct Month: Sendable {
        let statement: String
        let total: String
    }

    var server: TestServer { world.server }
    var client: TestClient { world.client }
    var seller: TestOrganisation { world.seller }
    var buyer: TestOrganisation { world.buyer }

    /// When all of it is there; the clock runs on from here.
    static let now = "2027-07-01T06:00:00Z"

    init(_ server: TestServer) async throws {
        let world = try await World(server)
        self.world = world
        for day in ["2027-03-08", "2027-04-05", "2027-05-03"] {
            _ = try await world.cancelledLate(day)
        }
        charge = try await world.cancelledLate("2027-06-07").text("charge")
        try await world.test.clock.set(to: Instant(rfc3339: Self.now))

        paid = try await world.statement(of: "2027-03")
        accepted = try await world.statement(of: "2027-04")
        stated = try await world.statement(of: "2027-05")
        for month in [paid, accepted] { try await world.accept(month) }
        let issued = try await world.client.post(
            "/v1/invoices", ["statement": JSON(paid.statement)], as: world.seller.finance
        ).made()["invoices"].element(0)
        invoice = try issued.text("id")
        let file = try Self.bankFile("S1", paying: issued)
        bankFile = try await world.importing(file).made().text("id")
        unreadFile = try Self.bankFile("S2", paying: issued)

        heldToConfirm = try await world.booked("2027-07-05", at: "09:00", hold: true)
        heldToRelease = try await world.booked("2027-07-05", at: "10:00", hold: true)
        booked = try await world.booked("2027-07-05", at: "11:00")
        bookedToCancel = try await world.booked("2027-07-05", at: "12:00")
    }

    /// What a bank says of a payment of the whole of an invoice.
    static func bankFile(_ id: String, paying invoice: JSON) throws -> [UInt8] {
        let day = try CalendarDate(iso: "2027-06-30")
        let entry = BankEntry(
            amount: try BankAmount(Money(decimal: invoice.text("total"))), direction: .credit,
            bookedOn: day, servicerReference: "\(id)-1",
            details: [
                .init(references: [try invoice.text("reference")], counterpartyName: "Payer")
            ])
        let statement = try BankStatement(
            id: id, account: IBAN(invoice.text("iban")), opening: Money(decimal: "100.00"),
            on: day, entries: [entry])
        return try Camt053Writer(createdAt: Instant(rfc3339: "2027-06-30T18:00:00Z"))
            .write(BankFile(messageID: id, statements: [statement]))
    }
}

extension World {
    fileprivate func statement(of month: String) async throws -> Trade.Month {
        let made = try await client.post(
            "/v1/statements", ["contract": JSON(contract), "period": JSON(month)],
            as: seller.finance
        ).made()
        return Trade.Month(statement: try made.text("id"), total: try made.text("total"))
    }

    fileprivate func accept(_ month: Trade.Month) async throws {
        _ = try await client.post(
            "/v1/statements/\(month.statement)/accept", ["total": JSON(month.total)],
            as: buyer.finance
        ).made()
    }

    func importing(_ file: [UInt8]) async throws -> Exchange {
        try await client.upload("/v1/bank-files", file, as: seller.finance)
    }
}

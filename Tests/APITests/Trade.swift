import Billing
import Contracts
import Documents
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import TestServer

/// A world in which every operation finds something real: time that is held, booked and cancelled,
/// a visit that can be joined and one that is over, and what became of March, April, May and June
/// of 2027.
struct Trade: Sendable {
    let world: World
    /// March: accepted, invoiced and paid, but for a line that the buyer disputes.
    let paid: Month
    /// About that line, for the seller to answer.
    let dispute: String
    /// A further statement of May, with one charge.
    let disputable: (statement: String, charge: String)
    /// April: accepted, and to be invoiced.
    let accepted: Month
    /// May: stated, and to be accepted.
    let stated: Month
    /// June: its charge waits to be stated.
    let charge: String
    /// Of which five euros are open, after the credit note.
    let invoice: String
    /// Of a part of the invoice.
    let creditNote: String
    /// Of months in which there was nothing to bill.
    let billingRun: String
    let bankFile: String
    /// Payments without a reference: one to apply, and one to set aside.
    let bankEntry: String
    let asideEntry: String
    let payments: Payments
    /// Another invoice, which was paid and then credited in part.
    let owedBack: String
    /// Of the invoice, by an operator who has not answered yet.
    let delivery: String
    let nettingRound: String
    /// Of a seller's own system: an accepted statement, another one's invoice, a report of it.
    let recorded: (statement: String, invoice: String, report: String)
    /// Of one legal person: an accepted statement, and what was settled of another one.
    let internalCharge: (open: String, settled: String)
    /// What its interest came to by the end of May, when it was a month late.
    let interest: String
    /// A contract whose June both agreed to be cheaper when it was over.
    let ratable: String
    /// Another file, which nobody has imported.
    let unreadFile: [UInt8]
    let bookings: Bookings
    let contracts: Contracts
    let before: BeforeContract
    let waiting: Waiting
    let demands: Demands
    /// A duty shift whose room is open.
    let shift: String
    let blocks: Blocks
    let rooms: Rooms
    let groups: Groups
    let guests: Guests
    /// A specialist with time that is on sale, and nothing booked in it.
    let idle: (specialist: String, availability: String)
    /// With the same hours as the world's specialist.
    let colleague: String
    let availabilities: Availabilities
    /// A specialist without time on sale on working days.
    let unpublished: String
    /// A token of the seller's that nobody needs.
    let spareCredential: String
    /// A private calendar feed of the seller's unit.
    let feed: String
    /// Where the seller has calendar messages mailed to.
    let mailbox: String
    /// Lets the buyer's person into the visit that can be joined.
    let joinToken: String
    let observation: String

    struct Month: Sendable {
        let statement: String
        let total: String
    }

    struct Bookings: Sendable {
        let toConfirm: String
        let toRelease: String
        let toCancel: String
        let toMove: String
        /// Nobody has proposed anything yet.
        let toAgree: String
        /// Agreed, and about to begin.
        let toJoin: String
        /// Agreed, and over; nobody came.
        let toAttest: String
    }

    struct Contracts: Sendable {
        /// A draft that nobody has signed, and its digest.
        let unsigned: String
        let digest: String
        /// Signed by both, and not used; either side may give notice.
        let toEnd: String
        /// The seller's key in use, by its thumbprint.
        let key: String
        /// Another text, signed with a key that nobody here knows.
        let signed: JSON
        let toSuspend: String
        /// Suspended by the seller.
        let toResume: String
        /// With a draft of the seller's.
        let toOffer: String
        /// With an offer of the seller's.
        let toWithdraw: String
        /// With a second offer of the seller's in place of the first.
        let toDecline: String
    }

    var server: TestServer { world.server }
    var client: TestClient { world.client }
    var seller: TestOrganisation { world.seller }
    var buyer: TestOrganisation { world.buyer }
    var outsider: TestOrganisation { world.outsider }

    /// When all of it is there; the clock runs on from here.
    static let now = "2027-07-01T06:00:00Z"

    init(_ server: TestServer) async throws {
        let world = try await World(server)
        self.world = world
        let lives = try await world.internalLives()
        let overpaid = try await world.overpaidLife()
        let disputed = try await world.cancelledLate("2027-03-04").text("charge")
        for day in ["2027-03-08", "2027-04-05", "2027-05-03"] {
            _ = try await world.cancelledLate(day)
        }
        let further = try await world.cancelledLate("2027-05-06").text("charge")
        charge = try await world.cancelledLate("2027-06-07").text("charge")
        ratable = try await world.ratable()
        let own = try await world.invoicedBySeller()
        try await world.test.clock.set(to: Instant(rfc3339: "2027-06-29T06:00:00Z"))
        let toAttest = try await world.agreed("2027-06-30", at: "10:00")
        let toJoin = try await world.agreed("2027-07-01", at: "09:00")

        let march = try await world.invoicedMarch(without: disputed)
        (paid, dispute, invoice) = (march.paid, march.dispute, try march.issued.text("id"))
        try await world.test.clock.set(to: Instant(rfc3339: Self.now))
        disputable = try await (world.statement(ofOnly: further), further)
        accepted = try await world.statement(of: "2027-04")
        stated = try await world.statement(of: "2027-05")
        try await world.accept(accepted)
        let file = try Self.bankFile(
            "S1", paying: march.issued, less: "7.00", beside: ["2.00", "3.00"])
        let imported = try await world.importing(file).made()
        bankFile = try imported.text("id")
        bankEntry = try imported["entries"].element(1).text("id")
        asideEntry = try imported["entries"].element(2).text("id")
        (creditNote, billingRun) = try await (world.credit(invoice), world.billingRun())
        unreadFile = try Self.bankFile("S2", paying: march.issued)
        (payments, delivery, interest, nettingRound, recorded, owedBack) = try await (
            world.payments(of: invoice), world.sentDelivery(of: invoice),
            world.interest(on: invoice), world.nettingRound(beside: invoice), world.recorded(own),
            world.owedBack(overpaid)
        )
        bookings = Bookings(
            toConfirm: try await world.booked("2027-07-05", at: "09:00", hold: true),
            toRelease: try await world.booked("2027-07-05", at: "10:00", hold: true),
            toCancel: try await world.booked("2027-07-05", at: "12:00"),
            toMove: try await world.booked("2027-07-05", at: "13:00"),
            toAgree: try await world.booked("2027-07-05", at: "11:00"),
            toJoin: toJoin, toAttest: toAttest)
        contracts = try await world.furtherContracts()
        before = try await world.beforeContract()
        waiting = try await world.waiting()
        demands = try await world.demands()
        shift = try await world.shift()
        blocks = try await world.blocks()
        rooms = try await world.rooms()
        (groups, internalCharge) = try await (world.groups(), world.internalCharge(lives))
        guests = try await world.guests(of: toJoin)
        let second = try await World.specialist("Psychiatrist 2", of: world.seller, world.client)
        idle = (second, try await world.published(World.weekly(of: second)))
        colleague = try await World.specialist("Psychiatrist 6", of: world.seller, world.client)
        _ = try await world.published(World.weekly(of: colleague))
        unpublished = try await World.specialist(
            "Psychiatrist 3", of: world.seller, world.client)
        availabilities = try await world.availabilities(of: unpublished)
        joinToken = try await world.client.post(
            "/v1/bookings/\(toJoin)/join-tokens",
            ["participant": "nurse-1", "label": "Nurse 1"], as: world.buyer.specialist
        ).made().text("token")
        (feed, mailbox) = try await world.calendars()
        (spareCredential, observation) = try await (world.spareCredential(), Self.newObservation())
    }

    private static func newObservation() throws -> String {
        var random = SystemRandomNumberGenerator()
        return try ObservationID(at: Instant(rfc3339: now), using: &random).description
    }

    /// What a bank says of a payment of the whole of an invoice, or of less, and of others beside
    /// it that have no reference.
    static func bankFile(
        _ id: String, paying invoice: JSON, less: String = "0.00", beside: [String] = []
    ) throws -> [UInt8] {
        let day = try CalendarDate(iso: "2027-06-30")
        let paid = try Money(decimal: invoice.text("total")).subtracting(Money(decimal: less))
        let payments =
            [(paid, [try invoice.text("reference")])]
            + (try beside.map { (try Money(decimal: $0), []) })
        let entries = try payments.enumerated().map { index, payment in
            BankEntry(
                amount: try BankAmount(payment.0), direction: .credit, bookedOn: day,
                servicerReference: "\(id)-\(index + 1)",
                details: [.init(references: payment.1, counterpartyName: "Payer")])
        }
        let statement = try BankStatement(
            id: id, account: IBAN(invoice.text("iban")), opening: Money(decimal: "100.00"),
            on: day, entries: entries)
        return try Camt053Writer(createdAt: Instant(rfc3339: "2027-06-30T18:00:00Z"))
            .write(BankFile(messageID: id, statements: [statement]))
    }
}

extension World {
    /// A booking whose session the buyer proposed and the seller accepted.
    func agreed(
        _ day: String, at time: String, under other: String? = nil
    ) async throws -> String {
        let booking = try await booked(day, at: time, under: other)
        let starts = try Self.instant(day, at: time).rfc3339
        let messages = "/v1/bookings/\(booking)/handshake/messages"
        _ = try await client.post(
            messages, Self.proposal(starting: starts), as: buyer.scheduler
        ).made()
        _ = try await client.post(
            messages, ["kind": "accept", "sequence": 2], as: seller.scheduler
        ).made()
        return booking
    }

    /// The first offer of a session, in a room of ours, to be answered until it starts.
    static func proposal(starting starts: String) -> JSON {
        [
            "kind": "propose", "sequence": 1,
            "offer": [
                "starts": JSON(starts), "room": ["provider": "built_in"],
                "needs": ["nurse_present"], "deadline": JSON(starts),
            ],
        ]
    }

    fileprivate func furtherContracts() async throws -> Trade.Contracts {
        let document = try await Self.document(client, seller: seller, buyer: buyer)
        let (unsigned, digest) = try await Self.draft(document, by: seller, client)
        let toDecline = try await offered(document)
        _ = try await client.post(
            "/v1/contracts/\(toDecline)/versions", document, as: seller.admin
        ).made()
        try await offer(toDecline, 2)
        let toResume = try await signed(document)
        _ = try await client.post(
            "/v1/contracts/\(toResume)/suspend", ["reason": "Nobody is there."],
            as: seller.admin
        ).made()
        let keys = try await client.get(
            "/v1/organisations/\(seller.id)/keys", as: seller.admin
        ).made()["keys"]
        return Trade.Contracts(
            unsigned: unsigned, digest: digest, toEnd: try await signed(document),
            key: try keys.element(0).text("kid"), signed: try Self.signedElsewhere(document),
            toSuspend: try await signed(document), toResume: toResume,
            toOffer: try await Self.draft(document, by: seller, client).contract,
            toWithdraw: try await offered(document), toDecline: toDecline)
    }

    /// A contract that both have signed, and that either ends with thirty days' notice.
    private func signed(_ document: JSON) async throws -> String {
        var members = document.members ?? [:]
        members["termination"] = ["notice_days": 30]
        let (contract, digest) = try await Self.draft(.object(members), by: seller, client)
        for organisation in [seller, buyer] {
            try await Self.sign(contract, digest, by: organisation, client)
        }
        return contract
    }

    private static func signedElsewhere(_ document: JSON) throws -> JSON {
        var members = document.members ?? [:]
        members["title"] = "Signed elsewhere"
        let contract = try ContractDocument(.object(members))
        var random = SystemRandomNumberGenerator()
        let signature = try PayloadSignature(
            of: contract.canonical, by: SigningKey(using: &random),
            at: Instant(rfc3339: Trade.now))
        return try SignedContract(canonical: contract.canonical, signatures: [signature]).json
    }

    private func offered(_ document: JSON) async throws -> String {
        let contract = try await Self.draft(document, by: seller, client).contract
        try await offer(contract, 1)
        return contract
    }

    private func offer(_ contract: String, _ number: Int) async throws {
        _ = try await client.post(
            "/v1/contracts/\(contract)/versions/\(number)/offer", as: seller.admin
        ).made()
    }

    fileprivate func statement(of month: String) async throws -> Trade.Month {
        let made = try await client.post(
            "/v1/statements", ["contract": JSON(contract), "period": JSON(month)],
            as: seller.finance
        ).made()
        return Trade.Month(statement: try made.text("id"), total: try made.text("total"))
    }

    /// The buyer disputes a line of 54.00.
    fileprivate func dispute(_ charge: String, on month: Trade.Month) async throws -> String {
        try await client.post(
            "/v1/statements/\(month.statement)/disputes",
            [
                "charge": JSON(charge), "reason": "rate", "net": "27.00",
                "words": "It was cancelled in time.",
            ], as: buyer.finance
        ).made().text("id")
    }

    /// Time on sale.
    fileprivate func published(_ weekly: JSON) async throws -> String {
        try await client.post("/v1/availability", weekly, as: seller.scheduler).made().text("id")
    }

    /// March, invoiced in April but for a line that is disputed.
    fileprivate func invoicedMarch(
        without disputed: String
    ) async throws -> (paid: Trade.Month, dispute: String, issued: JSON) {
        try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
        let march = try await statement(of: "2027-03")
        let dispute = try await dispute(disputed, on: march)
        let paid = Trade.Month(statement: march.statement, total: "54.00")
        try await accept(paid)
        let issued = try await client.post(
            "/v1/invoices", ["statement": JSON(paid.statement)], as: seller.finance
        ).made()["invoices"].element(0)
        return (paid, dispute, issued)
    }

    fileprivate func spareCredential() async throws -> String {
        try await client.post(
            "/v1/credentials", ["label": "Spare token", "roles": ["finance"]], as: seller.admin
        ).made().text("id")
    }

    /// A statement of one charge alone, as a seller's program could not make it.
    fileprivate func statement(ofOnly charge: String) async throws -> String {
        var random = SystemRandomNumberGenerator()
        let id = StatementID(at: try Instant(rfc3339: Trade.now), using: &random)
        let line = try ChargeID(typeID: charge)
        let seller = seller.id
        try await test.owner.pool.transaction { transaction in
            try await transaction.query(
                "select set_config('app.organisation', \(seller.uuidString), true)")
            try await transaction.query(
                """
                insert into statement (id, contract, period, run, seller, buyer, total)
                select \(id), contract, period, 1, seller, buyer, net from charge
                where id = \(line)
                """)
            try await transaction.query(
                """
                insert into statement_line (statement, charge, seller, buyer)
                select \(id), id, seller, buyer from charge where id = \(line)
                """)
        }
        return id.description
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

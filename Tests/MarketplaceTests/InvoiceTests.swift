import Billing
import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

struct InvoiceTests {
    private static let april = "2027-03-31T21:00:00Z"

    private func trade(
        _ test: TestMarket, _ example: String = "psychiatrist-remote-visit"
    ) async throws -> TestContract {
        try await test.signedContract(
            example, seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
    }

    @Test func billsAnAcceptedStatementOnce() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await trade(test)
            let life = try await LifeOfAVisit(under: contract)
            let charge = try await life.cancelledLate("2027-03-08")
            try await life.cancelledLate("2027-03-09")
            try await test.clock.set(to: Instant(rfc3339: Self.april))
            let seller = contract.seller.finance
            let market = test.market

            let made = try await life.statement()
            let statement = try StatementID(typeID: made.body["id"]?.text ?? "")
            let early = await refusal {
                _ = try await market.issueInvoice(seller.request("issueInvoice"), of: statement)
            }
            #expect(early == .statementNotAccepted)
            _ = try await market.acceptStatement(
                contract.buyer.finance.request("acceptStatement"), statement,
                total: Money(decimal: "108.00"))
            let byBuyer = await refusal {
                _ = try await market.issueInvoice(
                    contract.buyer.finance.request("issueInvoice"), of: statement)
            }
            #expect(byBuyer == .notYourSide)

            let issued = try await market.issueInvoice(
                seller.request("issueInvoice", key: "k"), of: statement)
            let invoice = try #require(issued.body["invoices"]?[0])
            let facts: [(String, JSON)] = [
                ("number", "AK-2027-000001"), ("issued_on", "2027-04-01"),
                ("due_on", "2027-05-01"), ("net", "108.00"), ("vat_amount", "0.00"),
                ("total", "108.00"), ("open", "108.00"), ("state", "issued"),
                ("statement", JSON(statement.description)), ("order_reference", .null),
                ("buyer_reference", "HC-REMOTE-2027"), ("iban", "FI2112345600000785"),
            ]
            for (key, value) in facts { #expect(invoice[key] == value, "\(key)") }
            #expect(invoice["vat"]?["exemption_code"] == "VATEX-EU-132-1B")
            #expect(invoice["lines"]?[0]?["charge"] == JSON(charge.description))
            #expect(invoice["lines"]?.elements?.count == 2)
            let number = try InvoiceNumber("AK-2027-000001")
            #expect(invoice["reference"] == JSON(try number.reference.description))

            let repeated = try await market.issueInvoice(
                seller.request("issueInvoice", key: "k"), of: statement)
            #expect(repeated == issued)
            let again = await refusal {
                _ = try await market.issueInvoice(seller.request("issueInvoice"), of: statement)
            }
            #expect(again == .alreadyInvoiced)
        }
    }

    @Test func isSeenByBothWithTheSameDocument() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await trade(test)
            let stranger = try await test.addOrganisation("Stranger")
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: Self.april))
            let invoice = try await life.invoiced()[0]
            let id = try InvoiceID(typeID: invoice["id"]?.text ?? "")
            var documents: [Document] = []
            for side in [contract.seller, contract.buyer] {
                let seen = try await test.market.invoice(side.auditor.request("getInvoice"), id)
                #expect(seen.body == invoice)
                documents.append(
                    try await test.market.invoiceDocument(
                        side.finance.request("getInvoiceDocument"), id))
            }
            #expect(documents[0] == documents[1])
            #expect(documents[0].mediaType == "application/xml")
            #expect(documents[0].fileName == "AK-2027-000001.xml")
            let text = String(decoding: documents[0].bytes, as: UTF8.self)
            #expect(text.contains("<cbc:ID>AK-2027-000001</cbc:ID>"))
            #expect(text.contains("<cbc:PayableAmount currencyID=\"EUR\">54.00<"))
            let hidden = await refusal {
                _ = try await test.market.invoiceDocument(
                    stranger.finance.request("getInvoiceDocument"), id)
            }
            #expect(hidden == .notFound)
        }
    }

    /// Whichever visit of a day was charged first: lines are read in the order of the visits, on
    /// the statement and on the invoice.
    @Test func linesOfADayAreInTheOrderOfTheVisits() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await trade(test)
            let life = try await LifeOfAVisit(under: contract)
            // cancelled first, and an hour before it: the later visit has the earlier charge
            let afternoon = try await life.booked("2027-03-08", at: "13:00")
            let starts = try contract.clock.instant(
                CalendarDate(iso: "2027-03-08"), TimeOfDay("09:00"))
            let morning = try await life.booked("2027-03-08", at: "10:00")
            try await test.clock.set(to: starts)
            for booking in [afternoon, morning] {
                let scheduler = contract.buyer.scheduler
                let cost = try await test.market.cancellationCost(
                    scheduler.request("getCancellationCost"), booking)
                _ = try await test.market.cancelBooking(
                    scheduler.request("cancelBooking", key: booking.description), booking,
                    expectedFee: Money(decimal: cost.body["fee"]?.text ?? ""), reason: nil)
            }
            try await test.clock.set(to: Instant(rfc3339: Self.april))
            let invoice = try await life.invoiced()[0]
            let begins = ["2027-03-08T08:00:00Z", "2027-03-08T11:00:00Z"]
            #expect(
                invoice["lines"]?.elements?.compactMap { $0["starts"]?.text } == begins)
            let statement = try await test.market.statement(
                contract.buyer.finance.request("getStatement"),
                StatementID(typeID: invoice["statement"]?.text ?? "")
            ).body
            #expect(
                statement["lines"]?.elements?.compactMap { $0["booking"]?.text }
                    == [morning.description, afternoon.description])
        }
    }

    /// 40 % of 24.53 is 9.81; VAT of 25.5 % on it is 2.50.
    @Test func addsVATOnceToTheSumOfItsLines() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await trade(test, "physician-remote-reception")
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await life.cancelledLate("2027-03-09")
            try await test.clock.set(to: Instant(rfc3339: Self.april))
            let invoice = try await life.invoiced()[0]
            let net = try Money(decimal: "19.62")
            #expect(invoice["net"] == JSON(net.decimal))
            let vat = try Percentage(decimal: "25.5").of(net)
            #expect(invoice["vat_amount"] == JSON(vat.decimal))
            #expect(invoice["total"] == JSON(try net.adding(vat).decimal))
            #expect(invoice["vat"]?["category"] == "S")
            #expect(invoice["vat"]?["rate"] == "25.5")
        }
    }

    /// EN 16931 has one reason of exemption on an invoice: another treatment, another invoice.
    @Test func splitsByTheTreatmentOfVAT() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await trade(test)
            try await contract.amended(
                from: CalendarDate(iso: "2027-03-15"),
                changed: [
                    "billing": [
                        "period": "month", "statement": ["acceptance_days": 7],
                        "payment_days": 14,
                        "vat": ["category": "S", "rate_percent": "25.5", "reason": "Not care"],
                        "buyer_reference": "NEW", "order_reference": "PO-2",
                    ]
                ])
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await life.cancelledLate("2027-03-16")
            try await test.clock.set(to: Instant(rfc3339: Self.april))
            let invoices = try await life.invoiced()
            #expect(invoices.map { $0["number"] } == ["AK-2027-000001", "AK-2027-000002"])
            #expect(invoices.map { $0["vat"]?["category"] } == ["E", "S"])
            #expect(invoices.map { $0["total"] } == ["54.00", "67.77"])
            #expect(invoices.map { $0["due_on"] } == ["2027-05-01", "2027-04-15"])
            #expect(invoices.map { $0["order_reference"] } == [.null, "PO-2"])
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    /// Two contracts of one seller at once: no number twice, none missing.
    @Test func numbersHaveNoGapWhenIssuedAtOnce() async throws {
        try await TestMarket.withMarket { test in
            let seller = try await test.addOrganisation("Seller")
            var statements: [StatementID] = []
            for name in ["Buyer 1", "Buyer 2", "Buyer 3"] {
                let contract = try await test.signedContract(
                    seller: seller, buyer: test.addOrganisation(name))
                let life = try await LifeOfAVisit(under: contract, label: name)
                try await life.cancelledLate("2027-03-08")
                try await test.clock.set(to: Instant(rfc3339: Self.april))
                statements.append(try await life.accepted())
            }
            let market = test.market
            let numbers = try await withThrowingTaskGroup(of: String?.self) { group in
                for statement in statements {
                    group.addTask {
                        let issued = try await market.issueInvoice(
                            seller.finance.request("issueInvoice"), of: statement)
                        return issued.body["invoices"]?[0]?["number"]?.text
                    }
                }
                return try await group.reduce(into: []) { $0.append($1 ?? "") }
            }
            #expect(
                numbers.sorted() == ["AK-2027-000001", "AK-2027-000002", "AK-2027-000003"])
        }
    }

    /// The next year begins at one again.
    @Test func numbersBeginAnewEachYear() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await trade(test)
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: Self.april))
            #expect(try await life.invoiced()[0]["number"] == "AK-2027-000001")
            try await life.cancelledLate("2027-04-06")
            try await test.clock.set(to: Instant(rfc3339: "2027-12-31T22:00:00Z"))
            #expect(try await life.invoiced(of: "2027-04")[0]["number"] == "AK-2028-000001")
        }
    }
}

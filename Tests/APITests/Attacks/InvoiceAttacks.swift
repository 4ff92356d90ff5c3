import API
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    /// What is taken back of invoices, and how they reach their buyers. Their order is that of the
    /// operations: what the operator refuses is sent again.
    var invoiceAttacks: [Attack] {
        [
            Attack(
                operation: .creditInvoice, path: [invoice],
                body: .json([
                    "reason": "Another price was agreed.", "lines": [["line": 1, "net": "1.00"]],
                ])),
            Attack(
                operation: .getRatingAgain, by: .buyer, path: [ratable], query: "period=2027-06"),
            Attack(
                operation: .rateAgain, path: [ratable],
                body: .json(["period": "2027-06", "difference": "-6.00"])),
            Attack(operation: .listCreditNotes, by: .buyer, outsider: .ownOnly),
            Attack(operation: .getCreditNote, by: .buyer, path: [creditNote]),
            Attack(operation: .getCreditNoteDocument, path: [creditNote]),
            Attack(
                operation: .writeOffInvoice, path: [invoice],
                body: .json(["amount": "0.01", "reason": "Not worth a reminder."])),
            Attack(
                operation: .refundInvoice, path: [owedBack],
                body: .json(["amount": "2.00", "paid_on": "2027-07-01"])),
            Attack(operation: .remindOfInvoice, path: [invoice]),
            Attack(operation: .getInvoiceBasis, by: .buyer, path: [recorded.statement]),
            Attack(operation: .getInvoiceBasisTable, path: [recorded.statement]),
            Attack(
                operation: .recordInvoices, path: [recorded.statement],
                body: .json([
                    "invoices": [
                        [
                            "number": "2027/10443", "issued_on": "2027-07-01",
                            "due_on": "2027-07-31", "reference": "1232", "total": "54.00",
                        ]
                    ]
                ])),
            Attack(
                operation: .recordCreditNote, path: [recorded.invoice],
                body: .json([
                    "number": "2027/10455", "issued_on": "2027-07-01",
                    "reason": "Another price was agreed.", "net": "1.00", "total": "1.00",
                ])),
            Attack(
                operation: .reportPayments,
                body: .json([
                    "payments": [
                        [
                            "invoice": JSON(recorded.invoice), "paid_on": "2027-06-30",
                            "amount": "1.00",
                        ]
                    ]
                ])),
            Attack(operation: .takeBackReport, path: [recorded.report]),
            Attack(
                operation: .settleInternally, path: [internalCharge.open],
                body: .json(["total": "54.00"])),
            Attack(operation: .getInternalCharge, by: .buyer, path: [internalCharge.settled]),
            Attack(operation: .getInternalChargeTable, path: [internalCharge.settled]),
            Attack(operation: .getInvoiceReception, by: .buyer, outsider: .ownOnly),
            Attack(
                operation: .updateInvoiceReception, by: .buyer,
                body: .json(["way": "operator", "form": "ubl"]), revision: "\"0\"",
                outsider: .ownOnly),
            Attack(operation: .listInvoiceDeliveries, by: .buyer, path: [invoice]),
            Attack(
                operation: .answerInvoiceDelivery, path: [invoice, delivery],
                body: .json(["taken": false, "problem": "Another address"])),
            Attack(operation: .sendInvoice, path: [invoice]),
        ]
    }
}

extension World {
    func billingRun() async throws -> String {
        try await client.post("/v1/billing-runs", ["period": "2027-01"], as: seller.finance)
            .made().text("id")
    }

    /// A contract with a fee of 54.00 in June, and a second version of the end of the month, signed
    /// by both, by which it is 48.00.
    func ratable() async throws -> String {
        let document = try await Self.document(client, seller: seller, buyer: buyer)
        let (contract, digest) = try await Self.draft(document, by: seller, client)
        for organisation in [seller, buyer] {
            try await Self.sign(contract, digest, by: organisation, client)
        }
        _ = try await cancelledLate("2027-06-08", under: contract)
        try await test.amended(
            ContractID(typeID: contract), from: CalendarDate(iso: "2027-06-01"),
            signedAt: Instant(rfc3339: "2027-06-28T06:00:00Z"), pricePerMinute: "3.20")
        return contract
    }

    /// Contracts under which the seller invoices from its own system, each with a fee of 54.00.
    func invoicedBySeller() async throws -> [String] {
        var contracts: [String] = []
        for day in ["2027-06-09", "2027-06-10"] {
            let document = try await Self.document(
                client, seller: seller, buyer: buyer,
                changed: ["billing": LifeOfAVisit.invoicedBySeller()])
            let (contract, digest) = try await Self.draft(document, by: seller, client)
            for organisation in [seller, buyer] {
                try await Self.sign(contract, digest, by: organisation, client)
            }
            _ = try await cancelledLate(day, under: contract)
            contracts.append(contract)
        }
        return contracts
    }

    /// Their June, accepted: a statement of which nothing is recorded, and a recorded invoice of
    /// the other, with a payment of 4.00 that was reported.
    func recorded(
        _ contracts: [String]
    ) async throws -> (statement: String, invoice: String, report: String) {
        var statements: [String] = []
        for contract in contracts {
            let made = try await client.post(
                "/v1/statements", ["contract": JSON(contract), "period": "2027-06"],
                as: seller.finance
            ).made().text("id")
            _ = try await client.post(
                "/v1/statements/\(made)/accept", ["total": "54.00"], as: buyer.finance
            ).made()
            statements.append(made)
        }
        let invoice = try await client.post(
            "/v1/statements/\(statements[1])/recorded-invoices",
            [
                "invoices": [
                    [
                        "number": "2027/10442", "issued_on": "2027-07-01", "due_on": "2027-07-31",
                        "reference": "2027104424", "total": "54.00",
                    ]
                ]
            ], as: seller.finance
        ).made()["invoices"].element(0).text("id")
        let report = try await client.post(
            "/v1/reported-payments",
            [
                "payments": [
                    ["invoice": JSON(invoice), "paid_on": "2027-06-30", "amount": "4.00"]
                ]
            ], as: seller.finance
        ).made()["entries"].element(0).text("id")
        return (statements[0], invoice, report)
    }

    /// A contract of its own, with a fee of 54.00 in March.
    func overpaidLife() async throws -> LifeOfAVisit {
        let contract = try await test.signedContract(seller: seller, buyer: buyer)
        let life = try await LifeOfAVisit(under: contract, label: "Psychiatrist 10")
        try await life.cancelledLate("2027-03-03")
        return life
    }

    /// Two euros of an invoice.
    func credit(_ invoice: String) async throws -> String {
        try await client.post(
            "/v1/invoices/\(invoice)/credit-notes",
            ["reason": "The price was another one.", "lines": [["line": 1, "net": "2.00"]]],
            as: seller.finance
        ).made().text("id")
    }

    /// Its invoice, paid whole before two euros of it were credited.
    func owedBack(_ life: LifeOfAVisit) async throws -> String {
        let invoice = try await life.invoiced()[0]
        _ = try await importing(Trade.bankFile("S3", paying: invoice)).made()
        let id = try invoice.text("id")
        _ = try await credit(id)
        return id
    }

    /// Contracts within one legal person, each with a fee of 54.00 in the first days of March.
    func internalLives() async throws -> [LifeOfAVisit] {
        var lives: [LifeOfAVisit] = []
        for (number, day) in [(8, "2027-03-01"), (9, "2027-03-02")] {
            let contract = try await test.signedContract(
                seller: seller, buyer: buyer, changed: LifeOfAVisit.ofOneLegalPerson())
            let life = try await LifeOfAVisit(under: contract, label: "Psychiatrist \(number)")
            try await life.cancelledLate(day)
            lives.append(life)
        }
        return lives
    }

    /// Their March: an accepted statement, and what was settled of another one.
    func internalCharge(
        _ lives: [LifeOfAVisit]
    ) async throws -> (open: String, settled: String) {
        let settled = try await lives[1].settled(lives[1].accepted(), total: "54.00")
        return (try await lives[0].accepted().description, try settled.body.text("id"))
    }

    /// A delivery of an invoice that its seller's operator has, and does not answer.
    func sentDelivery(of invoice: String) async throws -> String {
        let id = try InvoiceID(typeID: invoice)
        let made = try await test.owner.write([
            """
            insert into invoice_delivery (invoice, seller, buyer, way, form, state, sent_at)
            select id, seller, buyer, 'operator', 'ubl', 'sent', market_now()
            from invoice where id = \(id) returning id
            """
        ]).only()
        return try made["id", DeliveryID.self].description
    }
}

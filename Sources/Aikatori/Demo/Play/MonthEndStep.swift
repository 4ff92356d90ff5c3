import MoneyAndTime
import StrictJSON

/// The invoice of the month, as its payer needs it.
struct IssuedInvoice: Sendable {
    let id: String
    let number: String
    let reference: String
    let iban: String
}

extension Scene {
    func closeMonth(under contract: String) async throws -> IssuedInvoice {
        teller.heading("7. The month closes: statement, acceptance, invoice")
        let (seller, buyer) = (cast.hospital.accounting, cast.healthCentre.accounting)
        let period: JSON = ["contract": JSON(contract), "period": "2026-10"]
        try await clock(shows: "2026-10-31", "12:00")
        teller.say("A statement of October, asked for on its last day:")
        teller.refusal(
            try await seller.refused(
                409, "period_not_over", posting: period, to: "/v1/statements"))
        try await clock(shows: "2026-11-02", "09:00")
        let statement = try await seller.post("/v1/statements", period)
        let id = try statement.text(at: "/id")
        try await tellStatement(id)
        teller.say("An invoice before the buyer has accepted the statement:")
        teller.refusal(
            try await seller.refused(
                409, "statement_not_accepted", posting: ["statement": JSON(id)],
                to: "/v1/invoices"))
        let accepted = try await buyer.post(
            "/v1/statements/\(id)/accept", ["total": "217.80"])
        try expect("the statement's state", accepted.text(at: "/state"), is: "accepted")
        teller.say("Example Health Centre accepts the total that it saw, 217.80 EUR.")

        let issued = try await seller.post("/v1/invoices", ["statement": JSON(id)])
        let invoices = try issued.list(at: "/invoices")
        try expect("the number of invoices", invoices.count, is: 1)
        return try await tell(invoices[0])
    }

    /// As the buyer reads it.
    private func tellStatement(_ id: String) async throws {
        let statement = try await cast.healthCentre.accounting.get("/v1/statements/\(id)")
        let lines = try statement.list(at: "/lines")
        try expect("the statement's lines", lines.count, is: 2)
        try expect("the statement's total", statement.text(at: "/total"), is: "217.80")
        try expect(
            "the sum of its lines",
            Money.sum(of: lines.map { line in try line.money(at: "/net") }).decimal, is: "217.80")
        var rows = try lines.map { line in
            try [
                wall.day(line.day(at: "/served_on")), line.text(at: "/cause").spaced,
                line.text(at: "/net"),
            ]
        }
        rows.append(["", "total", try statement.text(at: "/total")])
        teller.say("The statement, as Example Health Centre reads it:")
        teller.table(Table(columns: [.left("day"), .left("for"), .right("EUR")], rows: rows))
    }

    private func tell(_ invoice: JSON) async throws -> IssuedInvoice {
        let issued = try IssuedInvoice(
            id: invoice.text(at: "/id"), number: invoice.text(at: "/number"),
            reference: invoice.text(at: "/reference"), iban: invoice.text(at: "/iban"))
        try expect("the invoice's number", issued.number, is: "AK-2026-000001")
        try expect("its net", invoice.text(at: "/net"), is: "217.80")
        try expect("its VAT", invoice.text(at: "/vat_amount"), is: "0.00")
        try expect("its total", invoice.text(at: "/total"), is: "217.80")
        try expect("its due date", invoice.day(at: "/due_on"), is: CalendarDate(iso: "2026-12-02"))
        let code = try invoice.text(at: "/vat/exemption_code")
        teller.emptyLine()
        try teller.say(
            "Invoice \(issued.number): 217.80 EUR, exempt from VAT (\(code)), due "
                + "\(wall.day(invoice.day(at: "/due_on"))), reference \(issued.reference).")
        let path = "/v1/invoices/\(issued.id)/ubl"
        let sent = try await cast.hospital.accounting.document(path)
        let received = try await cast.healthCentre.accounting.document(path)
        try expect("the document that both read", received, is: sent)
        let file = try output.write(received, to: "invoices/\(issued.number).xml")
        teller.say(
            "As an e-invoice (UBL 2.1, Peppol BIS Billing 3.0) it is in \(file), the same bytes "
                + "for both.")
        try await tellEntry(of: issued.id, kind: "invoicing", amount: "217.80")
        return issued
    }
}

import Billing
import Documents
import MoneyAndTime
import StrictJSON

/// Example organisations and their invoices.
enum Example {
    static let hospital = OrganisationID(bits: 1)
    static let healthCentre = OrganisationID(bits: 2)
    static let contract = ContractID(bits: 3)

    static func iban() throws -> IBAN { try IBAN("FI2112345600000785") }

    static func taxed() throws -> InvoiceVAT { try .standard(Percentage(decimal: "25.5")) }

    static func exempt() throws -> InvoiceVAT {
        try .exempt(
            code: "VATEX-EU-132-1C", reason: "Medical care by a health care professional")
    }

    static func party(
        _ organisation: OrganisationID, _ name: String, _ businessID: String, street: String
    ) throws -> InvoiceParty {
        let businessID = try BusinessID(businessID)
        return try InvoiceParty(
            organisation: organisation, name: name, businessID: businessID,
            vatID: VATID(businessID), ovt: OVT(businessID), street: street, postalCode: "70100",
            city: "Kuopio")
    }

    static func charge(
        _ number: UInt128, minutes: Int64, price: String = "2.4533", on day: String = "2026-03-10",
        text: String = "Psychiatrist, remote visit"
    ) throws -> Charge {
        let day = try CalendarDate(iso: day)
        let line = try Charge.Line(
            text: text, quantity: BilledQuantity(seconds: minutes * 60),
            price: UnitPrice(decimal: price))
        return try Charge(
            id: ChargeID(bits: number), of: .booking(BookingID(bits: number)), contract: contract,
            versionNumber: 1, seller: hospital, buyer: healthCentre, service: "psychiatry",
            cause: .visit, servedOn: day, period: StatementPeriod(of: day).key, lines: [line],
            trace: [])
    }

    static func invoice(
        counter: Int64 = 42, series: Int? = nil, lines: [InvoiceLine],
        sellerName: String = "Example Hospital",
        buyerReference: String = "COST-77", note: String? = nil
    ) throws -> Invoice {
        try Invoice(
            id: InvoiceID(bits: UInt128(counter)),
            number: InvoiceNumber(
                prefix: series == nil ? "EH" : "SB", year: 2026, series: series, counter: counter),
            contract: contract, issuedOn: CalendarDate(iso: "2026-04-01"), paymentDays: 30,
            period: StatementPeriod(key: "2026-03"), buyerReference: buyerReference,
            seller: party(hospital, sellerName, "2077474-0", street: "Sairaalankatu 1"),
            buyer: party(
                healthCentre, "Example Health Centre", "0114162-2", street: "Terveystie 2"),
            iban: iban(), lines: lines, note: note)
    }

    static func taxedInvoice() throws -> Invoice {
        try invoice(
            lines: InvoiceLine.lines(for: [charge(1, minutes: 187)], vat: taxed()))
    }

    /// A statement of one payment of `taxedInvoice()`.
    static func statement() throws -> BankStatement {
        let amount = try BankAmount(Money(decimal: "575.76"))
        let day = try CalendarDate(iso: "2026-04-20")
        return try BankStatement(
            id: "2026-04-20", account: iban(), opening: Money(decimal: "1000"), on: day,
            entries: [
                BankEntry(
                    amount: amount, direction: .credit, bookedOn: day,
                    servicerReference: "BANK-1",
                    details: [
                        .init(
                            amount: amount, references: ["20260000422"],
                            counterpartyName: "Example Health Centre")
                    ])
            ])
    }
}

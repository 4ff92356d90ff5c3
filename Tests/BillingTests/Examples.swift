import Billing
import MoneyAndTime
import StrictJSON

/// Example organisations, charges and invoices.
enum Example {
    static let hospital = OrganisationID(bits: 1)
    static let healthCentre = OrganisationID(bits: 2)
    static let contract = ContractID(bits: 3)

    static func iban() throws -> IBAN { try IBAN("FI2112345600000785") }
    static func otherIBAN() throws -> IBAN { try IBAN("FI5542345670000081") }

    static func taxed() throws -> InvoiceVAT { try .standard(Percentage(decimal: "25.5")) }

    static func exempt(_ reason: String = "Medical care") throws -> InvoiceVAT {
        try .exempt(code: "VATEX-EU-132-1C", reason: reason)
    }

    static func line(minutes: Int64, price: String = "2.4533") throws -> Charge.Line {
        try Charge.Line(
            text: "Psychiatrist, remote visit", quantity: BilledQuantity(seconds: minutes * 60),
            price: UnitPrice(decimal: price))
    }

    static func charge(
        _ number: UInt128, on day: String = "2026-03-10", contract: ContractID = contract,
        lines: [Charge.Line]
    ) throws -> Charge {
        let day = try CalendarDate(iso: day)
        return try Charge(
            id: ChargeID(bits: number), of: .booking(BookingID(bits: number)), contract: contract,
            versionNumber: 1, seller: hospital, buyer: healthCentre, service: "psychiatry",
            cause: .visit, servedOn: day, period: StatementPeriod(of: day).key, lines: lines,
            trace: .array(lines.map { JSON($0.text) }))
    }

    static func seller(vatID: Bool = true) throws -> InvoiceParty {
        let businessID = try BusinessID("2077474-0")
        return try InvoiceParty(
            organisation: hospital, name: "Example Hospital", businessID: businessID,
            vatID: vatID ? VATID(businessID) : nil, ovt: OVT(businessID),
            street: "Sairaalankatu 1", postalCode: "70100", city: "Kuopio")
    }

    static func buyer() throws -> InvoiceParty {
        let businessID = try BusinessID("0114162-2")
        return try InvoiceParty(
            organisation: healthCentre, name: "Example Health Centre", businessID: businessID,
            vatID: nil, ovt: OVT(businessID), street: "Terveystie 2", postalCode: "99800",
            city: "Ivalo")
    }

    static func invoice(
        counter: Int64 = 42, lines: [InvoiceLine], paymentDays: Int = 30, sellerVATID: Bool = true,
        buyerReference: String = "COST-77"
    ) throws -> Invoice {
        try Invoice(
            id: InvoiceID(bits: UInt128(counter)),
            number: InvoiceNumber(prefix: "EH", year: 2026, counter: counter),
            contract: contract, issuedOn: CalendarDate(iso: "2026-04-01"),
            paymentDays: paymentDays, period: StatementPeriod(key: "2026-03"),
            buyerReference: buyerReference, seller: seller(vatID: sellerVATID), buyer: buyer(),
            iban: iban(), lines: lines)
    }
}

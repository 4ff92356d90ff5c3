import Billing
import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// A seller that invoices from its own system.
extension LifeOfAVisit {
    /// The billing of a contract that says so, with a cost centre, and VAT of a quarter or none.
    package static func invoicedBySeller(taxed: Bool = false) -> JSON {
        [
            "period": "month", "statement": ["acceptance_days": 7], "payment_days": 30,
            "vat": taxed
                ? ["category": "S", "rate_percent": "25.5", "reason": "Hired out personnel"]
                : [
                    "category": "E", "rate_percent": "0",
                    "reason": "Hospital and medical care by a public body, section 34",
                    "exemption_code": "VATEX-EU-132-1B",
                ],
            "buyer_reference": "HC-REMOTE-2027", "cost_centre": "4410",
            "document": "invoice_basis",
        ]
    }

    /// The billing of a contract under which the buyer makes the invoices in the seller's name.
    package static let selfBilled: JSON = [
        "period": "month", "statement": ["acceptance_days": 7], "payment_days": 30,
        "vat": [
            "category": "E", "rate_percent": "0",
            "reason": "Hospital and medical care by a public body, section 34",
            "exemption_code": "VATEX-EU-132-1B",
        ],
        "buyer_reference": "HC-REMOTE-2027", "document": "self_billing",
    ]

    /// Records the invoice of a statement that its seller's system wrote; its identifier.
    @discardableResult
    package func recorded(
        _ statement: StatementID, number: String = "2027/1", reference: String = "1232",
        issuedOn: String = "2027-04-01", dueOn: String = "2027-05-01", total: String = "54.00"
    ) async throws -> InvoiceID {
        let recorded = try RecordedInvoice(
            number: number, issuedOn: CalendarDate(iso: issuedOn),
            dueOn: CalendarDate(iso: dueOn), reference: ReferenceNumber(reference),
            total: Money(decimal: total))
        let made = try await test.market.recordInvoices(
            contract.seller.finance.request("recordInvoices"), of: statement, [recorded])
        return try InvoiceID(typeID: made.body["invoices"]?[0]?["id"]?.text ?? "")
    }

    /// Records what the seller's system took back of an invoice of 54.00.
    @discardableResult
    package func creditRecorded(
        _ invoice: InvoiceID, _ extent: RecordedCreditNote.Extent, total: String,
        number: String = "2027/C1", on day: String = "2027-04-02"
    ) async throws -> JSON {
        try await test.market.recordCreditNote(
            contract.seller.finance.request("recordCreditNote"), of: invoice,
            RecordedCreditNote(
                number: number, issuedOn: CalendarDate(iso: day), extent: extent,
                total: Money(decimal: total)), reason: "Another price."
        ).body
    }

    /// Says what was paid of an invoice, as the seller's own system has it.
    package func reported(
        _ invoice: InvoiceID, _ amount: String, on day: String = "2027-04-12"
    ) async throws -> Answer {
        try await test.market.reportPayments(
            contract.seller.finance.request("reportPayments"),
            [
                ReportedPayment(
                    of: .invoice(invoice), paidOn: CalendarDate(iso: day),
                    amount: Money(decimal: amount))
            ])
    }
}

/// Units of one legal person, which settle without an invoice.
extension LifeOfAVisit {
    /// What a contract between them changes in the example: the buyer's business id, and the
    /// billing.
    package static func ofOneLegalPerson() throws -> JSONObject {
        let example = try JSON.parse(
            ContractFiles.read("v1/examples/valid/psychiatrist-remote-visit.json"))
        var buyer = example["buyer"]?.members ?? [:]
        for key in ["business_id", "vat_id", "ovt"] { buyer[key] = example["seller"]?[key] }
        return [
            "buyer": .object(buyer),
            "billing": [
                "period": "month", "statement": ["acceptance_days": 7], "payment_days": 30,
                "vat": [
                    "category": "O", "rate_percent": "0", "reason": "Within one legal person",
                ],
                "buyer_reference": "HC-REMOTE-2027", "cost_centre": "4410",
                "document": "internal",
            ],
        ]
    }

    package func settled(_ statement: StatementID, total: String) async throws -> Answer {
        try await test.market.settleInternally(
            contract.seller.finance.request("settleInternally"), statement,
            total: Money(decimal: total))
    }
}

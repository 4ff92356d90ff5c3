import Billing
import Documents
import Foundation
import MoneyAndTime
import Testing

@Suite struct UBLCreditNoteTests {
    private static func note(
        _ invoice: Invoice, _ vat: InvoiceVAT, _ parts: [Credit.Part]? = nil, counter: Int64
    ) throws -> CreditNote {
        let credited = CreditedInvoice(
            id: invoice.id, number: invoice.number.text, issuedOn: invoice.issuedOn,
            contract: invoice.contract, buyerReference: invoice.buyerReference,
            orderReference: invoice.orderReference, vat: vat, tax: invoice.calculation.vat,
            creditedTax: .zero,
            lines: invoice.lines.enumerated().map { index, line in
                .init(number: Int64(index + 1), line: line, credited: .zero)
            })
        return try CreditNote(
            id: CreditNoteID(bits: UInt128(counter)),
            number: InvoiceNumber(
                prefix: invoice.number.isSelfBilled ? "SBC" : "EHC", year: 2026,
                series: invoice.number.series, counter: counter), of: credited,
            issuedOn: CalendarDate(iso: "2026-04-20"), seller: invoice.seller,
            buyer: invoice.buyer, credit: Credit(of: credited, parts),
            reason: "Another price was agreed & signed")
    }

    private static func samples() throws -> [(String, CreditNote)] {
        let taxed = try Example.taxedInvoice()
        let exempt = try Example.invoice(
            counter: 43,
            lines: InvoiceLine.lines(
                for: (1...3).map { try Example.charge($0, minutes: 17) }, vat: Example.exempt()))
        return try [
            ("whole-taxed", note(taxed, Example.taxed(), counter: 1)),
            (
                "part-taxed",
                note(
                    taxed, Example.taxed(), [.init(number: 1, net: Money(minorUnits: 10_000))],
                    counter: 2)
            ),
            ("whole-exempt", note(exempt, Example.exempt(), counter: 3)),
            (
                "part-exempt",
                note(
                    exempt, Example.exempt(), [.init(number: 2, net: Money(minorUnits: 1))],
                    counter: 4)
            ),
            ("self-billed", note(InvoiceSamples.selfBilled(), Example.taxed(), counter: 5)),
        ]
    }

    @Test func selfBillingIsSaidBeforeTheReason() throws {
        let note = try Self.samples()[4].1
        let bytes = try UBLCreditNote.write(note)
        let facts = try UBLReader.read(bytes)
        #expect(facts.kind == .selfBilledCreditNote)
        #expect(facts.note == "\(InvoiceFacts.selfBillingMention): \(note.reason)")
        #expect(String(decoding: bytes, as: UTF8.self).contains("selfbilling:01:1.0"))
    }

    @Test func namesWhatItTakesBackAndNoDueDate() throws {
        let note = try Self.samples()[1].1
        let xml = String(decoding: try UBLCreditNote.write(note), as: UTF8.self)
            .replacing("\n", with: "").replacing("  ", with: "")
        for part in [
            "<cbc:ID>EHC-2026-000002</cbc:ID>", "<cbc:CreditNoteTypeCode>381<",
            "<cac:InvoiceDocumentReference><cbc:ID>EH-2026-000042</cbc:ID>"
                + "<cbc:IssueDate>2026-04-01</cbc:IssueDate>",
            "<cbc:Note>Another price was agreed &amp; signed</cbc:Note>",
            #"<cbc:CreditedQuantity unitCode="C62">1</cbc:CreditedQuantity>"#,
            #"<cbc:TaxAmount currencyID="EUR">25.50</cbc:TaxAmount>"#,
            #"<cbc:PayableAmount currencyID="EUR">125.50</cbc:PayableAmount>"#,
        ] {
            #expect(xml.contains(part), "\(part)")
        }
        #expect(!xml.contains("DueDate"))
        #expect(!xml.contains("PaymentMeans"))
    }

    /// Files for the official rules and the schema (Tests/Outside/test_einvoice.py).
    @Test func writesSamplesForTheOutsideChecks() throws {
        let folder = UBLInvoiceTests.output.appending(path: "credit-notes")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, note) in try Self.samples() {
            try Data(UBLCreditNote.write(note)).write(to: folder.appending(path: "\(name).xml"))
        }
    }
}

import Billing
import Documents
import Foundation
import MoneyAndTime
import Testing

@Suite("Finvoice, and invoices read back")
struct FinvoiceTests {
    private func written(_ facts: InvoiceFacts, route: Finvoice.Route? = nil) throws -> String {
        String(decoding: try Finvoice.write(facts, route: route), as: UTF8.self)
    }

    @Test("what UBL says is read back as what the invoice says")
    func readsBack() throws {
        for (name, invoice) in try InvoiceSamples.all() {
            let read = try UBLReader.read(UBLInvoice.write(invoice))
            let said = InvoiceFacts(invoice)
            #expect(read == said, "\(name)")
            #expect(InvoiceChecks.problems(of: read) == [], "\(name)")
        }
    }

    @Test("self-billing is said by profile, codes and note, and goes from the buyer to the seller")
    func selfBilled() throws {
        let invoice = try InvoiceSamples.selfBilled()
        #expect(invoice.number.text == "SB-2026-0003-000054")
        let ubl = String(decoding: try UBLInvoice.write(invoice), as: UTF8.self)
        let parts = [
            "urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0</cbc:CustomizationID>",
            ">urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0</cbc:ProfileID>",
            "<cbc:InvoiceTypeCode>389<",
            "<cbc:Note>Itselaskutus / Självfakturering / Self-billing<",
        ]
        for part in parts { #expect(ubl.contains(part), "\(part)") }
        let finvoice = try written(InvoiceFacts(invoice), route: InvoiceSamples.route())
        #expect(finvoice.contains("<InvoiceTypeCodeUN>389<"))
        #expect(finvoice.contains("<InvoiceTypeText>ITSELASKUTUS, LASKU<"))
        let buyer = invoice.buyer.ovt.text
        #expect(finvoice.contains("<FromIdentifier SchemeID=\"0216\">\(buyer)<"))
    }

    @Test("holds the figures of the worked example")
    func workedExample() throws {
        let xml = try written(InvoiceFacts(Example.taxedInvoice()))
        let eur = #"AmountCurrencyIdentifier="EUR">"#
        let parts = [
            ">INV01</InvoiceTypeCode>", "<InvoiceNumber>EH-2026-000042</InvoiceNumber>",
            #"<InvoiceDate Format="CCYYMMDD">20260401</InvoiceDate>"#,
            #"<InvoiceDueDate Format="CCYYMMDD">20260501</InvoiceDueDate>"#,
            "<BuyerReferenceIdentifier>COST-77</BuyerReferenceIdentifier>",
            "<InvoiceTotalVatIncludedAmount \(eur)575,76<", "<VatRateAmount \(eur)116,99<",
            "<VatRatePercent>25,5</VatRatePercent>", "<EpiInstructedAmount \(eur)575,76<",
            #"IdentificationSchemeName="SPY">20260000422<"#,
            #"<EpiAccountID IdentificationSchemeName="IBAN">FI2112345600000785<"#,
            #"QuantityUnitCodeUN="MIN">187</InvoicedQuantity>"#, ">2,4533</UnitPriceAmount>",
            "<VirtualBankBarcode>"
                + "421123456000007850005757600000000000020260000422260501<",
        ]
        for part in parts { #expect(xml.contains(part), "\(part)") }
        #expect(!xml.contains("MessageTransmissionDetails"))
    }

    @Test("a credit note has negative amounts, its original, and no bar code")
    func creditNote() throws {
        let xml = try written(InvoiceSamples.creditNote())
        let eur = #"AmountCurrencyIdentifier="EUR">"#
        let parts = [
            ">INV02</InvoiceTypeCode>", "<InvoiceTypeCodeUN>381</InvoiceTypeCodeUN>",
            "<InvoiceTotalVatIncludedAmount \(eur)-575,76<", "<RowVatExcludedAmount \(eur)-458,77<",
            ">-187</InvoicedQuantity>", ">2,4533</UnitPriceAmount>",
        ]
        for part in parts { #expect(xml.contains(part), "\(part)") }
        let original = try #require(xml.firstRange(of: "<OriginalInvoiceReference>"))
        #expect(xml[original.upperBound...].contains("<InvoiceNumber>EH-2026-000042<"))
        #expect(!xml.contains("VirtualBankBarcode"))
    }

    @Test("an envelope names both operators")
    func envelope() throws {
        let xml = try written(
            InvoiceFacts(Example.taxedInvoice()), route: InvoiceSamples.route())
        #expect(xml.contains("<FromIntermediator>003721291126</FromIntermediator>"))
        #expect(xml.contains("<SpecificationIdentifier>EN16931</SpecificationIdentifier>"))
    }

    @Test("what is no invoice of ours is not read")
    func refusesOthers() throws {
        let good = String(
            decoding: try UBLInvoice.write(Example.taxedInvoice()), as: UTF8.self)
        let bad = [
            "", "<Invoice/>", "<html/>", good.replacing(">380<", with: ">326<"),
            good.replacing("<cbc:IssueDate>2026-04-01</cbc:IssueDate>", with: ""),
            good.replacing("2026-05-01", with: "2026-05-99"),
            good.replacing(">187<", with: ">187.005<"),
            good.replacing("unitCode=\"MIN\"", with: "unitCode=\"XXX\""),
            "<!DOCTYPE a>" + good, String(good.prefix(good.count / 2)),
        ]
        for text in bad {
            #expect(throws: (any Error).self) { try UBLReader.read(Array(text.utf8)) }
        }
    }

    /// Vectors of Finance Finland's guide to the bar code, and what has no bar code.
    @Test func barcodes() throws {
        let national = try #require(
            BankBarcode(
                iban: IBAN("FI79 4405 2020 0360 82"), amount: Money(decimal: "4883.15"),
                reference: ReferenceNumber("868516259619897"),
                dueOn: CalendarDate(iso: "2010-06-12")))
        #expect(
            national.digits == "479440520200360820048831500000000868516259619897100612")
        let international = try #require(
            BankBarcode(
                iban: IBAN("FI5810171000000122"), amount: Money(decimal: "482.99"),
                reference: ReferenceNumber("RF602348235"), dueOn: CalendarDate(iso: "2012-01-31")))
        #expect(
            international.digits == "558101710000001220004829960000000000000002348235120131")
        #expect(
            try BankBarcode(
                iban: IBAN("SE4550000000058398257466"), amount: .zero,
                reference: ReferenceNumber("1234561"), dueOn: nil) == nil)
        #expect(
            try BankBarcode(
                iban: IBAN("FI5810171000000122"), amount: Money(decimal: "1000000"),
                reference: ReferenceNumber("1234561"), dueOn: nil)?
                .digits.dropFirst(17).prefix(8) == "00000000")
        // start, 27 pairs and the check of six widths, the stop of seven
        #expect(national.widths.count == 181)
        #expect(national.width == 352)
        #expect(national.path(height: 44).hasPrefix("M10 0h2v44h-2zM13 0h1v44h-1z"))
        // read by a decoder in Tests/Outside/test_einvoice.py
        let folder = UBLInvoiceTests.output.appending(path: "barcodes")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let lines = [national, international].map { code in
            ([code.digits] + code.widths.map(String.init)).joined(separator: " ") + "\n"
        }
        try Data(lines.joined().utf8).write(to: folder.appending(path: "codes.txt"))
    }

    /// Files for the schema (Tests/Outside/test_einvoice.py).
    @Test func writesSamplesForTheOutsideChecks() throws {
        let folder = UBLInvoiceTests.output.appending(path: "finvoice")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        var samples = try InvoiceSamples.all().map { ($0.0, InvoiceFacts($0.1)) }
        samples.append(("credit-note", try InvoiceSamples.creditNote()))
        for (name, facts) in samples {
            let bytes = try Finvoice.write(
                facts, route: name == "taxed-one" ? InvoiceSamples.route() : nil)
            try Data(bytes).write(to: folder.appending(path: "\(name).xml"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count >= 12)
    }
}

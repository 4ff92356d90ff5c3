import Billing
import Documents
import Foundation
import MoneyAndTime
import Testing

@Suite struct UBLInvoiceTests {
    private func written(_ invoice: Invoice) throws -> String {
        String(decoding: try UBLInvoice.write(invoice), as: UTF8.self)
    }

    @Test func holdsTheFiguresOfTheWorkedExample() throws {
        let xml = try written(Example.taxedInvoice())
        let parts = [
            "<cbc:ID>EH-2026-000042</cbc:ID>", "<cbc:IssueDate>2026-04-01</cbc:IssueDate>",
            "<cbc:DueDate>2026-05-01</cbc:DueDate>",
            "<cbc:BuyerReference>COST-77</cbc:BuyerReference>",
            #"<cbc:EndpointID schemeID="0216">003720774740</cbc:EndpointID>"#,
            #"<cbc:CompanyID schemeID="0212">2077474-0</cbc:CompanyID>"#,
            "<cbc:CompanyID>FI20774740</cbc:CompanyID>",
            "<cbc:PaymentMeansCode>58</cbc:PaymentMeansCode>",
            "<cbc:PaymentID>20260000422</cbc:PaymentID>", "<cbc:ID>FI2112345600000785</cbc:ID>",
            #"<cbc:TaxableAmount currencyID="EUR">458.77</cbc:TaxableAmount>"#,
            #"<cbc:TaxAmount currencyID="EUR">116.99</cbc:TaxAmount>"#,
            #"<cbc:PayableAmount currencyID="EUR">575.76</cbc:PayableAmount>"#,
            #"<cbc:InvoicedQuantity unitCode="MIN">187</cbc:InvoicedQuantity>"#,
            #"<cbc:PriceAmount currencyID="EUR">2.4533</cbc:PriceAmount>"#,
            #"<cbc:BaseQuantity unitCode="MIN">1</cbc:BaseQuantity>"#,
            "<cbc:Percent>25.5</cbc:Percent>",
        ]
        for part in parts { #expect(xml.contains(part), "\(part)") }
        #expect(!xml.contains("TaxExemptionReason"))
    }

    @Test func anExemptionStandsInTheBreakdownOnce() throws {
        let xml = try written(
            Example.invoice(
                lines: InvoiceLine.lines(
                    for: [Example.charge(1, minutes: 17)], vat: Example.exempt())))
        let code = "<cbc:TaxExemptionReasonCode>VATEX-EU-132-1C</cbc:TaxExemptionReasonCode>"
        #expect(xml.ranges(of: code).count == 1)
        #expect(xml.contains(#"<cbc:PayableAmount currencyID="EUR">41.71</cbc:PayableAmount>"#))
    }

    @Test func aNameWithMarkupStaysAName() throws {
        let name = "A & B </cbc:Name><cbc:Name>\"'"
        let lines = try InvoiceLine.lines(
            for: [Example.charge(1, minutes: 17)], vat: Example.taxed())
        let xml = try written(Example.invoice(lines: lines, sellerName: name))
        #expect(xml.contains("A &amp; B &lt;/cbc:Name&gt;&lt;cbc:Name&gt;\"'"))
        #expect(throws: XMLWritingFailure.self) {
            try written(Example.invoice(lines: lines, sellerName: "Bell \u{7}"))
        }
    }

    /// Files for the official rules and the schema (Tests/Outside/test_einvoice.py).
    @Test func writesSamplesForTheOutsideChecks() throws {
        let folder = Self.output.appending(path: "invoices")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for (name, invoice) in try InvoiceSamples.all() {
            let bytes = try UBLInvoice.write(invoice)
            try Data(bytes).write(to: folder.appending(path: "\(name).xml"))
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).count >= 6)
    }

    /// `AIKATORI_TEST_OUTPUT`, or `.build/outside` in the package.
    static var output: URL {
        if let path = ProcessInfo.processInfo.environment["AIKATORI_TEST_OUTPUT"] {
            return URL(filePath: path, directoryHint: .isDirectory)
        }
        return URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: ".build/outside")
    }
}

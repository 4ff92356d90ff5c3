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
        for (name, invoice) in try Self.samples() {
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

    /// A visit, less what the seller owes for a cancellation of its own.
    private static func compensated() throws -> Invoice {
        let owed = try Charge.Line(
            kind: "seller_cancellation", text: "Cancelled by the seller, 50 % of 41.71",
            quantity: .oneLess, price: UnitPrice(decimal: "20.86"),
            exact: ExactNet(numerator: -41_710, denominator: 20))
        let day = try CalendarDate(iso: "2026-03-05")
        let line = try InvoiceLine(
            text: owed.text, quantity: owed.quantity, price: owed.price, net: owed.net,
            vat: Example.taxed(), days: day...day,
            sources: [.init(charge: ChargeID(bits: 2), line: 1)])
        let visits = try InvoiceLine.lines(
            for: [Example.charge(1, minutes: 187)], vat: Example.taxed())
        return try Example.invoice(counter: 51, lines: visits + [line])
    }

    private static func samples() throws -> [(String, Invoice)] {
        let one = try [Example.charge(1, minutes: 187)]
        let many = try (1...42).map {
            try Example.charge(
                $0, minutes: Int64(3 + $0 % 40), on: $0 % 7 == 0 ? "2026-02-20" : "2026-03-12")
        }
        let names = try [
            Example.charge(1, minutes: 17, text: "Käynti & \"etävastaanotto\" <ilta> 'ä' ✓")
        ]
        let fee = try Charge.Line(
            text: "Late cancellation, 50 % of 41.71", quantity: .one,
            price: UnitPrice(decimal: "20.86"), exact: ExactNet(numerator: 41_710, denominator: 20))
        let mixed =
            try InvoiceLine.lines(for: [Example.charge(1, minutes: 33)], vat: Example.taxed())
            + InvoiceLine.lines(for: [Example.charge(2, minutes: 20)], vat: Example.exempt())
        return try [
            ("taxed-one", Example.taxedInvoice()),
            (
                "taxed-many",
                Example.invoice(
                    counter: 43, lines: InvoiceLine.lines(for: many, vat: Example.taxed()))
            ),
            (
                "taxed-by-bill",
                Example.invoice(
                    counter: 44,
                    lines: InvoiceLine.lines(
                        for: many, vat: Example.taxed(), rounding: .perBill, costCentre: "7710"))
            ),
            (
                "exempt-one",
                Example.invoice(
                    counter: 45, lines: InvoiceLine.lines(for: one, vat: Example.exempt()))
            ),
            (
                "exempt-many",
                Example.invoice(
                    counter: 46, lines: InvoiceLine.lines(for: many, vat: Example.exempt()))
            ),
            (
                "zero-rated",
                Example.invoice(
                    counter: 47, lines: InvoiceLine.lines(for: one, vat: .zeroRated()))
            ),
            ("taxed-and-exempt", Example.invoice(counter: 48, lines: mixed)),
            (
                "names-and-note",
                Example.invoice(
                    counter: 49, lines: InvoiceLine.lines(for: names, vat: Example.taxed()),
                    sellerName: "Esimerkkisairaala & Kumpp. <Oy>", note: "Kiitos & näkemiin")
            ),
            (
                "cancellation-fee",
                Example.invoice(
                    counter: 50,
                    lines: [
                        InvoiceLine(
                            text: fee.text, quantity: fee.quantity, price: fee.price, net: fee.net,
                            vat: Example.taxed(),
                            days: CalendarDate(iso: "2026-03-05")...CalendarDate(iso: "2026-03-05"),
                            sources: [.init(charge: ChargeID(bits: 1), line: 1)])
                    ])
            ),
            ("with-compensation", compensated()),
        ]
    }
}

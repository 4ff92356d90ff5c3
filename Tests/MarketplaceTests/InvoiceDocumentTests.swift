import Billing
import Contracts
import Documents
import Foundation
import Marketplace
import MoneyAndTime
import Outgoing
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

@Suite("The documents of an invoice")
struct InvoiceDocumentTests {
    static let april = "2027-03-31T21:00:00Z"
    static let example = "psychiatrist-remote-visit"

    /// A seller of the example whose account is another one.
    static func paid(to iban: String) throws -> JSONObject {
        let document = try JSON.parse(ContractFiles.read("v1/examples/valid/\(example).json"))
        var seller = document["seller"]?.members ?? [:]
        seller["iban"] = JSON(iban)
        return ["seller": .object(seller)]
    }

    /// What a contract may say and no e-invoice can carry out: nothing is issued, nothing is
    /// numbered, and all that is wrong is said.
    @Test func refusesWhatWouldBeWrong() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                Self.example, seller: test.addOrganisation("Seller"),
                buyer: test.addOrganisation("Buyer"),
                changed: Self.paid(to: "TR330006100519786457841326"))
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: Self.april))
            var refused: Refusal?
            do {
                _ = try await life.invoiced()
            } catch let refusal as Refusal {
                refused = refusal
            }
            let refusal = try #require(refused)
            #expect(refusal.code == .invoiceMalformed)
            let problem = try #require(refusal.figures["problems"]?.elements?.first)
            #expect(refusal.figures["problems"]?.elements?.count == 1)
            #expect(problem["check"] == "iban_outside_sepa")
            #expect(problem["term"] == "BT-84" && problem["invoice"] == 1)
            #expect(problem["message"]?.text?.hasPrefix("Name an account") == true)
            let left = try await test.owner.read([
                """
                select (select count(*) from invoice) + (select count(*) from entry
                    where kind = 'invoicing') + (select count(*) from invoice_counter) as left
                """
            ]).only()
            #expect(try left["left", Int64.self] == 0)
        }
    }

    @Test func isFinvoiceForBothAndForNobodyElse() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                Self.example, seller: test.addOrganisation("Seller"),
                buyer: test.addOrganisation("Buyer"))
            let stranger = try await test.addOrganisation("Stranger")
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: Self.april))
            let invoice = try await life.invoiced()[0]
            let id = try InvoiceID(typeID: invoice["id"]?.text ?? "")
            var documents: [Document] = []
            for side in [contract.seller, contract.buyer, contract.buyer] {
                documents.append(
                    try await test.market.invoiceFinvoice(
                        side.finance.request("getInvoiceFinvoice"), id))
            }
            #expect(Set(documents).count == 1)
            #expect(documents[0].fileName == "AK-2027-000001-finvoice.xml")
            let text = String(decoding: documents[0].bytes, as: UTF8.self)
            #expect(text.contains("<InvoiceNumber>AK-2027-000001</InvoiceNumber>"))
            #expect(text.contains(">54,00</InvoiceTotalVatIncludedAmount>"))
            let hidden = await refusal {
                _ = try await test.market.invoiceFinvoice(
                    stranger.finance.request("getInvoiceFinvoice"), id)
            }
            #expect(hidden == .notFound)
        }
    }

    /// The Python of the outside checks, which has typst; nil where it has not been set up.
    private static let python: String? = {
        let path = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: ".build/venv/bin/python").path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }()

    private func printed(
        by python: String, _ body: (Market, TestContract, InvoiceID) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let contract = try await test.signedContract(
                Self.example, seller: test.addOrganisation("Seller"),
                buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: Self.april))
            let invoice = try await life.invoiced()[0]
            let market = Market(
                database: test.app, keys: test.market.keys, logger: test.market.logger,
                surroundings: Surroundings(typesetter: Typesetter(python: python)))
            try await body(
                market, contract, InvoiceID(typeID: invoice["id"]?.text ?? ""))
        }
    }

    /// Read by a reader of PDF in Tests/Outside/test_einvoice.py.
    @Test(.enabled(if: python != nil, "no Python with typst"))
    func isTheSamePDFTwice() async throws {
        try await printed(by: #require(Self.python)) { market, contract, id in
            #expect(market.makesPDF)
            let asked = contract.buyer.finance.request("getInvoicePDF")
            let finnish = try await market.invoicePDF(asked, id, in: .finnish)
            #expect(finnish.mediaType == "application/pdf")
            #expect(finnish.fileName == "AK-2027-000001.pdf")
            #expect(finnish.bytes.starts(with: Array("%PDF-1.7".utf8)))
            #expect(try await market.invoicePDF(asked, id, in: .finnish) == finnish)
            let english = try await market.invoicePDF(asked, id, in: .english)
            #expect(english.digest != finnish.digest)
            let folder = URL(filePath: #filePath).deletingLastPathComponent()
                .deletingLastPathComponent().deletingLastPathComponent()
                .appending(path: ".build/outside/pdf")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            try Data(finnish.bytes).write(to: folder.appending(path: "invoice.pdf"))
            let ubl = try await market.invoiceDocument(
                contract.buyer.finance.request("getInvoiceDocument"), id)
            try Data(ubl.bytes).write(to: folder.appending(path: "invoice.xml"))
        }
    }

    @Test func refusesWhereNoPDFCanBeMade() async throws {
        try await printed(by: "/nowhere/python") { market, contract, id in
            let asked = contract.seller.finance.request("getInvoicePDF")
            let failed = await refusal {
                _ = try await market.invoicePDF(asked, id, in: .swedish)
            }
            #expect(failed == .pdfUnavailable)
            let test = contract.test
            #expect(!test.market.makesPDF)
            let none = await refusal {
                _ = try await test.market.invoicePDF(asked, id, in: .swedish)
            }
            #expect(none == .pdfUnavailable)
            let stranger = try await test.addOrganisation("Stranger")
            let hidden = await refusal {
                _ = try await market.invoicePDF(
                    stranger.finance.request("getInvoicePDF"), id, in: .swedish)
            }
            #expect(hidden == .notFound)
        }
    }
}

import Billing
import Documents
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

@Suite("The buyer makes the invoices in the seller's name")
struct SelfBillingTests {
    private static let changed: JSONObject = [
        "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true],
        "billing": LifeOfAVisit.selfBilled,
    ]

    /// Three visits of 108.00, of which the buyer disputes one. What is accepted is invoiced by
    /// the buyer's run, paid by a bank file, and credited by the buyer.
    @Test("A month is invoiced by its buyer, without the disputed line, paid and verified")
    func month() async throws {
        try await Story.tell(changed: Self.changed) { story in
            let life = story.life
            let first = try await life.held("2027-03-08", minutes: 30)
            try await life.held("2027-03-09", minutes: 30)
            try await life.held("2027-03-10", minutes: 30)
            try await story.at("2027-04-01T06:00:00Z")
            let statement = try StatementID(
                typeID: await life.statement().body["id"]?.text ?? "")
            let dispute = try await life.disputed(
                first, on: statement, DisputeWords("The line was down.", minutes: 20))
            try await life.accepts(statement)
            #expect(try await life.seen(statement)["documents"] == ["self_billing"])
            #expect(try await Self.toInvoice(story.buyer, story) == 1)
            #expect(try await Self.toInvoice(story.seller, story) == 0)
            let notTheSeller = await refusal {
                _ = try await life.invoiced(statement)
            }
            #expect(notTheSeller == .invoicedByBuyer)

            _ = try await story.market.updateInvoiceReception(
                story.seller.finance.request("updateInvoiceReception"), revision: 0, way: .operator,
                form: .ubl, address: nil)
            let run = try await story.market.startBillingRun(
                story.buyer.finance.request("startBillingRun"), through: .init(key: "2027-03")
            ).body
            #expect(run["steps"] == 1)
            _ = try await story.market.actOnWhatIsDue(most: 100)
            let listed =
                try await story.market.listInvoices(
                    story.seller.finance.request("listInvoices"), contract: nil, state: nil,
                    page: Page(after: nil, limit: 10)
                ).body["items"]?.elements ?? []
            let invoice = try #require(listed.first)
            #expect(listed.count == 1 && invoice["total"] == "216.00")
            #expect(invoice["number"] == "SB-2027-0001-000001" && invoice["self_billed"] == true)
            let id = try InvoiceID(typeID: invoice["id"]?.text ?? "")
            try await Self.reachesItsSeller(id, story)

            try await life.answered(dispute, .concede, DisputeWords(nil))
            let later = try await Self.issued(statement, by: story.buyer, story)
            #expect(later.map { $0["number"] } == ["SB-2027-0001-000002"])
            #expect(later.map { $0["total"] } == ["72.00"])
            let again = await refusal {
                _ = try await Self.issued(statement, by: story.buyer, story)
            }
            #expect(again == .alreadyInvoiced)

            try await story.at("2027-04-13T06:00:00Z")
            let references = [invoice, later[0]].map { $0["reference"]?.text }
            let file = try await story.paid(
                [("216.00", references[0]), ("72.00", references[1])], id: "SB1")
            #expect(file["entries"]?.elements?.map { $0["fate"] } == ["matched", "matched"])
            let bySeller = await refusal {
                _ = try await Self.credited(id, by: story.seller, story)
            }
            #expect(bySeller == .notYourSide)
            let note = try await Self.credited(id, by: story.buyer, story)
            #expect(note["number"] == "SBC-2027-0001-000001" && note["total"] == "216.00")
            let credit = try await story.market.creditNoteDocument(
                story.seller.finance.request("getCreditNoteDocument"),
                CreditNoteID(typeID: note["id"]?.text ?? ""))
            #expect(try UBLReader.read(credit.bytes).kind == .selfBilledCreditNote)
        }
    }

    private static func reachesItsSeller(_ id: InvoiceID, _ story: Story) async throws {
        let sent = try await story.market.invoiceDeliveries(
            story.seller.finance.request("listInvoiceDeliveries"), of: id
        ).body["deliveries"]?.elements
        #expect(sent?.map { $0["way"] } == ["operator"], "as its seller wants it")
        let document = try await story.market.invoiceDocument(
            story.seller.finance.request("getInvoiceDocument"), id)
        let facts = try UBLReader.read(document.bytes)
        #expect(facts.kind == .selfBilledInvoice && InvoiceChecks.problems(of: facts) == [])
    }

    private static func toInvoice(
        _ organisation: TestOrganisation, _ story: Story
    ) async throws -> Int64 {
        let items =
            try await story.market.listToDo(
                organisation.finance.request("listToDo")
            ).body["items"]?.elements ?? []
        return items.first { $0["kind"] == "statements_to_invoice" }?["count"]?.integer ?? 0
    }

    private static func issued(
        _ statement: StatementID, by organisation: TestOrganisation, _ story: Story
    ) async throws -> [JSON] {
        try await story.market.issueInvoice(
            organisation.finance.request("issueInvoice"), of: statement
        ).body["invoices"]?.elements ?? []
    }

    private static func credited(
        _ invoice: InvoiceID, by organisation: TestOrganisation, _ story: Story
    ) async throws -> JSON {
        try await story.market.creditInvoice(
            organisation.finance.request("creditInvoice"), invoice, reason: "Held elsewhere",
            parts: nil
        ).body
    }
}

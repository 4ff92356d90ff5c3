import Billing
import Marketplace
import MoneyAndTime
import StrictJSON
import TestMarket
import Testing

@Suite("What is not paid is given up")
struct WriteOffTests {
    @Test("Of what is overdue the buyer is reminded, once a day, and of nothing on its way")
    func reminders() async throws {
        let accepted: JSONObject = [
            "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true]
        ]
        try await Story.tell(changed: accepted) { story in
            try await story.life.cancelledLate("2027-03-09")
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            let id = try InvoiceID(typeID: invoice["id"]?.text ?? "")
            func reminded(by side: TestOrganisation) async throws -> JSON {
                try await story.market.remindOfInvoice(
                    side.finance.request("remindOfInvoice"), id
                ).body
            }
            #expect(await refusal { _ = try await reminded(by: story.seller) } == .reminderNotDue)
            try await story.at("2027-05-20T06:00:00Z")
            #expect(await refusal { _ = try await reminded(by: story.buyer) } == .notYourSide)
            #expect(try await reminded(by: story.seller)["open"] == "54.00")
            #expect(await refusal { _ = try await reminded(by: story.seller) } == .reminderNotDue)
            let told = try await story.market.invoice(
                story.buyer.finance.request("getInvoice"), id
            ).body
            #expect(told["reminders"]?[0]?["sent_on"] == "2027-05-20")
        }
    }

    @Test("A part, a credit note beside it, then the rest; what the buyer pays after all waits")
    func inParts() async throws {
        let accepted: JSONObject = [
            "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true]
        ]
        try await Story.tell(changed: accepted) { story in
            try await story.life.held("2027-03-08", minutes: 30)
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            let id = try InvoiceID(typeID: invoice["id"]?.text ?? "")
            #expect(invoice["total"] == "108.00" && invoice["written_off"] == "0.00")
            try await story.paid([("40.00", invoice["reference"]?.text)], id: "A")
            try await story.at("2027-05-20T06:00:00Z")

            func givenUp(_ amount: String, by side: TestOrganisation) async throws -> JSON {
                try await story.market.writeOffInvoice(
                    side.finance.request("writeOffInvoice"), id,
                    amount: Money(decimal: amount), reason: "Not worth a reminder."
                ).body
            }
            for (amount, side, code) in [
                ("0.01", story.buyer, RefusalCode.notYourSide),
                ("68.01", story.seller, .aboveRemaining),
            ] {
                let found = await refusal { _ = try await givenUp(amount, by: side) }
                #expect(found == code)
            }
            #expect(try await givenUp("20.00", by: story.seller)["amount"] == "20.00")
            func seen() async throws -> JSON {
                try await story.market.invoice(
                    story.buyer.finance.request("getInvoice"), id
                ).body
            }
            let part = try await seen()
            #expect(part["open"] == "48.00" && part["written_off"] == "20.00")
            #expect(part["state"] == "partly_paid")
            #expect(part["write_offs"]?[0]?["reason"] == "Not worth a reminder.")

            func credited(_ net: String) async throws {
                _ = try await story.market.creditInvoice(
                    story.seller.finance.request("creditInvoice"), id, reason: "Another price.",
                    parts: [.init(number: 1, net: Money(decimal: net))])
            }
            let above = await refusal { try await credited("108.01") }
            #expect(above == .aboveRemaining)
            try await credited("8.00")

            _ = try await givenUp("40.00", by: story.seller)
            let whole = try await seen()
            #expect(whole["state"] == "written_off" && whole["open"] == "0.00")
            #expect(whole["owed_back"] == "0.00" && whole["write_offs"]?.elements?.count == 2)
            let nothing = await refusal { _ = try await givenUp("0.01", by: story.seller) }
            #expect(nothing == .nothingRemains)

            // nobody guesses what money for a debt that is no more is for
            let late = try await story.paid([("40.00", invoice["reference"]?.text)], id: "B")
            #expect(late["waiting"]?["count"] == 1)
            let open = try await story.openAmounts(story.seller)
            #expect(open["invoices"] == [] && open["bank_entries"]?[0]?["left"] == "40.00")
            for (day, sum) in [("2027-05-19", "68.00"), ("2027-05-20", "0.00")] {
                let ageing = try await story.market.ageing(
                    story.buyer.finance.request("getAgeing"), on: CalendarDate(iso: day))
                #expect(ageing.body["sides"]?[1]?["total"]?["all"]?.text == sum)
            }
        }
    }

    /// Of 108.00 40.00 are paid and 20.00 given up. Credited whole: 48.00 were open, 20.00 are not
    /// lost any more, and 40.00 are owed back.
    @Test("What was given up is credited after all, and only what was paid is owed back")
    func creditedAfterAll() async throws {
        let accepted: JSONObject = [
            "handshake": ["reply_within_minutes": 240, "accepted_in_advance": true]
        ]
        try await Story.tell(changed: accepted) { story in
            try await story.life.held("2027-03-08", minutes: 30)
            try await story.at("2027-04-01T06:00:00Z")
            let invoice = try await story.life.invoiced()[0]
            let id = try InvoiceID(typeID: invoice["id"]?.text ?? "")
            try await story.paid([("40.00", invoice["reference"]?.text)], id: "A")
            try await story.at("2027-05-20T06:00:00Z")
            for amount in ["12.00", "8.00"] {
                _ = try await story.market.writeOffInvoice(
                    story.seller.finance.request("writeOffInvoice"), id,
                    amount: Money(decimal: amount), reason: "Not worth a reminder.")
            }
            func credited(_ net: String?) async throws -> JSON {
                try await story.market.creditInvoice(
                    story.seller.finance.request("creditInvoice"), id, reason: "Another price.",
                    parts: net.map { [.init(number: 1, net: try Money(decimal: $0))] }
                ).body
            }
            #expect(try await credited("48.00")["write_off_cut"] == "0.00")
            #expect(try await credited("5.00")["write_off_cut"] == "5.00")
            func seen() async throws -> JSON {
                try await story.market.invoice(
                    story.buyer.finance.request("getInvoice"), id
                ).body
            }
            let part = try await seen()
            #expect(part["written_off"] == "15.00" && part["open"] == "0.00")
            #expect(part["owed_back"] == "0.00" && part["state"] == "written_off")
            #expect(try await credited(nil)["write_off_cut"] == "15.00")
            let whole = try await seen()
            #expect(whole["state"] == "credited" && whole["written_off"] == "0.00")
            #expect(whole["owed_back"] == "40.00" && whole["write_offs"]?.elements?.count == 2)
            let books = try await story.market.trialBalance(
                story.seller.finance.request("getTrialBalance")
            ).body["accounts"]?.elements
            let loss = books?.first { $0["code"] == "credit_loss" }
            #expect(loss?["balance"] == "0.00")
        }
    }
}

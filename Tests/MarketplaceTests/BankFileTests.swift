import Billing
import Documents
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

struct BankFileTests {
    /// An open invoice of 54.00 and those who trade.
    private struct Trade {
        let contract: TestContract
        let invoice: InvoiceID
        let reference: String

        var test: TestMarket { contract.test }

        init(_ test: TestMarket) async throws {
            contract = try await test.signedContract(
                seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
            let life = try await LifeOfAVisit(under: contract)
            try await life.cancelledLate("2027-03-08")
            try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
            let issued = try await life.invoiced()[0]
            invoice = try InvoiceID(typeID: issued["id"]?.text ?? "")
            reference = issued["reference"]?.text ?? ""
        }

        func file(
            _ payments: [(amount: String, reference: String?)], id: String = "S1",
            account: String = "FI2112345600000785"
        ) throws -> [UInt8] {
            var day = BankDay(payments)
            (day.id, day.account) = (id, account)
            return try day.file()
        }

        func take(_ bytes: [UInt8], key: String? = nil) async throws -> JSON {
            try await test.market.importBankFile(
                contract.seller.finance.request("importBankFile", key: key), bytes
            ).body
        }

        func state() async throws -> JSON? {
            let seen = try await test.market.invoice(
                contract.buyer.finance.request("getInvoice"), invoice)
            return seen.body["state"]
        }
    }

    @Test func paysAnInvoiceOnceHoweverOftenTheFileComes() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let bytes = try trade.file([("54.00", trade.reference)])
            let taken = try await trade.take(bytes)
            #expect(taken["matched"] == ["count": 1, "amount": "54.00"])
            #expect(taken["balances_agree"] == true)
            #expect(taken["entries"]?[0]?["invoice"] == JSON(trade.invoice.description))
            #expect(try await trade.state() == "paid")
            // the same bytes, and the same content in another spelling
            #expect(try await trade.take(bytes) == taken)
            let respelled = Array(
                String(decoding: bytes, as: UTF8.self)
                    .replacing("<MsgId>S1</MsgId>", with: "<MsgId>S2</MsgId>").utf8)
            #expect(respelled != bytes)
            #expect(try await trade.take(respelled) == taken)
            let entries = try await test.market.listBankEntries(
                trade.contract.seller.finance.request("listBankEntries"), fate: nil,
                page: Page(after: nil, limit: 10))
            #expect(entries.body["items"]?.elements?.count == 1)
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    @Test func appliesAnEntryOfTwoFilesOnce() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            _ = try await trade.take(try trade.file([("20.00", trade.reference)]))
            #expect(try await trade.state() == "partly_paid")
            let both = try await trade.take(
                try trade.file([("20.00", trade.reference), ("34.00", trade.reference)]))
            #expect(both["repeated"] == 1)
            #expect(both["matched"] == ["count": 1, "amount": "34.00"])
            #expect(try await trade.state() == "paid")
        }
    }

    struct Case: Sendable, CustomTestStringConvertible {
        let amount: String
        let reference: Reference
        let fate: String
        let reason: String?
        let allocated: String

        enum Reference: Sendable { case right, none, unknown }

        var testDescription: String { "\(amount) \(reference)" }
    }

    @Test(arguments: [
        Case(
            amount: "54.00", reference: .right, fate: "matched", reason: nil, allocated: "54.00"),
        Case(
            amount: "53.99", reference: .right, fate: "partly_matched", reason: "underpaid",
            allocated: "53.99"),
        Case(
            amount: "60.00", reference: .right, fate: "partly_matched", reason: "overpaid",
            allocated: "54.00"),
        Case(
            amount: "54.00", reference: .none, fate: "waiting", reason: "no_reference",
            allocated: "0.00"),
        Case(
            amount: "54.00", reference: .unknown, fate: "waiting", reason: "unknown_reference",
            allocated: "0.00"),
    ])
    func givesEveryEntryItsFate(_ expected: Case) async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let reference: String? =
                switch expected.reference {
                case .right: trade.reference
                case .none: nil
                case .unknown: "1232"
                }
            let taken = try await trade.take(try trade.file([(expected.amount, reference)]))
            let entry = try #require(taken["entries"]?[0])
            #expect(entry["fate"] == JSON(expected.fate))
            #expect(entry["reason"] == JSON(expected.reason))
            #expect(entry["allocated"] == JSON(expected.allocated))
            #expect(entry["amount"] == JSON(expected.amount))
            for side in [trade.contract.seller, trade.contract.buyer] {
                let open = try await test.market.listOpenAmounts(
                    side.finance.request("listOpenAmounts"))
                #expect(open.body["explained"] == true)
            }
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }

    @Test func aSecondPaymentWaits() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let taken = try await trade.take(
                try trade.file([("54.00", trade.reference), ("54.00", trade.reference)]))
            #expect(taken["matched"]?["count"] == 1)
            #expect(taken["entries"]?[1]?["reason"] == "already_paid")
        }
    }

    @Test func countsAndSumsWhatIsNotItsOwn() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let taken = try await trade.take(
                try trade.file(
                    [("54.00", trade.reference), ("1.00", nil)], account: "FI4950009420028730"))
            #expect(taken["others"] == ["count": 2, "amount": "55.00"])
            #expect(taken["entries"] == [])
            #expect(try await trade.state() == "issued")
        }
    }

    @Test func saysWhenBalancesDisagree() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let bytes = try trade.file([("54.00", trade.reference)])
            let text = String(decoding: bytes, as: UTF8.self)
            #expect(text.contains("154.00"))
            let taken = try await trade.take(
                Array(text.replacing("154.00", with: "154.01").utf8))
            #expect(taken["balances_agree"] == false)
            #expect(taken["warnings"] == ["balances_disagree"])
            #expect(try await trade.state() == "paid")
        }
    }

    @Test(arguments: [
        ("", "empty"), ("<Document/>", "not_a_statement"), ("<a", "malformed"),
        ("<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/hostname'>]><a>&x;</a>", "document_type"),
    ])
    func refusesWhatCannotBeRead(_ text: String, _ reason: String) async throws {
        try await TestMarket.withMarket { test in
            let seller = try await test.addOrganisation("Seller")
            do {
                _ = try await test.market.importBankFile(
                    seller.finance.request("importBankFile"), Array(text.utf8))
                Issue.record("nothing was refused")
            } catch let refusal as Refusal {
                #expect(refusal.code == .bankFileRefused)
                #expect(refusal.figures["reason"] == JSON(reason))
            }
        }
    }

    /// Nobody learns from the answer whether the file could be read.
    @Test func readsNothingOfThoseWhoMayNot() async throws {
        try await TestMarket.withMarket { test in
            let seller = try await test.addOrganisation("Seller")
            let code = await refusal {
                _ = try await test.market.importBankFile(
                    seller.scheduler.request("importBankFile"), Array("<a".utf8))
            }
            #expect(code == .roleNotAllowed)
        }
    }

    /// Two imports at once, of two files with the same entry: it is applied once.
    @Test func twoAtOnceApplyAnEntryOnce() async throws {
        try await TestMarket.withMarket { test in
            let trade = try await Trade(test)
            let alone = try trade.file([("54.00", trade.reference)])
            let more = try trade.file([("54.00", trade.reference), ("1.00", nil)])
            async let left = trade.take(alone)
            async let right = trade.take(more)
            let counts = try await [left, right].map { $0["matched"]?["count"]?.integer ?? 0 }
            #expect(counts.reduce(0, +) == 1)
            #expect(try await Verification.run(on: test.reader).isEmpty)
        }
    }
}

import Billing
import Documents
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// A buyer pays its invoices: approved, filed, approved by a second person, and answered.
struct PaymentFileTests {
    private struct Buying {
        let trade: BankEntryTests.Trade
        var test: TestMarket { trade.test }
        var buyer: TestOrganisation { trade.life.contract.buyer }

        init(_ test: TestMarket) async throws { trade = try await BankEntryTests.Trade(test) }

        func approve(_ index: Int) async throws {
            _ = try await test.market.approveInvoicePayment(
                buyer.finance.request("approveInvoicePayment"), trade.id(index))
        }

        func propose(_ indices: [Int], on day: String = "2027-06-10") async throws -> JSON {
            try await test.market.proposePaymentFile(
                buyer.finance.request("proposePaymentFile"),
                invoices: indices.map { try trade.id($0) }, on: CalendarDate(iso: day)
            ).body
        }

        func approve(_ file: JSON, by caller: TestCaller) async throws -> JSON {
            try await test.market.approvePaymentFile(
                caller.request("approvePaymentFile"), id(file)
            ).body
        }

        func id(_ file: JSON) throws -> PaymentFileID {
            try PaymentFileID(typeID: file["id"]?.text ?? "")
        }

        func answer(_ file: JSON, _ body: String) async throws -> JSON {
            let text = """
                <?xml version="1.0" encoding="UTF-8"?>
                <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.03"><CstmrPmtStsRpt>
                <OrgnlGrpInfAndSts><OrgnlMsgId>\(file["message_id"]?.text ?? "")</OrgnlMsgId>\
                \(body)</CstmrPmtStsRpt></Document>
                """
            return try await test.market.importPaymentStatus(
                buyer.finance.request("importPaymentStatus"), id(file), Array(text.utf8)
            ).body
        }

        func payables() async throws -> [JSON] {
            try await test.market.listPayables(
                buyer.finance.request("listPayables")
            ).body["invoices"]?.elements ?? []
        }
    }

    @Test func twoPeoplePayTwoInvoices() async throws {
        try await TestMarket.withMarket { test in
            let buying = try await Buying(test)
            let early = await refusal { _ = try await buying.propose([0, 1]) }
            #expect(early == .notPayable)
            for index in 0...1 { try await buying.approve(index) }
            try await buying.approve(0)
            let file = try await buying.propose([0, 1])
            #expect(file["state"] == "proposed")
            #expect(file["total"] == "108.00")
            let twice = await refusal { _ = try await buying.propose([1]) }
            #expect(twice == .notPayable)
            let alone = await refusal {
                _ = try await buying.approve(file, by: buying.buyer.finance)
            }
            #expect(alone == .secondPersonNeeded)
            let none = await refusal {
                _ = try await test.market.paymentFileDocument(
                    buying.buyer.finance.request("getPaymentFileDocument"), buying.id(file))
            }
            #expect(none == .notFound)
            let approved = try await buying.approve(file, by: buying.buyer.admin)
            #expect(approved["state"] == "approved")
            let document = try await test.market.paymentFileDocument(
                buying.buyer.finance.request("getPaymentFileDocument"), buying.id(file))
            let text = String(decoding: document.bytes, as: UTF8.self)
            for words in [
                "<MsgId>\(file["message_id"]?.text ?? "")</MsgId>", "<CtrlSum>108.00</CtrlSum>",
                "<Ref>\(buying.trade.references[0])</Ref>", "<TwnNm>", "<Ctry>FI</Ctry>",
            ] {
                #expect(text.contains(words), "\(words)")
            }
            let again = await refusal {
                _ = try await buying.approve(file, by: buying.buyer.admin)
            }
            #expect(again == .paymentFileApproved)
        }
    }

    @Test func anAdministratorIsNotTwoPeopleByAToken() async throws {
        try await TestMarket.withMarket { test in
            let buying = try await Buying(test)
            let (finance, admin) = (buying.buyer.finance, buying.buyer.admin)
            try await buying.approve(0)
            let forged = try await test.token(in: finance.member, [.finance], by: admin)
            let proposed = await refusal {
                _ = try await test.market.proposePaymentFile(
                    forged.request("proposePaymentFile"), invoices: [buying.trade.id(0)],
                    on: CalendarDate(iso: "2027-06-10"))
            }
            #expect(proposed == .credentialOfAnother)
            _ = try await test.market.setPaymentLimit(
                admin.request("setPaymentLimit"), above: Money(decimal: "54.00"))
            let file = try await buying.propose([0])
            let approved = await refusal { _ = try await buying.approve(file, by: forged) }
            #expect(approved == .credentialOfAnother)
            _ = try await buying.approve(file, by: finance)
            // whose it is, is in the event and in the chain
            let told = try await test.owner.read([
                """
                select e.data ->> 'member' as told, f.facts ->> 'member' as kept
                from event e join audit_fact f using (subject_kind, subject)
                where subject_kind = 'credential' and subject = \(forged.credential)
                """
            ]).only()
            #expect(try told["told", String.self] == finance.member.description)
            #expect(try told["kept", String.self] == finance.member.description)
        }
    }

    @Test func theBanksAnswerIsReadOnceAndSettlesNothing() async throws {
        try await TestMarket.withMarket { test in
            let buying = try await Buying(test)
            for index in 0...1 { try await buying.approve(index) }
            let file = try await buying.propose([0, 1])
            let early = await refusal { _ = try await buying.answer(file, "") }
            #expect(early == .bankFileRefused)
            let unapproved = await refusal {
                _ = try await buying.answer(file, "<GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>")
            }
            #expect(unapproved == .paymentFileNotApproved)
            _ = try await buying.approve(file, by: buying.buyer.admin)
            let name = file["payments"]?[0]?["end_to_end_id"]?.text ?? ""
            let rejected = """
                <GrpSts>PART</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>\
                <OrgnlPmtInfId>X</OrgnlPmtInfId><TxInfAndSts>\
                <OrgnlEndToEndId>\(name)</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf><Rsn>\
                <Cd>AC04</Cd></Rsn><AddtlInf>Closed</AddtlInf></StsRsnInf></TxInfAndSts>\
                </OrgnlPmtInfAndSts>
                """
            let answered = try await buying.answer(file, rejected)
            #expect(answered["rejected"] == 1)
            #expect(answered["payments"]?[0]?["code"] == "AC04")
            #expect(answered["payments"]?[1]?["state"] == "pending")
            #expect(try await buying.answer(file, rejected) == answered)
            let rest = try await buying.answer(
                file, "<GrpSts>ACSC</GrpSts></OrgnlGrpInfAndSts>")
            #expect(rest["accepted"] == 1)
            #expect(rest["payments"]?[0]?["state"] == "rejected")
            // nothing is settled by it, and what was rejected can be paid again
            #expect(try await buying.trade.states() == ["issued", "issued", "issued"])
            let payables = try await buying.payables()
            let first = payables.first { $0["invoice"] == buying.trade.invoices[0]["id"] }
            #expect(first?["rejection"] == "AC04")
            #expect(first?["payment_file"] == .null)
            _ = try await buying.propose([0])
            let late = await refusal {
                _ = try await test.market.withdrawPaymentFile(
                    buying.buyer.finance.request("withdrawPaymentFile"), buying.id(file))
            }
            #expect(late == .paymentFileAnswered)
        }
    }

    /// The seller's bank takes the money back: the buyer pays again, by two people.
    @Test(arguments: [true, false])
    func whatCameBackIsPaidAgain(isAnswered: Bool) async throws {
        try await TestMarket.withMarket { test in
            let buying = try await Buying(test)
            try await buying.approve(0)
            let file = try await buying.approve(buying.propose([0]), by: buying.buyer.admin)
            if isAnswered {
                _ = try await buying.answer(file, "<GrpSts>ACSC</GrpSts></OrgnlGrpInfAndSts>")
            }
            let paid: [BankEntry.Detail] = [.init(references: [buying.trade.references[0]])]
            _ = try await buying.trade.take([try BankEntryTests.entry("54.00", paid)])
            #expect(try await buying.trade.states()[0] == "paid")
            let back = try BankEntryTests.entry(
                "54.00", paid, "N2", direction: .debit, isReversal: true)
            _ = try await buying.trade.take([back], id: "S2")
            let seen = try await test.market.paymentFile(
                buying.buyer.finance.request("getPaymentFile"), buying.id(file)
            ).body
            #expect(seen["payments"]?[0]?["state"] == "returned")
            let payable = try await buying.payables().first {
                $0["invoice"] == buying.trade.invoices[0]["id"]
            }
            #expect(payable?["rejection"] == "returned")
            let again = try await buying.propose([0])
            #expect(again["payments"]?[0]?["paid_before"] == true)
            // what the bank says of the first one now changes nothing
            let late = try await buying.answer(
                file, "<GrpSts>ACSP</GrpSts></OrgnlGrpInfAndSts>")
            #expect(late["payments"]?[0]?["state"] == "returned")
        }
    }

    @Test func aWithdrawnFileFreesItsInvoices() async throws {
        try await TestMarket.withMarket { test in
            let buying = try await Buying(test)
            try await buying.approve(0)
            let file = try await buying.propose([0])
            let withdrawn = try await test.market.withdrawPaymentFile(
                buying.buyer.finance.request("withdrawPaymentFile"), buying.id(file)
            ).body
            #expect(withdrawn["state"] == "withdrawn")
            let late = await refusal {
                _ = try await buying.approve(file, by: buying.buyer.admin)
            }
            #expect(late == .paymentFileWithdrawn)
            _ = try await buying.propose([0])
        }
    }

    /// What was paid meanwhile is not paid again.
    @Test func whatChangedSinceIsNotApproved() async throws {
        try await TestMarket.withMarket { test in
            let buying = try await Buying(test)
            try await buying.approve(0)
            let file = try await buying.propose([0])
            _ = try await buying.trade.take([
                try BankEntryTests.entry(
                    "20.00", [.init(references: [buying.trade.references[0]])])
            ])
            let changed = await refusal {
                _ = try await buying.approve(file, by: buying.buyer.admin)
            }
            #expect(changed == .notPayable)
        }
    }

    /// Withdrawn after it was taken, or rejected by an answer that anybody may have written.
    @Test(arguments: [true, false])
    func whatMayBePaidAlreadyTakesTwo(isWithdrawn: Bool) async throws {
        try await TestMarket.withMarket { test in
            let buying = try await Buying(test)
            let (finance, admin) = (buying.buyer.finance, buying.buyer.admin)
            _ = try await test.market.setPaymentLimit(
                admin.request("setPaymentLimit"), above: Money(decimal: "54.00"))
            try await buying.approve(0)
            let first = try await buying.approve(buying.propose([0]), by: finance)
            #expect(first["payments"]?[0]?["paid_before"] == false)
            for caller in [finance, admin] {
                _ = try await test.market.paymentFileDocument(
                    caller.request("getPaymentFileDocument"), buying.id(first))
            }
            let taken = try await test.owner.read([
                """
                select member from audit_fact where operation = 'getPaymentFileDocument'
                    and subject = \(buying.id(first)) order by id
                """
            ]).map { try $0["member", MemberID.self] }
            #expect(taken == [finance.member, admin.member])
            if isWithdrawn {
                _ = try await test.market.withdrawPaymentFile(
                    finance.request("withdrawPaymentFile"), buying.id(first))
            } else {
                _ = try await buying.answer(first, "<GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>")
            }
            let second = try await buying.propose([0])
            #expect(second["payments"]?[0]?["paid_before"] == true)
            let alone = await refusal { _ = try await buying.approve(second, by: finance) }
            #expect(alone == .secondPersonNeeded)
            let both = try await buying.approve(second, by: admin)
            #expect(both["payments"]?[0]?["paid_before"] == true)
        }
    }

    @Test func withinTheLimitOnePersonPays() async throws {
        try await TestMarket.withMarket { test in
            let buying = try await Buying(test)
            _ = try await test.market.setPaymentLimit(
                buying.buyer.admin.request("setPaymentLimit"), above: Money(decimal: "54.00"))
            try await buying.approve(0)
            let file = try await buying.propose([0])
            let approved = try await buying.approve(file, by: buying.buyer.finance)
            #expect(approved["state"] == "approved")
            #expect(approved["approved_by"] == approved["proposed_by"])
            let other = await refusal {
                _ = try await test.market.importPaymentStatus(
                    buying.buyer.finance.request("importPaymentStatus"), buying.id(file),
                    Array(
                        """
                        <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10">\
                        <CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>B</OrgnlMsgId>\
                        <GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>
                        """.utf8))
            }
            #expect(other == .answerToAnother)
        }
    }
}

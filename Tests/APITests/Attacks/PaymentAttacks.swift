import API
import Organisations
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    /// A buyer's payment files, of one invoice: what the bank rejected, and what waits.
    struct Payments: Sendable {
        /// Approved, and rejected by the bank.
        let answered: String
        /// What the bank said of it.
        let status: [UInt8]
        /// To be approved, and then withdrawn.
        let proposed: String
    }

    /// Payments of one's own invoices. Their order is that of the operations: a file is approved,
    /// then withdrawn, and its invoice can be put into another.
    var paymentAttacks: [Attack] {
        [
            Attack(operation: .listPayables, by: .buyer, outsider: .ownOnly),
            Attack(
                operation: .setPaymentLimit, by: .buyer,
                body: .json(["second_person_above": "1000.00"]), outsider: .ownOnly),
            Attack(operation: .approveInvoicePayment, by: .buyer, path: [invoice]),
            Attack(operation: .listPaymentFiles, by: .buyer, outsider: .ownOnly),
            Attack(operation: .getPaymentFile, by: .buyer, path: [payments.answered]),
            Attack(operation: .getPaymentFileDocument, by: .buyer, path: [payments.answered]),
            Attack(
                operation: .importPaymentStatus, by: .buyer, path: [payments.answered],
                body: .xml(payments.status)),
            Attack(operation: .approvePaymentFile, by: .buyer, path: [payments.proposed]),
            Attack(operation: .withdrawPaymentFile, by: .buyer, path: [payments.proposed]),
            Attack(
                operation: .proposePaymentFile, by: .buyer,
                body: .json(["invoices": [JSON(invoice)], "execution_on": "2027-07-10"])),
        ]
    }
}

extension World {
    func payments(of invoice: String) async throws -> Trade.Payments {
        _ = try await client.post(
            "/v1/payment-limit", ["second_person_above": "1000.00"], as: buyer.admin
        ).made()
        _ = try await client.post(
            "/v1/invoices/\(invoice)/payment-approval", nil, as: buyer.finance
        ).made()
        func proposed(by caller: TestCaller) async throws -> JSON {
            try await client.post(
                "/v1/payment-files",
                ["invoices": [JSON(invoice)], "execution_on": "2027-07-10"], as: caller
            ).made()
        }
        let answered = try await proposed(by: buyer.finance)
        // whoever pays again is another person than the one who proposes it
        let second = try await test.caller([.finance], email: "second@example.org", buyer.admin)
        let file = "/v1/payment-files/\(try answered.text("id"))"
        _ = try await client.post("\(file)/approve", nil, as: buyer.finance).made()
        let status = Array(
            """
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt>\
            <OrgnlGrpInfAndSts><OrgnlMsgId>\(try answered.text("message_id"))</OrgnlMsgId>\
            <GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts></CstmrPmtStsRpt></Document>
            """.utf8)
        _ = try await client.upload("\(file)/status", status, as: buyer.finance).made()
        return Trade.Payments(
            answered: try answered.text("id"), status: status,
            proposed: try await proposed(by: second).text("id"))
    }
}

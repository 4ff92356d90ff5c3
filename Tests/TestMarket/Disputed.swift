import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

// Lines of a statement that are disputed, and what both sides say of them.

extension DisputeWords {
    package init(
        _ words: String? = "See the log.", net: String? = nil, minutes: Int64? = nil,
        evidence: [String] = []
    ) throws {
        self.init(
            words: words, evidence: evidence, net: try net.map { try Money(decimal: $0) },
            minutes: minutes)
    }
}

extension LifeOfAVisit {
    /// The buyer disputes a line: at an amount, or at minutes where they are given.
    @discardableResult
    package func disputed(
        _ charge: ChargeID, on statement: StatementID, _ said: DisputeWords
    ) async throws -> DisputeID {
        let opened = try await test.market.disputeLine(
            contract.buyer.finance.request("disputeLine"), of: statement, charge: charge,
            reason: said.minutes == nil ? .rate : .volume, said)
        return try DisputeID(typeID: opened.body["id"]?.text ?? "")
    }

    @discardableResult
    package func answered(
        _ dispute: DisputeID, _ act: Market.DisputeAct, _ said: DisputeWords
    ) async throws -> JSON {
        let organisation =
            [.concede, .explain, .propose].contains(act) ? contract.seller : contract.buyer
        return try await test.market.answerDispute(
            organisation.finance.request("answerDispute"), dispute, act, said
        ).body
    }

    package func seen(_ statement: StatementID) async throws -> JSON {
        try await test.market.statement(
            contract.buyer.finance.request("getStatement"), statement
        ).body
    }

    /// The buyer accepts what is undisputed.
    package func accepts(_ statement: StatementID) async throws {
        let undisputed = try await seen(statement)["undisputed"]?.text ?? ""
        _ = try await test.market.acceptStatement(
            contract.buyer.finance.request("acceptStatement"), statement,
            total: Money(decimal: undisputed))
    }

    /// The invoices of the next run of a statement.
    package func invoiced(_ statement: StatementID) async throws -> [JSON] {
        let issued = try await test.market.issueInvoice(
            contract.seller.finance.request("issueInvoice"), of: statement)
        return issued.body["invoices"]?.elements ?? []
    }
}

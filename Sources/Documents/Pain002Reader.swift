import Billing
import MoneyAndTime

/// Reads what a bank answers to a payment file: pain.002 (ISO 20022), version .001.03 or later.
/// Anything that is not understood refuses the whole file, with its place.
package struct Pain002Reader: Sendable {
    package var maxBytes = 16 << 20

    package init() {}

    package func read(_ bytes: [UInt8]) throws(BankFileProblem) -> PaymentAnswer {
        let root = try ElementTree.read(try XMLGuard.check(bytes, maxBytes: maxBytes))
        let prefix = "urn:iso:std:iso:20022:tech:xsd:pain.002.001."
        let version = root.namespace.dropFirst(prefix.count)
        guard root.name == "Document", root.namespace.hasPrefix(prefix), version.utf8.count == 2,
            let number = UInt8(version), number >= 3
        else { throw root.problem(.notAStatement(root.namespace)) }
        guard let report = root.first("CstmrPmtStsRpt"),
            let group = report.first("OrgnlGrpInfAndSts")
        else { throw root.problem(.missing("OrgnlGrpInfAndSts")) }
        guard let messageID = group.text("OrgnlMsgId") else {
            throw group.problem(.missing("OrgnlMsgId"))
        }
        var whole = try group.verdict("GrpSts")
        var each: [String: PaymentAnswer.Verdict] = [:]
        for payment in report.all("OrgnlPmtInfAndSts") {
            // our files have one payment information, which is the whole
            if let verdict = try payment.verdict("PmtInfSts") { whole = verdict }
            for transaction in payment.all("TxInfAndSts") {
                guard let name = transaction.text("OrgnlEndToEndId") else {
                    throw transaction.problem(.missing("OrgnlEndToEndId"))
                }
                guard let verdict = try transaction.verdict("TxSts") ?? whole else {
                    throw transaction.problem(.missing("TxSts"))
                }
                each[name] = verdict
            }
        }
        return PaymentAnswer(messageID: messageID, whole: whole, byEndToEndID: each)
    }
}

extension Element {
    /// What a status says, with the first reason beside it; `nil` where there is no status.
    fileprivate func verdict(
        _ status: String
    ) throws(BankFileProblem) -> PaymentAnswer.Verdict? {
        guard let code = text(status) else { return nil }
        let reason = all("StsRsnInf").first
        let words = reason?.all("AddtlInf").map(\.trimmed).joined(separator: " ")
        switch code {
        // ISO 20022 external codes of payment status
        case "ACCC", "ACCP", "ACFC", "ACSC", "ACSP", "ACTC", "ACWC", "ACWP", "ACPD":
            return PaymentAnswer.Verdict(isAccepted: true)
        case "RJCT", "CANC":
            return PaymentAnswer.Verdict(
                isAccepted: false,
                code: (reason?.text("Rsn/Cd") ?? reason?.text("Rsn/Prtry"))
                    .map { String($0.prefix(35)) },
                words: words.flatMap { $0.isEmpty ? nil : String($0.prefix(1000)) })
        // not decided, or told of each payment alone
        case "PDNG", "RCVD", "PART", "PATC": return PaymentAnswer.Verdict(isAccepted: nil)
        default: throw problem(.invalid(status, value: String(code.prefix(40))))
        }
    }
}

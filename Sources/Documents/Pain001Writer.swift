import Billing
import MoneyAndTime

/// Writes payments for the payer's bank: pain.001.001.09 as SEPA takes it. The order of the
/// elements is the schema's.
package struct Pain001Writer: Sendable {
    private let createdAt: Instant

    package init(createdAt: Instant) {
        self.createdAt = createdAt
    }

    /// Throws `XMLWritingFailure` for a text that XML cannot hold, or an overflow.
    package func write(_ file: PaymentFile) throws -> [UInt8] {
        let total = try file.total().decimal
        let count = "\(file.orders.count)"
        var xml = XMLWriter()
        try xml.element(
            "Document", attributes: ["xmlns": "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"]
        ) { xml in
            try xml.element("CstmrCdtTrfInitn") { xml in
                try xml.element("GrpHdr") { xml in
                    try xml.element("MsgId", file.messageID)
                    try xml.element("CreDtTm", createdAt.rfc3339)
                    try xml.element("NbOfTxs", count)
                    try xml.element("CtrlSum", total)
                    try xml.element("InitgPty") { try $0.element("Nm", name(file.debtorName)) }
                }
                try xml.element("PmtInf") { xml in
                    try xml.element("PmtInfId", file.messageID)
                    try xml.element("PmtMtd", "TRF")
                    try xml.element("NbOfTxs", count)
                    try xml.element("CtrlSum", total)
                    try xml.element("PmtTpInf") { xml in
                        try xml.element("SvcLvl") { try $0.element("Cd", "SEPA") }
                    }
                    try xml.element("ReqdExctnDt") { try $0.element("Dt", file.executionOn.iso) }
                    try party(
                        "Dbtr", file.debtorName, file.debtorTown, file.debtorCountry, &xml)
                    try account("DbtrAcct", file.debtorIBAN, &xml)
                    try agent("DbtrAgt", &xml)
                    try xml.element("ChrgBr", "SLEV")
                    for order in file.orders { try write(order, &xml) }
                }
            }
        }
        return xml.finish()
    }

    private func write(_ order: PaymentOrder, _ xml: inout XMLWriter) throws {
        try xml.element("CdtTrfTxInf") { xml in
            try xml.element("PmtId") { xml in
                try xml.element("InstrId", order.endToEndID)
                try xml.element("EndToEndId", order.endToEndID)
            }
            try xml.element("Amt") { xml in
                try xml.element(
                    "InstdAmt", order.amount.decimal,
                    attributes: ["Ccy": order.amount.currency.rawValue])
            }
            try party("Cdtr", order.creditorName, order.town, order.country, &xml)
            try account("CdtrAcct", order.creditorIBAN, &xml)
            try xml.element("RmtInf") { xml in
                try xml.element("Strd") { xml in
                    try xml.element("CdtrRefInf") { xml in
                        try xml.element("Tp") { xml in
                            try xml.element("CdOrPrtry") { try $0.element("Cd", "SCOR") }
                            if order.reference.national == nil { try xml.element("Issr", "ISO") }
                        }
                        try xml.element("Ref", order.reference.national ?? order.reference.rf)
                    }
                }
            }
        }
    }

    /// Town and country are the least that SEPA takes; a street is nobody's business here.
    private func party(
        _ element: String, _ text: String, _ town: String, _ country: String,
        _ xml: inout XMLWriter
    ) throws {
        try xml.element(element) { xml in
            try xml.element("Nm", name(text))
            try xml.element("PstlAdr") { xml in
                try xml.element("TwnNm", String(town.prefix(35)))
                try xml.element("Ctry", country)
            }
        }
    }

    private func account(_ element: String, _ iban: IBAN, _ xml: inout XMLWriter) throws {
        try xml.element(element) { xml in
            try xml.element("Id") { try $0.element("IBAN", iban.text) }
        }
    }

    /// Within SEPA the IBAN says which bank it is.
    private func agent(_ element: String, _ xml: inout XMLWriter) throws {
        try xml.element(element) { xml in
            try xml.element("FinInstnId") { xml in
                try xml.element("Othr") { try $0.element("Id", "NOTPROVIDED") }
            }
        }
    }

    /// Names have at most 70 characters in SEPA.
    private func name(_ text: String) -> String { String(text.prefix(70)) }
}

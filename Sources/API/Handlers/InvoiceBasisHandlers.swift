import Billing
import Marketplace
import MoneyAndTime
import StrictJSON

/// For sellers that invoice from their own systems: what they take there, and what they bring back.
enum InvoiceBasisHandlers {
    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.invoiceBasis(call.request, of: call.id("statement")))
    }

    static func table(_ call: Call) async throws -> Reply {
        try await .file(call.market.invoiceBasisTable(call.request, of: call.id("statement")))
    }

    static func record(_ call: Call) async throws -> Reply {
        let invoices = try call.object { fields in
            try fields.array("invoices", min: 1, max: 10) { try $0.object(recorded) }
        }
        return try await .json(
            call.market.recordInvoices(call.request, of: call.id("statement"), invoices))
    }

    private static func recorded(_ fields: inout JSONFields) throws -> RecordedInvoice {
        let number = try number(&fields)
        let issuedOn = try fields.parsed("issued_on") { try CalendarDate(iso: $0) }
        return try RecordedInvoice(
            number: number, issuedOn: issuedOn,
            dueOn: fields.parsed("due_on") { text in
                let day = try CalendarDate(iso: text)
                guard day >= issuedOn else { throw DueTooSoon() }
                return day
            },
            reference: fields.parsed("reference") { try ReferenceNumber($0) },
            total: fields.parsed("total", BankEntryHandlers.above))
    }

    /// Of an invoice or a credit note, in the seller's own series.
    static func number(_ fields: inout JSONFields) throws -> String {
        let number = try fields.words("number", max: RecordedInvoice.longestNumber)
        guard RecordedInvoice.isNumber(number) else {
            throw fields.problem("number", .pattern, "must be one line, without blanks around it")
        }
        return number
    }

    private struct DueTooSoon: Error, CustomStringConvertible {
        var description: String { "must not be before the day of issue" }
    }

    static func report(_ call: Call) async throws -> Reply {
        let payments = try call.object { fields in
            try fields.array("payments", min: 1, max: 500) { each in
                try each.object { payment in
                    let net = try payment.optionalParsed(
                        "net_payment", NetPaymentID.init(typeID:))
                    return try ReportedPayment(
                        of: net.map(ReportedPayment.Claim.netPayment)
                            ?? .invoice(payment.parsed("invoice", InvoiceID.init(typeID:))),
                        paidOn: payment.parsed("paid_on") { try CalendarDate(iso: $0) },
                        amount: payment.parsed("amount", BankEntryHandlers.above))
                }
            }
        }
        return try await .json(call.market.reportPayments(call.request, payments))
    }
}

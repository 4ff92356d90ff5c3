import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// Payments of one's own invoices: approvals, files for the bank, and the bank's answers.
enum PaymentHandlers {
    static func listPayables(_ call: Call) async throws -> Reply {
        try await .json(call.market.listPayables(call.request))
    }

    static func setLimit(_ call: Call) async throws -> Reply {
        let above = try call.object { fields in
            try fields.parsed("second_person_above") { text in
                let amount = try Money(decimal: text)
                guard amount >= .zero else { throw Below() }
                return amount
            }
        }
        return try await .json(call.market.setPaymentLimit(call.request, above: above))
    }

    static func approveInvoice(_ call: Call) async throws -> Reply {
        try await .json(call.market.approveInvoicePayment(call.request, call.id("invoice")))
    }

    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listPaymentFiles(
                call.request, page: call.page(PaymentFileID.init(typeID:))))
    }

    static func propose(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields in
            let invoices = try fields.array("invoices", min: 1, max: Market.mostPayments) {
                try $0.parsed(max: 200, InvoiceID.init(typeID:))
            }
            _ = try unique(invoices, in: "invoices", fields)
            return try (
                invoices: invoices,
                day: fields.parsed("execution_on") { try CalendarDate(iso: $0) }
            )
        }
        return try await .json(
            call.market.proposePaymentFile(
                call.request, invoices: wanted.invoices, on: wanted.day))
    }

    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.paymentFile(call.request, call.id("payment_file")))
    }

    static func getDocument(_ call: Call) async throws -> Reply {
        try await .file(call.market.paymentFileDocument(call.request, call.id("payment_file")))
    }

    static func approve(_ call: Call) async throws -> Reply {
        try await .json(call.market.approvePaymentFile(call.request, call.id("payment_file")))
    }

    static func withdraw(_ call: Call) async throws -> Reply {
        try await .json(call.market.withdrawPaymentFile(call.request, call.id("payment_file")))
    }

    static func importStatus(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.importPaymentStatus(
                call.request, call.id("payment_file"), call.bytes))
    }

    private struct Below: Error, CustomStringConvertible {
        var description: String { "must not be below zero" }
    }
}

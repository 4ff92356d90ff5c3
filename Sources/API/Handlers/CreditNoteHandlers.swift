import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// What takes invoices back.
enum CreditNoteHandlers {
    static func list(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listCreditNotes(
                call.request,
                contract: call.query.optionalParsed("contract", ContractID.init(typeID:)),
                invoice: call.query.optionalParsed("invoice", InvoiceID.init(typeID:)),
                page: call.page(CreditNoteID.init(typeID:))))
    }

    static func credit(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields in
            try (
                reason: fields.words("reason", max: Market.longestCreditReason),
                parts: parts(&fields)
            )
        }
        return try await .json(
            call.market.creditInvoice(
                call.request, call.id("invoice"), reason: wanted.reason, parts: wanted.parts))
    }

    private static func parts(_ fields: inout JSONFields) throws -> [Credit.Part]? {
        try fields.optionalArray("lines", min: 1, max: 2_000) { each in
            try each.object { line in
                try Credit.Part(
                    number: line.integer("line", in: 1...Int64(Int32.max)),
                    net: line.parsed("net") { try Money(decimal: $0) })
            }
        }
    }

    static func record(_ call: Call) async throws -> Reply {
        let (recorded, reason) = try call.object { fields in
            let number = try InvoiceBasisHandlers.number(&fields)
            let issuedOn = try fields.parsed("issued_on") { try CalendarDate(iso: $0) }
            let reason = try fields.words("reason", max: Market.longestCreditReason)
            let parts = try parts(&fields)
            let net = try fields.optionalParsed("net", BankEntryHandlers.above)
            guard parts == nil || net == nil else {
                throw fields.problem("net", .unknownField, "must not be beside lines")
            }
            let recorded = try RecordedCreditNote(
                number: number, issuedOn: issuedOn,
                extent: parts.map(RecordedCreditNote.Extent.lines)
                    ?? net.map(RecordedCreditNote.Extent.net) ?? .all,
                total: fields.parsed("total", BankEntryHandlers.above))
            return (recorded, reason)
        }
        return try await .json(
            call.market.recordCreditNote(
                call.request, of: call.id("invoice"), recorded, reason: reason))
    }

    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.creditNote(call.request, call.id("credit_note")))
    }

    static func document(_ call: Call) async throws -> Reply {
        try await .file(call.market.creditNoteDocument(call.request, call.id("credit_note")))
    }
}

import Billing
import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// Charges, statements, invoices, the bank's files and the books.
enum BillingHandlers {
    static func listCharges(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listCharges(
                call.request,
                contract: call.query.optionalParsed("contract", ContractID.init(typeID:)),
                period: call.query.optionalParsed("period", period),
                page: call.page(ChargeID.init(typeID:))))
    }

    static func getCharge(_ call: Call) async throws -> Reply {
        try await .json(call.market.charge(call.request, call.id("charge")))
    }

    static func listStatements(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listStatements(
                call.request,
                contract: call.query.optionalParsed("contract", ContractID.init(typeID:)),
                state: call.query.optionalEnumeration("state"),
                page: call.page(StatementID.init(typeID:))))
    }

    static func createStatement(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields in
            try (
                contract: fields.parsed("contract", ContractID.init(typeID:)),
                period: fields.parsed("period", period)
            )
        }
        return try await .json(
            call.market.createStatement(
                call.request, contract: wanted.contract, period: wanted.period))
    }

    static func getStatement(_ call: Call) async throws -> Reply {
        try await .json(call.market.statement(call.request, call.id("statement")))
    }

    static func acceptStatement(_ call: Call) async throws -> Reply {
        let total = try call.object { fields in
            try fields.parsed("total") { try Money(decimal: $0) }
        }
        return try await .json(
            call.market.acceptStatement(call.request, call.id("statement"), total: total))
    }

    static func listInvoices(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listInvoices(
                call.request,
                contract: call.query.optionalParsed("contract", ContractID.init(typeID:)),
                state: call.query.optionalEnumeration("state"),
                page: call.page(InvoiceID.init(typeID:))))
    }

    static func issueInvoice(_ call: Call) async throws -> Reply {
        let statement = try call.object { fields in
            try fields.parsed("statement", StatementID.init(typeID:))
        }
        return try await .json(call.market.issueInvoice(call.request, of: statement))
    }

    static func getInvoice(_ call: Call) async throws -> Reply {
        try await .json(call.market.invoice(call.request, call.id("invoice")))
    }

    static func getSoldHours(_ call: Call) async throws -> Reply {
        let month = try call.query.parsed("month", StatementPeriod.init(key:))
        return try await .file(call.market.soldHours(call.request, of: month))
    }

    static func getInvoiceDocument(_ call: Call) async throws -> Reply {
        try await .file(call.market.invoiceDocument(call.request, call.id("invoice")))
    }

    static func getInvoiceFinvoice(_ call: Call) async throws -> Reply {
        try await .file(call.market.invoiceFinvoice(call.request, call.id("invoice")))
    }

    static func getInvoicePDF(_ call: Call) async throws -> Reply {
        try await .file(
            call.market.invoicePDF(
                call.request, call.id("invoice"),
                in: call.query.optionalEnumeration("language") ?? TemplateLanguage.english))
    }

    static func listBankFiles(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listBankFiles(call.request, page: call.page(BankFileID.init(typeID:))))
    }

    static func importBankFile(_ call: Call) async throws -> Reply {
        try await .json(call.market.importBankFile(call.request, call.bytes))
    }

    static func getBankFile(_ call: Call) async throws -> Reply {
        try await .json(call.market.bankFile(call.request, call.id("bank_file")))
    }

    static func listBankEntries(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listBankEntries(
                call.request, fate: call.query.optionalEnumeration("fate"),
                page: call.page(BankEntryID.init(typeID:))))
    }

    /// A month such as `2026-10`.
    static func period(_ key: String) throws -> StatementPeriod {
        guard let period = try? StatementPeriod(key: key) else { throw NoMonth() }
        return period
    }

    private struct NoMonth: Error, CustomStringConvertible {
        var description: String { "not a month such as 2026-10" }
    }
}

// MARK: - The books

extension BillingHandlers {
    static func getTrialBalance(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.trialBalance(
                call.request,
                on: call.query.optionalParsed("on") { try CalendarDate(iso: $0) }))
    }

    static func listEntries(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listEntries(call.request, page: call.page(EntryID.init(typeID:))))
    }

    static func compareBooks(_ call: Call) async throws -> Reply {
        let other = try call.query.parsed("counterparty", OrganisationID.init(typeID:))
        return try await .json(call.market.compareBooks(call.request, with: other))
    }

    static func listOpenAmounts(_ call: Call) async throws -> Reply {
        try await .json(call.market.listOpenAmounts(call.request))
    }
}

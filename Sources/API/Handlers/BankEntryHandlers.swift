import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// What people decide of payments on their bank statements.
enum BankEntryHandlers {
    static func get(_ call: Call) async throws -> Reply {
        try await .json(call.market.bankEntry(call.request, call.id("bank_entry")))
    }

    static func apply(_ call: Call) async throws -> Reply {
        let wanted = try call.object { fields -> Wanted in
            let net = try fields.optionalParsed("net_payment", NetPaymentID.init(typeID:))
            if let net { return .netPayment(net) }
            let report = try fields.optionalParsed("report", BankEntryID.init(typeID:))
            if let report { return .report(report) }
            let parts = try fields.array("allocations", min: 1, max: 100) { reader in
                try reader.object { fields in
                    try Allocation(
                        invoice: fields.parsed("invoice", InvoiceID.init(typeID:)),
                        amount: fields.parsed("amount", above)
                    )
                }
            }
            _ = try unique(parts.map(\.invoice), in: "allocations", fields)
            return .invoices(parts)
        }
        let id: BankEntryID = try call.id("bank_entry")
        return try await .json(
            {
                switch wanted {
                case .invoices(let parts):
                    try await call.market.applyBankEntry(call.request, id, parts)
                case .netPayment(let net):
                    try await call.market.applyBankEntry(call.request, id, to: net)
                case .report(let report):
                    try await call.market.applyBankEntry(call.request, id, asReport: report)
                }
            }())
    }

    private enum Wanted {
        case invoices([Allocation]), netPayment(NetPaymentID), report(BankEntryID)
    }

    static func takeBack(_ call: Call) async throws -> Reply {
        try await .json(call.market.takeBackReport(call.request, call.id("bank_entry")))
    }

    static func setAside(_ call: Call) async throws -> Reply {
        try await .json(call.market.setBankEntryAside(call.request, call.id("bank_entry")))
    }

    /// An amount above zero.
    static func above(_ text: String) throws -> Money {
        let amount = try Money(decimal: text)
        guard amount > .zero else { throw NotAbove() }
        return amount
    }

    private struct NotAbove: Error, CustomStringConvertible {
        var description: String { "must be above zero" }
    }
}

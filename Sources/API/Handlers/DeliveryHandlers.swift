import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// How invoices reach their buyers.
enum DeliveryHandlers {
    static func getReception(_ call: Call) async throws -> Reply {
        try await .json(call.market.invoiceReception(call.request))
    }

    static func updateReception(_ call: Call) async throws -> Reply {
        let wish = try call.object { fields in
            try (
                way: fields.enumeration("way", as: DeliveryWay.self),
                form: fields.enumeration("form", as: DeliveryForm.self),
                address: fields.optional("address").map { reader in
                    try reader.parsed(max: 254) { try EmailAddress($0) }
                }
            )
        }
        return try await .json(
            call.market.updateInvoiceReception(
                call.request, revision: call.ifMatch, way: wish.way, form: wish.form,
                address: wish.address))
    }

    static func list(_ call: Call) async throws -> Reply {
        try await .json(call.market.invoiceDeliveries(call.request, of: call.id("invoice")))
    }

    static func send(_ call: Call) async throws -> Reply {
        try await .json(call.market.sendInvoice(call.request, call.id("invoice")))
    }

    static func answer(_ call: Call) async throws -> Reply {
        let said = try call.object { fields in
            try (
                isTaken: fields.bool("taken"),
                problem: fields.optionalWords("problem", max: 200)
            )
        }
        return try await .json(
            call.market.answerInvoiceDelivery(
                call.request, of: call.id("invoice"), call.id("delivery"), isTaken: said.isTaken,
                problem: said.problem))
    }
}

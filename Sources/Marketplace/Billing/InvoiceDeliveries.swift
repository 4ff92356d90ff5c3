import Billing
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

// How invoices reach their buyers: what a buyer wants, what was delivered when, and what the
// operator says of it.

extension Market {
    package func invoiceReception(_ request: Request) async throws -> Answer {
        try await StoredReception(row: read(request, StoredReception.own).atMostOne()).answer
    }

    /// Holds for the invoices that are issued from now on.
    package func updateInvoiceReception(
        _ request: Request, revision: Int64, way: DeliveryWay, form: DeliveryForm,
        address: EmailAddress?
    ) async throws -> Answer {
        guard (way == .mail) == (address != nil) else {
            throw InvalidInput(
                pointer: "/address", code: "required",
                message: "must be there for mail, and only then")
        }
        guard DeliveryForm.sent.contains(form) else {
            throw InvalidInput(
                pointer: "/form", code: "unknown_value", message: "must be ubl or finvoice")
        }
        return try await change(request) { transaction, caller in
            let written = StoredReception(
                way: way, form: form, address: address?.text, revision: revision + 1)
            guard try await transaction.execute(written.write(over: revision)) == 1 else {
                throw Refusal(.revisionDiffers)
            }
            try await transaction.record(
                .init(
                    .invoiceReception, caller.organisation, "invoice_reception.changed",
                    revision: written.revision,
                    facts: [
                        "way": JSON(way.rawValue), "form": JSON(form.rawValue),
                        "address": JSON(address?.text),
                    ]),
                by: caller)
            return written.answer
        }
    }

    /// Oldest first, for both parties.
    package func invoiceDeliveries(_ request: Request, of id: InvoiceID) async throws -> Answer {
        try await view(request) { transaction, _ in
            guard try await !transaction.query(StoredInvoice.find(id)).isEmpty else {
                throw Refusal(.notFound)
            }
            let deliveries = try await transaction.query(StoredDelivery.all(of: id))
                .map(StoredDelivery.init(row:))
            return Answer(["deliveries": .array(deliveries.map(\.json))])
        }
    }

    /// Puts an invoice on its way once more, as its buyer wants it now: after it failed, or where
    /// the buyer has said only since how it wants to get it. The seller's.
    package func sendInvoice(_ request: Request, _ id: InvoiceID) async throws -> Answer {
        try await change(request) { transaction, caller in
            let made = try await transaction.query(StoredDelivery.queue(id)).only()
            guard let delivery = try made["delivery", DeliveryID?.self] else {
                throw Refusal(.deliveryNotWanted)
            }
            try await transaction.note(
                .init(.invoice, id, "invoice.sent_again", revision: 1), by: caller)
            return Answer(try await transaction.delivery(delivery).json)
        }
    }

    /// What the operator says of a delivery, by the seller's word. While its file is being moved,
    /// it is kept, and taken once the delivery was sent.
    package func answerInvoiceDelivery(
        _ request: Request, of invoice: InvoiceID, _ id: DeliveryID, isTaken: Bool,
        problem: String?
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            guard try await transaction.delivery(id).invoice == invoice else {
                throw Refusal(.notFound)
            }
            try await transaction.query(
                StoredDelivery.answer(id, isTaken: isTaken, problem: problem))
            try await transaction.note(
                .init(
                    .invoice, invoice, "invoice.delivery_answered", revision: 1,
                    facts: ["taken": JSON(isTaken)]),
                by: caller)
            return Answer(try await transaction.delivery(id).json)
        }
    }
}

extension Transaction {
    func delivery(_ id: DeliveryID) async throws -> StoredDelivery {
        guard let row = try await query(StoredDelivery.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredDelivery(row: row)
    }
}

extension StoredReception {
    fileprivate var answer: Answer {
        Answer(
            [
                "way": JSON(way.rawValue), "form": JSON(form.rawValue), "address": JSON(address),
                "revision": JSON(revision),
            ], revision: revision)
    }
}

extension StoredDelivery {
    fileprivate var json: JSON {
        [
            "id": JSON(id.description), "invoice": JSON(invoice.description),
            "way": JSON(way.rawValue), "form": JSON(form.rawValue), "address": JSON(address),
            "state": JSON(state.rawValue), "tries": JSON(tries), "problem": JSON(problem),
            "made_at": JSON(madeAt.rfc3339), "sent_at": JSON(sentAt?.rfc3339),
            "ended_at": JSON(endedAt?.rfc3339),
        ]
    }
}

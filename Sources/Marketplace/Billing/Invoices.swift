import Billing
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Reading invoices: an issued one never changes, and what was paid of it is beside it.

extension Market {
    package func listInvoices(
        _ request: Request, contract: ContractID?, state: InvoiceState?, page: Page<InvoiceID>
    ) async throws -> Answer {
        let rows = try await read(
            request,
            StoredInvoice.page(
                contract: contract, state: state, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredInvoice.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: { .object(JSONObject($0.head)) })
    }

    package func invoice(_ request: Request, _ id: InvoiceID) async throws -> Answer {
        try await view(request) { transaction, _ in
            guard let row = try await transaction.query(StoredInvoice.find(id)).atMostOne() else {
                throw Refusal(.notFound)
            }
            return Answer(try await transaction.sheet(StoredInvoice(row: row)))
        }
    }

    /// The UBL document as it was issued, byte for byte.
    package func invoiceDocument(_ request: Request, _ id: InvoiceID) async throws -> Document {
        guard let row = try await read(request, StoredInvoice.document(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        guard let written = try row["document", [UInt8]?.self] else {
            throw Refusal(.invoicedBySeller)
        }
        return try Document(
            bytes: written, mediaType: "application/xml",
            fileName: "\(row["number", String.self]).xml")
    }
}

extension Transaction {
    /// The invoice whole: with its lines, its payments, its credit notes, and what was given up and
    /// paid back.
    func sheet(_ invoice: StoredInvoice) async throws -> JSON {
        let lines = try await query(StoredInvoiceLine.all(of: invoice.id))
            .map(StoredInvoiceLine.init(row:))
        let payments = try await query(StoredAllocation.all(of: invoice.id))
            .map(StoredAllocation.init(row:))
        let notes = try await query(StoredCreditNote.all(of: invoice.id))
            .map(StoredCreditNote.init(row:))
        let writeOffs = try await query(StoredWriteOff.all(of: invoice.id))
            .map(StoredWriteOff.init(row:))
        let refunds = try await query(StoredRefund.all(of: invoice.id))
            .map(StoredRefund.init(row:))
        let setOffs = try await query(StoredSetOff.all(of: invoice.id))
            .map(StoredSetOff.init(row:))
        let reminders = try await query(StoredReminder.all(of: invoice.id))
            .map(StoredReminder.init(row:))
        let details: [(String, JSON)] = [
            ("credit_notes", .array(notes.map { .object(JSONObject($0.head)) })),
            ("lines", .array(lines.map(\.json))),
            ("payments", .array(payments.map(\.json))),
            ("refunds", .array(refunds.map(\.json))),
            ("reminders", .array(reminders.map(\.json))),
            ("set_offs", .array(setOffs.map(\.json))),
            ("write_offs", .array(writeOffs.map(\.json))),
        ]
        return .object(JSONObject(invoice.head + details))
    }
}

extension StoredInvoice {
    /// What a list shows of an invoice.
    fileprivate var head: [(String, JSON)] {
        [
            ("id", JSON(id.description)),
            ("number", JSON(number)),
            ("recorded", JSON(isRecorded)),
            ("self_billed", JSON(isSelfBilled)),
            ("seller", JSON(seller.description)),
            ("seller_name", JSON(sellerName)),
            ("buyer", JSON(buyer.description)),
            ("buyer_name", JSON(buyerName)),
            ("contract", JSON(contract.description)),
            ("version", JSON(version)),
            ("statement", JSON(statement.description)),
            ("period", JSON(period)),
            ("issued_on", JSON(issuedOn.iso)),
            ("due_on", JSON(dueOn.iso)),
            ("buyer_reference", JSON(buyerReference)),
            ("order_reference", JSON(orderReference)),
            ("iban", JSON(iban)),
            ("reference", JSON(reference)),
            (
                "vat",
                JSON.vat(
                    category: vatCategory, rate: vatRate, code: exemptionCode,
                    reason: exemptionReason)
            ),
            ("net", JSON(net.decimal)),
            ("vat_amount", JSON(vat.decimal)),
            ("total", JSON(settlement.total.decimal)),
            ("settled", JSON(settlement.settled.decimal)),
            ("credited", JSON(settlement.credited.decimal)),
            ("written_off", JSON(settlement.writtenOff.decimal)),
            ("refunded", JSON(settlement.refunded.decimal)),
            ("open", JSON(settlement.open.decimal)),
            ("owed_back", JSON(settlement.owedBack.decimal)),
            ("state", JSON(settlement.state.rawValue)),
            ("currency", JSON(net.currency.rawValue)),
            ("created_at", JSON(createdAt.rfc3339)),
        ]
    }
}

extension JSON {
    /// How an invoice treats VAT, with the reason (EN 16931, BG-23).
    static func vat(category: String, rate: Percentage, code: String?, reason: String?) -> JSON {
        [
            "category": JSON(category),
            "rate": JSON(rate.decimal),
            "exemption_code": JSON(code),
            "exemption_reason": JSON(reason),
        ]
    }
}

extension StoredInvoiceLine {
    fileprivate var json: JSON {
        [
            "number": JSON(number),
            "line": JSON(line),
            "charge": JSON(charge.description),
            "service": JSON(service),
            "kind": JSON(kind),
            "code": JSON(code),
            "text": JSON(text),
            "quantity": JSON(quantity.decimal),
            "unit": JSON(quantity.unit.rawValue),
            "price": JSON(price.decimal),
            "base_quantity": JSON(baseQuantity),
            "served_on": JSON(servedOn.iso),
            "starts": JSON(starts?.rfc3339),
            "net": JSON(net.decimal),
            "credited": JSON(credited.decimal),
        ]
    }
}

extension StoredSetOff {
    fileprivate var json: JSON {
        [
            "netting_round": JSON(round.description),
            "amount": JSON(amount.decimal),
            "set_off_at": JSON(recordedAt.rfc3339),
        ]
    }
}

extension StoredAllocation {
    fileprivate var json: JSON {
        [
            "bank_entry": JSON(bankEntry.description),
            "booked_on": JSON(bookedOn?.iso),
            "amount": JSON(amount.decimal),
        ]
    }
}

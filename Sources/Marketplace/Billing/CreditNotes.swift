import Billing
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Reading credit notes: an issued one never changes.

extension Market {
    package func listCreditNotes(
        _ request: Request, contract: ContractID?, invoice: InvoiceID?, page: Page<CreditNoteID>
    ) async throws -> Answer {
        let rows = try await read(
            request,
            StoredCreditNote.page(
                contract: contract, invoice: invoice, after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredCreditNote.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: { .object(JSONObject($0.head)) })
    }

    package func creditNote(_ request: Request, _ id: CreditNoteID) async throws -> Answer {
        try await view(request) { transaction, _ in
            guard let row = try await transaction.query(StoredCreditNote.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            return try await transaction.answer(StoredCreditNote(row: row))
        }
    }

    /// The UBL document as it was issued, byte for byte.
    package func creditNoteDocument(
        _ request: Request, _ id: CreditNoteID
    ) async throws -> Document {
        guard let row = try await read(request, StoredCreditNote.document(id)).atMostOne() else {
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
    /// The credit note whole: with its lines.
    func answer(_ note: StoredCreditNote) async throws -> Answer {
        let lines = try await query(StoredCreditNoteLine.all(of: note.id))
            .map(StoredCreditNoteLine.init(row:))
        return Answer(
            .object(JSONObject(note.head + [("lines", .array(lines.map(\.json)))])),
            location: "/v1/credit-notes/\(note.id)")
    }
}

extension StoredCreditNote {
    /// What a list shows of a credit note.
    var head: [(String, JSON)] {
        [
            ("id", JSON(id.description)),
            ("number", JSON(number)),
            ("recorded", JSON(isRecorded)),
            ("invoice", JSON(invoice.description)),
            ("invoice_number", JSON(invoiceNumber)),
            ("contract", JSON(contract.description)),
            ("seller", JSON(seller.description)),
            ("seller_name", JSON(sellerName)),
            ("buyer", JSON(buyer.description)),
            ("buyer_name", JSON(buyerName)),
            ("issued_on", JSON(issuedOn.iso)),
            ("reason", JSON(reason)),
            ("net", JSON(net.decimal)),
            ("vat_amount", JSON(vat.decimal)),
            ("total", JSON(total.decimal)),
            ("write_off_cut", JSON(writeOffCut.decimal)),
            ("currency", JSON(total.currency.rawValue)),
            ("created_at", JSON(createdAt.rfc3339)),
        ]
    }
}

extension StoredCreditNoteLine {
    fileprivate var json: JSON {
        [
            "number": JSON(number),
            "invoice_line": JSON(invoiceLine),
            "charge": JSON(charge.description),
            "text": JSON(text),
            "net": JSON(net.decimal),
        ]
    }
}

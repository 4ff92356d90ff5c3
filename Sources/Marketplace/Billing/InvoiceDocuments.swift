import Billing
import Contracts
import Documents
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// An invoice's documents: the checks before it is issued, and its other forms, each written from
// the UBL document as it was issued.

extension Market {
    /// The invoice as Finvoice 3.0: the same bytes each time.
    package func invoiceFinvoice(_ request: Request, _ id: InvoiceID) async throws -> Document {
        guard
            let row = try await read(request, StoredInvoice.downloaded(id, as: .finvoice))
                .atMostOne()
        else {
            throw Refusal(.notFound)
        }
        return try IssuedInvoice(row: row).finvoice
    }

    /// Refuses what would be wrong, all of it at once; nothing has been written by then.
    func requireRight(_ invoices: [InvoiceFacts]) throws(Refusal) {
        let problems = invoices.enumerated().flatMap { index, facts in
            InvoiceChecks.problems(of: facts).map { $0.json(invoice: index + 1) }
        }
        guard problems.isEmpty else {
            throw Refusal(.invoiceMalformed, figures: ["problems": .array(problems)])
        }
    }
}

extension InvoiceProblem {
    fileprivate func json(invoice: Int) -> JSON {
        [
            "check": JSON(check.rawValue), "term": JSON(term), "invoice": JSON(invoice),
            "line": line.map { JSON($0) } ?? .null, "message": JSON(message),
        ]
    }
}

/// An invoice as it was issued, with what its other forms need besides.
struct IssuedInvoice {
    let id: InvoiceID
    let number: String
    /// Who sends it.
    let issuer: OrganisationID
    let document: [UInt8]
    let createdAt: Instant
    private let contract: [UInt8]

    init(row: Row) throws {
        id = try row.decode("id")
        number = try row.decode("number")
        issuer = try row.decode("issuer")
        guard let written = try row["document", [UInt8]?.self] else {
            throw Refusal(.invoicedBySeller)
        }
        document = written
        createdAt = try row.decode("created_at")
        contract = try row.decode("contract_document")
    }

    /// What it says, read from the document that was sent.
    var facts: InvoiceFacts {
        get throws { try UBLReader.read(document) }
    }

    var ubl: Document {
        Document(bytes: document, mediaType: "application/xml", fileName: "\(number).xml")
    }

    var finvoice: Document {
        get throws {
            try Document(
                bytes: Finvoice.write(facts, route: route), mediaType: "application/xml",
                fileName: "\(number)-finvoice.xml")
        }
    }

    /// Where the contract names the operators of both.
    private var route: Finvoice.Route? {
        get throws {
            let terms = try ContractDocument(reading: contract).terms
            guard let seller = terms.seller.particulars.eInvoiceOperator,
                let buyer = terms.buyer.particulars.eInvoiceOperator
            else { return nil }
            let (from, to) =
                issuer == terms.buyer.organisation ? (buyer, seller) : (seller, buyer)
            return Finvoice.Route(from: from, to: to, message: "\(id)", at: createdAt)
        }
    }
}

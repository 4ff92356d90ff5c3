import Billing
import Contracts
import Documents
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// What a seller that invoices from its own system takes there: the agreed lines of a statement.

extension Market {
    /// What is accepted of the statement and on no invoice, as both parties agreed on it.
    package func invoiceBasis(_ request: Request, of id: StatementID) async throws -> Answer {
        try await view(request) { transaction, _ in
            let (statement, bases) = try await transaction.basis(of: id)
            return Answer(
                [
                    "statement": JSON(id.description),
                    "contract": JSON(statement.contract.description),
                    "seller": JSON(statement.seller.description),
                    "buyer": JSON(statement.buyer.description),
                    "period": JSON(statement.period),
                    "parts": .array(try bases.map { try $0.json }),
                ])
        }
    }

    /// The same as a table (RFC 4180, UTF-8): a row for each line.
    package func invoiceBasisTable(
        _ request: Request, of id: StatementID
    ) async throws -> Document {
        let (statement, bases) = try await view(request) { transaction, _ in
            try await transaction.basis(of: id)
        }
        var table = CSVWriter(columns: Self.invoiceBasisColumns)
        for (index, basis) in bases.enumerated() {
            for row in basis.cells(of: statement, part: index + 1) { table.add(row) }
        }
        return Document(table, fileName: "invoice-basis-\(statement.period)-\(statement.run).csv")
    }

    /// `net` is without VAT; of a part, and so of one invoice, `part_net`, `part_vat` and
    /// `part_total` are the same in each row.
    static let invoiceBasisColumns = [
        "statement_id", "part", "line", "charge_id", "date", "text", "quantity", "unit", "price",
        "base_quantity", "net", "vat_category", "vat_rate", "exemption_code", "cost_centre",
        "buyer_reference", "order_reference", "part_net", "part_vat", "part_total",
    ]
}

/// What one invoice of the seller's own system is to have: its lines, and whom it is between.
struct AgreedBasis {
    let source: InvoiceSource
    let basis: InvoiceBasis

    fileprivate init(_ source: InvoiceSource, _ starts: [ChargeID: Instant]) throws {
        self.source = source
        basis = try InvoiceBasis(lines: source.lines(starts))
    }

    fileprivate var json: JSON {
        get throws {
            let billing = source.terms.billing
            return [
                "vat": .vat(
                    category: source.vat.category.rawValue, rate: source.vat.rate,
                    code: source.vat.exemptionCode, reason: source.vat.exemptionReason),
                "version": JSON(source.version),
                "buyer_reference": JSON(billing.buyerReference),
                "order_reference": JSON(billing.orderReference),
                "cost_centre": JSON(billing.costCentre),
                "payment_days": JSON(billing.paymentDays),
                "lines": .array(basis.lines.enumerated().map { $1.json(number: $0 + 1) }),
                "net": JSON(basis.calculation.net.decimal),
                "vat_amount": JSON(basis.calculation.vat.decimal),
                "total": JSON(basis.calculation.total.decimal),
                "currency": JSON(basis.calculation.total.currency.rawValue),
            ]
        }
    }

    fileprivate func cells(of statement: StoredStatement, part: Int) -> [[String]] {
        let billing = source.terms.billing
        return basis.lines.enumerated().map { index, line in
            [
                statement.id.description, "\(part)", "\(index + 1)",
                line.sources.first?.charge.description ?? "", line.days.upperBound.iso, line.text,
                line.quantity.decimal, line.quantity.unit.rawValue, line.price.decimal,
                "\(line.baseQuantity)", line.net.decimal, source.vat.category.rawValue,
                source.vat.rate.decimal, source.vat.exemptionCode ?? "", line.costCentre ?? "",
                billing.buyerReference, billing.orderReference ?? "",
                basis.calculation.net.decimal, basis.calculation.vat.decimal,
                basis.calculation.total.decimal,
            ]
        }
    }
}

extension InvoiceLine {
    fileprivate func json(number: Int) -> JSON {
        [
            "number": JSON(number),
            "charge": JSON(sources.first?.charge.description),
            "text": JSON(text),
            "quantity": JSON(quantity.decimal),
            "unit": JSON(quantity.unit.rawValue),
            "price": JSON(price.decimal),
            "base_quantity": JSON(baseQuantity),
            "served_on": JSON(days.upperBound.iso),
            "net": JSON(net.decimal),
        ]
    }
}

extension Transaction {
    fileprivate func basis(
        of id: StatementID
    ) async throws -> (StoredStatement, [AgreedBasis]) {
        guard let row = try await query(StoredStatement.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        let statement = try StoredStatement(row: row)
        guard statement.state == .accepted else { throw Refusal(.statementNotAccepted) }
        return (statement, try await bases(of: statement))
    }

    /// One for each invoice that the seller's own system is to write.
    func bases(of statement: StoredStatement) async throws -> [AgreedBasis] {
        let (sources, starts) = try await invoiceSources(of: statement)
        guard sources.isEmpty || sources.contains(where: \.isInvoicedBySeller) else {
            throw Refusal(.invoicedHere)
        }
        return try sources.filter(\.isInvoicedBySeller).map { try AgreedBasis($0, starts) }
    }
}

import Billing
import Contracts
import Documents
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// The letters before an invoice's number. The number itself runs for each seller and year.
    static var invoicePrefix: String { "AK" }

    /// What is settled of an accepted statement becomes an invoice, or one for each treatment of
    /// VAT: numbered without a gap, written as UBL, and posted in both books, all in one
    /// transaction. A line whose dispute ends later goes into a later run.
    package func issueInvoice(
        _ request: Request, of statement: StatementID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let (_, run, _) = try await invoice(
                statement, for: caller.organisation, in: transaction)
            return try await transaction.issued(of: statement, run: run)
        }
    }

    /// The same in a transaction of the seller's: the statement, its run, and the run's invoices.
    func invoice(
        _ statement: StatementID, for seller: OrganisationID, in transaction: Transaction
    ) async throws -> (StoredStatement, run: Int64, [Invoice]) {
        let (stored, run) = try await transaction.requireInvoiceable(statement, by: seller)
        let (all, starts) = try await transaction.invoiceSources(of: stored)
        let sources = all.filter { !$0.isInvoicedBySeller }
        guard !sources.isEmpty else {
            throw Refusal(all.isEmpty ? .nothingToInvoice : .invoicedBySeller)
        }
        let now = try await transaction.now()
        var invoices: [(invoice: Invoice, version: Int, charges: [Charge])] = []
        for source in sources {
            let invoice = try await numbered(
                source, of: stored, starts, now: now, in: transaction)
            invoices.append((invoice, source.version, source.charges))
        }
        try requireRight(invoices.map { InvoiceFacts($0.invoice) })
        for (invoice, version, charges) in invoices {
            try await issue(
                NewInvoice(invoice, document: UBLInvoice.write(invoice)), of: stored, run: run,
                version: version, for: charges, in: transaction)
        }
        return (stored, run, invoices.map(\.invoice))
    }

    /// The invoice with the next number of its year.
    private func numbered(
        _ source: InvoiceSource, of statement: StoredStatement, _ starts: [ChargeID: Instant],
        now: Instant, in transaction: Transaction
    ) async throws -> Invoice {
        let issuedOn = source.terms.clock.date(of: now)
        let counter = try await transaction.each(
            StoredInvoice.nextNumber(issuer: statement.seller, year: issuedOn.year))
        guard let last = try counter.last?.only()["last", Int64.self] else {
            throw PostgresError.rowCount(expected: "one", got: 0)
        }
        return try Invoice(
            id: newID(),
            number: InvoiceNumber(
                prefix: Self.invoicePrefix, year: issuedOn.year, counter: last),
            contract: statement.contract, issuedOn: issuedOn, paymentDays: source.paymentDays,
            period: StatementPeriod(key: statement.period),
            buyerReference: source.terms.billing.buyerReference,
            orderReference: source.terms.billing.orderReference,
            seller: InvoiceParty(source.terms.seller), buyer: InvoiceParty(source.terms.buyer),
            iban: source.iban,
            lines: source.lines(starts))
    }

    /// Stored, posted in both books and told to both.
    func issue(
        _ invoice: NewInvoice, of statement: StoredStatement, run: Int64, version: Int,
        for charges: [Charge], in transaction: Transaction
    ) async throws {
        let (head, lines) = invoice.insert(of: statement, run: run, version: version)
        // a number or a reference of the seller's own system that is there already
        try await transaction.query(head, refusing: .uniqueViolation, as: .nameTaken)
        try await transaction.query(lines)
        let (seller, buyer) = (statement.seller, statement.buyer)
        let difference = try InvoiceLine.roundingDifference(of: invoice.lines, for: charges)
        if difference != .zero {
            let rounding = try JournalEntry.rounding(
                id: newID(), invoice: invoice.id, difference: difference, seller: seller,
                buyer: buyer, effectiveOn: invoice.issuedOn)
            try await transaction.query(StoredEntry.post([rounding]))
        }
        let entry = try JournalEntry.invoicing(
            id: newID(), invoice: invoice.id, net: invoice.calculation.net,
            vat: invoice.calculation.vat, seller: seller, buyer: buyer,
            effectiveOn: invoice.issuedOn)
        try await transaction.query(StoredEntry.post([entry]))
        try await transaction.record(
            .init(
                .invoice, invoice.id, "invoice.issued", revision: 1,
                counterparty: statement.buyer,
                facts: [
                    "number": JSON(invoice.number),
                    "total": JSON(invoice.calculation.total.decimal),
                    "due_on": JSON(invoice.dueOn.iso),
                ]),
            for: statement.seller)
    }
}

extension Transaction {
    /// Locks an accepted statement of the seller's: two requests cannot both bill it.
    func lockAccepted(
        _ id: StatementID, of seller: OrganisationID
    ) async throws -> StoredStatement {
        guard let row = try await query(StoredStatement.lock(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        let statement = try StoredStatement(row: row)
        guard statement.seller == seller else { throw Refusal(.notYourSide) }
        guard statement.state == .accepted else { throw Refusal(.statementNotAccepted) }
        return statement
    }

    /// The statement, locked, and the next run of its invoices.
    func requireInvoiceable(
        _ id: StatementID, by seller: OrganisationID
    ) async throws -> (StoredStatement, run: Int64) {
        let statement = try await lockAccepted(id, of: seller)
        let earlier = try await query(StoredInvoice.ids(of: id)).map {
            try $0["id", InvoiceID.self]
        }
        guard earlier.isEmpty || statement.toInvoice != .zero else {
            throw Refusal(
                .alreadyInvoiced,
                figures: ["invoices": .array(earlier.map { JSON($0.description) })])
        }
        let run = try await query(StoredInvoice.nextRun(of: id)).only()["run", Int64.self]
        return (statement, run)
    }

    /// What is accepted of the statement and on no invoice, and when its visits began.
    func invoiceSources(
        of statement: StoredStatement
    ) async throws -> ([InvoiceSource], [ChargeID: Instant]) {
        let charges = try await charges(StoredCharge.toInvoice(of: statement.id)).map(\.charge)
        let terms = try await terms(
            of: statement.contract, versions: Set(charges.map(\.versionNumber)))
        guard !terms.values.contains(where: { $0.billing.document == .internalSettlement }) else {
            throw Refusal(.settledInternally)
        }
        return (
            try InvoiceSource.split(charges, under: terms), try await starts(of: charges)
        )
    }

    /// When the visits and blocks of these charges began.
    fileprivate func starts(of charges: [Charge]) async throws -> [ChargeID: Instant] {
        let rows = try await query(
            """
            select c.id, coalesce(lower(b.planned), lower(k.during)) as starts from charge c
            left join booking b on b.id = c.booking left join block k on k.id = c.block
            where c.id = any (\(charges.map(\.id))) and coalesce(c.booking, c.block) is not null
            """)
        return Dictionary(
            uniqueKeysWithValues: try rows.map {
                try ($0["id", ChargeID.self], $0["starts", Instant.self])
            })
    }

    /// The terms of versions of a contract, by their numbers.
    func terms(
        of contract: ContractID, versions: Set<Int>
    ) async throws -> [Int: Terms] {
        let rows = try await query(
            """
            select number, document from contract_version
            where contract = \(contract) and number = any (\(versions.map { Int64($0) }))
            """)
        let pairs = try rows.map { row in
            try (
                row["number", Int.self],
                ContractDocument(reading: row["document", [UInt8].self]).terms
            )
        }
        return Dictionary(uniqueKeysWithValues: pairs)
    }

    private func issued(invoices rows: Rows) async throws -> [JSON] {
        var sheets: [JSON] = []
        for row in rows { sheets.append(try await sheet(StoredInvoice(row: row))) }
        return sheets
    }

    func issued(of statement: StatementID, run: Int64) async throws -> Answer {
        let sheets = try await issued(
            invoices: query(StoredInvoice.all(of: statement, run: run)))
        return Answer(
            ["invoices": .array(sheets)],
            location: sheets.first?["id"]?.text.map { "/v1/invoices/\($0)" })
    }
}

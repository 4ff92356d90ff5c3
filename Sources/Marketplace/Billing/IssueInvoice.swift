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
    /// The same where the buyer makes it in the seller's name.
    static var selfBilledPrefix: String { "SB" }

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

    /// The same in a transaction of the issuer's: the statement, its run, and the run's invoices.
    /// The buyer makes those that the contract lets it make, and the seller all others.
    func invoice(
        _ statement: StatementID, for issuer: OrganisationID, in transaction: Transaction
    ) async throws -> (StoredStatement, run: Int64, [Invoice]) {
        let (stored, run) = try await transaction.requireInvoiceable(
            statement, by: issuer, orBuyer: true)
        let (all, starts) = try await transaction.invoiceSources(of: stored)
        let isSeller = stored.seller == issuer
        let sources = all.filter { !$0.isInvoicedBySeller && $0.isSelfBilled != isSeller }
        guard !sources.isEmpty else {
            guard !all.isEmpty else { throw Refusal(.nothingToInvoice) }
            guard isSeller else { throw Refusal(.notYourSide) }
            throw Refusal(
                all.contains(where: \.isSelfBilled) ? .invoicedByBuyer : .invoicedBySeller)
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
        let number =
            try await source.isSelfBilled
            ? transaction.nextSelfBilled(
                .selfBilledInvoice, prefix: Self.selfBilledPrefix, of: statement.seller,
                year: issuedOn.year)
            : transaction.next(
                StoredInvoice.nextNumber(issuer: statement.seller, year: issuedOn.year),
                prefix: Self.invoicePrefix, year: issuedOn.year)
        return try Invoice(
            id: newID(), number: number,
            contract: statement.contract, issuedOn: issuedOn, paymentDays: source.paymentDays,
            period: StatementPeriod(key: statement.period),
            buyerReference: source.terms.billing.buyerReference,
            orderReference: source.terms.billing.orderReference,
            seller: InvoiceParty(source.terms.seller), buyer: InvoiceParty(source.terms.buyer),
            iban: source.iban,
            lines: source.lines(starts),
            note: source.isSelfBilled ? InvoiceFacts.selfBillingMention : nil)
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
                counterparty: invoice.isSelfBilled ? statement.seller : statement.buyer,
                facts: [
                    "number": JSON(invoice.number),
                    "total": JSON(invoice.calculation.total.decimal),
                    "due_on": JSON(invoice.dueOn.iso),
                ]),
            for: invoice.isSelfBilled ? statement.buyer : statement.seller)
    }
}

extension Transaction {
    /// The next number of the seller's own series.
    func next(_ counter: [Query], prefix: String, year: Int) async throws -> InvoiceNumber {
        guard let last = try await each(counter).last?.only()["last", Int64.self] else {
            throw PostgresError.rowCount(expected: "one", got: 0)
        }
        return try InvoiceNumber(prefix: prefix, year: year, counter: last)
    }

    /// The next number of the asking buyer's series for the seller.
    func nextSelfBilled(
        _ kind: InvoiceFacts.Kind, prefix: String, of seller: OrganisationID, year: Int
    ) async throws -> InvoiceNumber {
        let row = try await query(
            StoredInvoice.nextSelfBilled(kind, of: seller, year: year)
        ).only()
        return try InvoiceNumber(
            prefix: prefix, year: year, series: row.decode("series"), counter: row.decode("last"))
    }

    /// Locks an accepted statement of the seller's: two requests cannot both bill it. Its buyer may
    /// where the buyer makes the invoice, or has made one.
    func lockAccepted(
        _ id: StatementID, of organisation: OrganisationID, orBuyer: Bool = false
    ) async throws -> StoredStatement {
        guard let row = try await query(StoredStatement.lock(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        let statement = try StoredStatement(row: row)
        if statement.seller != organisation {
            guard orBuyer else { throw Refusal(.notYourSide) }
            let isSelfBilled = try await query(StoredInvoice.isSelfBilled(id)).only()
            guard
                try statement.documents.contains(.selfBilling)
                    || isSelfBilled["self_billed", Bool.self]
            else { throw Refusal(.notYourSide) }
        }
        guard statement.state == .accepted else { throw Refusal(.statementNotAccepted) }
        return statement
    }

    /// The statement, locked, and the next run of its invoices.
    func requireInvoiceable(
        _ id: StatementID, by organisation: OrganisationID, orBuyer: Bool = false
    ) async throws -> (StoredStatement, run: Int64) {
        let statement = try await lockAccepted(id, of: organisation, orBuyer: orBuyer)
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

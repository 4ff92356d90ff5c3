import Billing
import MoneyAndTime
import Postgres

/// A row of `invoice` with what was paid of it.
package struct StoredInvoice: Sendable {
    package let id: InvoiceID
    package let number: String
    /// Whether the seller's own system wrote it: its number is not of this market's series, and
    /// there is no document.
    package let isRecorded: Bool
    /// Whether its buyer made it in the seller's name.
    package let isSelfBilled: Bool
    package let seller: OrganisationID
    package let sellerName: String
    package let buyer: OrganisationID
    package let buyerName: String
    package let contract: ContractID
    /// The version of the contract whose parties and payment terms it has.
    package let version: Int64
    package let statement: StatementID
    package let period: String
    package let issuedOn: CalendarDate
    package let dueOn: CalendarDate
    package let buyerReference: String
    package let orderReference: String?
    package let iban: String
    package let reference: String
    package let vatCategory: String
    package let vatRate: Percentage
    package let exemptionCode: String?
    package let exemptionReason: String?
    package let net: Money
    package let vat: Money
    package let settlement: Settlement
    package let createdAt: Instant

    package init(row: Row) throws {
        id = try row.decode("id")
        number = try row.decode("number")
        isRecorded = try row.decode("is_recorded")
        isSelfBilled = try row.decode("is_self_billed")
        seller = try row.decode("seller")
        sellerName = try row.decode("seller_name")
        buyer = try row.decode("buyer")
        buyerName = try row.decode("buyer_name")
        contract = try row.decode("contract")
        version = try row.decode("version")
        statement = try row.decode("statement")
        period = try row.decode("period")
        issuedOn = try row.decode("issued_on")
        dueOn = try row.decode("due_on")
        buyerReference = try row.decode("buyer_reference")
        orderReference = try row.decode("order_reference")
        iban = try row.decode("iban")
        reference = try row.decode("reference")
        vatCategory = try row.decode("vat_category")
        vatRate = try Percentage(basisPoints: row.decode("vat_rate"))
        exemptionCode = try row.decode("vat_exemption_code")
        exemptionReason = try row.decode("vat_exemption_reason")
        net = try row.decode("net")
        vat = try row.decode("vat")
        settlement = try Settlement(row: row)
        createdAt = try row.decode("created_at")
    }

    /// Who made it here: its seller, or its buyer in the seller's name.
    package var issuer: OrganisationID { isSelfBilled ? buyer : seller }

    private static let columns: Query = """
        select i.id, i.number, i.seller, i.seller_name, i.buyer, i.buyer_name, i.contract,
            i.version, i.statement, i.period, i.issued_on, i.due_on, i.buyer_reference,
            i.order_reference, i.iban, i.reference, i.vat_category, i.vat_rate,
            i.vat_exemption_code, i.vat_exemption_reason, i.net, i.vat, i.total, b.settled,
            b.credited, b.written_off, b.refunded, i.created_at,
            i.issuer_number is null as is_recorded,
            i.self_billing_series is not null as is_self_billed
        from invoice i join invoice_balance b on b.invoice = i.id
        """

    package static func find(_ id: InvoiceID) -> Query {
        "\(columns) where i.id = \(id)"
    }

    /// Those of one run.
    package static func all(of statement: StatementID, run: Int64) -> Query {
        """
        \(columns) where i.statement = \(statement) and i.run = \(run)
        order by i.issuer_number, i.id
        """
    }

    /// The run that comes next, from one.
    package static func nextRun(of statement: StatementID) -> Query {
        """
        select 1 + coalesce(max(run), 0)::bigint as run from invoice where statement = \(statement)
        """
    }

    /// Whether the buyer has made an invoice of a statement.
    package static func isSelfBilled(_ statement: StatementID) -> Query {
        """
        select exists (select from invoice
            where statement = \(statement) and self_billing_series is not null) as self_billed
        """
    }

    package static func ids(of statement: StatementID) -> Query {
        "select id from invoice where statement = \(statement) order by issuer_number, id"
    }

    package static func page(
        contract: ContractID?, state: InvoiceState?, after: InvoiceID?, limit: Int
    ) -> Query {
        """
        \(columns) where (\(contract)::uuid is null or i.contract = \(contract)::uuid)
            and (\(state?.rawValue)::text is null or b.state = \(state?.rawValue)::text)
            and (\(after)::uuid is null or i.id > \(after)::uuid)
        order by i.id limit \(limit)
        """
    }

    /// The UBL document as it was sent; where its buyer asks, that is noted.
    package static func document(_ id: InvoiceID) -> Query {
        "select number, document, note_download(id, 'ubl') from invoice where id = \(id)"
    }

    /// The same in another form, with what that needs: the version of the contract whose parties
    /// it has.
    package static func downloaded(_ id: InvoiceID, as form: DeliveryForm) -> Query {
        "select f.*, note_download(f.id, \(form.rawValue)::text) from (\(issued(id))) f"
    }

    /// The same, of which nothing is noted.
    package static func issued(_ id: InvoiceID) -> Query {
        """
        select i.id, i.number, invoice_issuer(i.id) as issuer, i.document, i.created_at,
            v.document as contract_document
        from invoice i
            join contract_version v on v.contract = i.contract and v.number = i.version
        where i.id = \(id)
        """
    }

    /// The next number of the asking buyer's series for a seller, gap-free in the same way.
    package static func nextSelfBilled(
        _ kind: InvoiceFacts.Kind, of seller: OrganisationID, year: Int
    ) -> Query {
        """
        select series::bigint as series, last from next_self_billing_number(
            \(seller), \(kind.isCredit ? "credit_note" : "invoice"), \(year))
        """
    }

    /// The next number of a year, gap-free: the counter's row stays locked until the transaction
    /// that takes the number ends.
    package static func nextNumber(issuer: OrganisationID, year: Int) -> [Query] {
        [
            """
            insert into invoice_counter (issuer, year) values (\(issuer), \(year))
            on conflict do nothing
            """,
            """
            update invoice_counter set last = last + 1
            where issuer = \(issuer) and year = \(year) returning last
            """,
        ]
    }
}

extension Settlement {
    /// Of a row with the columns of `invoice_balance`.
    init(row: Row) throws {
        try self.init(
            total: row.decode("total"), settled: row.decode("settled"),
            credited: row.decode("credited"), writtenOff: row.decode("written_off"),
            refunded: row.decode("refunded"))
    }
}

/// A row of `invoice_line` with the charge line that it bills.
package struct StoredInvoiceLine: Sendable {
    package let number: Int64
    /// Of the invoice's own line, of which this is a part where the contract rounds by bill.
    package let line: Int64
    package let charge: ChargeID
    /// Which line of the charge it bills.
    package let chargeLine: Int64
    package let service: String
    /// What the line is for, and the code of a supplement or discount.
    package let kind: String
    package let code: String?
    package let text: String
    package let quantity: BilledQuantity
    package let price: UnitPrice
    package let baseQuantity: Int64
    package let servedOn: CalendarDate
    /// All days of the period of a commitment; else the day of the visit.
    package let days: ClosedRange<CalendarDate>
    /// When the visit began, or would have; or the block. Nil of a commitment.
    package let starts: Instant?
    package let net: Money
    /// What credit notes took of it.
    package let credited: Money

    package static func all(of id: InvoiceID) -> Query {
        """
        select l.number, coalesce(l.line, l.number)::bigint as line, l.charge,
            l.charge_line::bigint as charge_line, h.service, c.kind, c.code,
            l.text, c.quantity_hundredths, c.unit, c.price_ten_thousandths, c.base_quantity,
            h.served_on, case when coalesce(h.booking, h.block) is null
                then (h.period || '-01')::date else h.served_on end as first_day,
            coalesce(lower(b.planned), lower(k.during)) as starts, l.net,
            (select coalesce(sum(n.net), 0)::bigint from credit_note_line n
                where n.invoice = l.invoice and n.invoice_line = l.number) as credited
        from invoice_line l
            join charge_line c on c.charge = l.charge and c.number = l.charge_line
            join charge h on h.id = l.charge
            left join booking b on b.id = h.booking
            left join block k on k.id = h.block
        where l.invoice = \(id) order by l.number
        """
    }

    package init(row: Row) throws {
        guard let unit = BilledQuantity.Unit(rawValue: try row.decode("unit")) else {
            throw CellError.malformed("a unit")
        }
        number = try row.decode("number")
        line = try row.decode("line")
        charge = try row.decode("charge")
        chargeLine = try row.decode("charge_line")
        service = try row.decode("service")
        kind = try row.decode("kind")
        code = try row.decode("code")
        text = try row.decode("text")
        quantity = BilledQuantity(hundredths: try row.decode("quantity_hundredths"), unit: unit)
        price = try UnitPrice(tenThousandths: row.decode("price_ten_thousandths"))
        baseQuantity = try row.decode("base_quantity")
        servedOn = try row.decode("served_on")
        days = try row["first_day", CalendarDate.self]...servedOn
        starts = try row.decode("starts")
        net = try row.decode("net")
        credited = try row.decode("credited")
    }
}

/// A row of `allocation` that is in force: what was settled of an invoice, and when.
package struct StoredAllocation: Sendable {
    package let bankEntry: BankEntryID
    package let bookedOn: CalendarDate?
    package let amount: Money

    package static func all(of id: InvoiceID) -> Query {
        """
        select a.bank_entry, a.booked_on, a.amount from allocation a
        where a.invoice = \(id) and not exists (select from allocation_return r
            where (r.bank_entry, r.invoice) = (a.bank_entry, a.invoice))
        order by a.recorded_at, a.bank_entry
        """
    }

    package init(row: Row) throws {
        bankEntry = try row.decode("bank_entry")
        bookedOn = try row.decode("booked_on")
        amount = try row.decode("amount")
    }
}

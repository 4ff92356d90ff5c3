import Billing
import MoneyAndTime
import Postgres
import StrictJSON

/// A row of `payment_file`, without its document.
package struct StoredPaymentFile: Sendable {
    package let id: PaymentFileID
    package let messageID: String
    package let iban: IBAN
    package let executionOn: CalendarDate
    package let total: Money
    package let count: Int64
    package let pending: Int64
    package let accepted: Int64
    package let rejected: Int64
    package let proposedBy: MemberID
    package let proposedByName: String?
    package let proposedAt: Instant
    package let approvedBy: MemberID?
    package let approvedByName: String?
    package let approvedAt: Instant?
    package let withdrawnAt: Instant?

    private static let columns: Query = """
        select f.id, f.message_id, f.iban, f.execution_on, f.total, f.proposed_by, f.proposed_at,
            f.approved_by, f.approved_at, f.withdrawn_at, p.name as proposed_by_name,
            a.name as approved_by_name, n.*
        from payment_file f
            left join member p on p.id = f.proposed_by
            left join member a on a.id = f.approved_by
            cross join lateral (
                select count(*) as count, count(*) filter (where state = 'pending') as pending,
                    count(*) filter (where state = 'accepted') as accepted,
                    count(*) filter (where state = 'rejected') as rejected
                from payment_order o where o.file = f.id) n
        """

    package static func find(_ id: PaymentFileID) -> Query { "\(columns) where f.id = \(id)" }

    package static func page(after: PaymentFileID?, limit: Int) -> Query {
        """
        \(columns) where \(after)::uuid is null or f.id > \(after)::uuid
        order by f.id limit \(limit)
        """
    }

    /// Whoever acts on an organisation's payments has them to itself.
    package static func claim(_ organisation: OrganisationID) -> Query {
        """
        select pg_advisory_xact_lock(
            hashtextextended('aikatori.payment_file ' || \(organisation)::uuid, 0))
        """
    }

    /// With the fact of who took it.
    package static func document(_ id: PaymentFileID) -> Query {
        """
        select message_id, document,
            audit('payment_file', id, organisation, null, jsonb_build_object('downloaded', true))
        from payment_file where id = \(id) and document is not null
        """
    }

    package init(row: Row) throws {
        id = try row.decode("id")
        messageID = try row.decode("message_id")
        iban = try IBAN(row["iban", String.self])
        executionOn = try row.decode("execution_on")
        total = try row.decode("total")
        count = try row.decode("count")
        pending = try row.decode("pending")
        accepted = try row.decode("accepted")
        rejected = try row.decode("rejected")
        proposedBy = try row.decode("proposed_by")
        proposedByName = try row.decode("proposed_by_name")
        proposedAt = try row.decode("proposed_at")
        approvedBy = try row.decode("approved_by")
        approvedByName = try row.decode("approved_by_name")
        approvedAt = try row.decode("approved_at")
        withdrawnAt = try row.decode("withdrawn_at")
    }

    /// The approval, with the file for the bank: made once.
    package static func approve(
        _ id: PaymentFileID, by member: MemberID, document: [UInt8]
    ) -> Query {
        """
        update payment_file
        set approved_by = \(member), approved_at = market_now(), document = \(document)
        where id = \(id)
        """
    }

    package static func withdraw(_ id: PaymentFileID) -> [Query] {
        [
            "update payment_order set state = 'withdrawn' where file = \(id)",
            "update payment_file set withdrawn_at = market_now() where id = \(id)",
        ]
    }

    /// The answer of a bank, read once.
    package static func answered(
        _ id: PaymentFileID, _ digest: [UInt8], of organisation: OrganisationID
    ) -> Query {
        """
        insert into payment_answer (file, digest, organisation)
        values (\(id), \(digest), \(organisation)) on conflict do nothing
        """
    }
}

/// A row of `payment_order` with its invoice.
package struct StoredPaymentOrder: Sendable {
    package let number: Int64
    package let invoice: InvoiceID
    package let invoiceNumber: String
    package let sellerName: String
    package let amount: Money
    /// What is open of the invoice now.
    package let open: Money
    package let endToEndID: String
    /// Another file with its invoice was approved before this one.
    package let wasPaidBefore: Bool
    package let state: PaymentOrder.State
    package let code: String?
    package let words: String?

    package static func all(of file: PaymentFileID) -> Query {
        """
        select o.number, o.invoice, i.number as invoice_number, i.seller_name, o.amount, b.open,
            o.end_to_end, o.state, o.code, o.words,
            was_in_an_approved_file(o, coalesce(f.approved_at, 'infinity')) as paid_before
        from payment_order o join payment_file f on f.id = o.file
            join invoice i on i.id = o.invoice
            join invoice_balance b on b.invoice = i.id
        where o.file = \(file) order by o.number
        """
    }

    package init(row: Row) throws {
        guard let state = PaymentOrder.State(rawValue: try row.decode("state")) else {
            throw CellError.malformed("a payment order")
        }
        number = try row.decode("number")
        invoice = try row.decode("invoice")
        invoiceNumber = try row.decode("invoice_number")
        sellerName = try row.decode("seller_name")
        amount = try row.decode("amount")
        open = try row.decode("open")
        endToEndID = try row.decode("end_to_end")
        wasPaidBefore = try row.decode("paid_before")
        self.state = state
        code = try row.decode("code")
        words = try row.decode("words")
    }

    package static func change(
        _ number: Int64, of file: PaymentFileID, to state: PaymentOrder.State,
        _ verdict: PaymentAnswer.Verdict
    ) -> Query {
        """
        update payment_order
        set state = \(state.rawValue), code = \(verdict.code), words = \(verdict.words)
        where file = \(file) and number = \(number)
        """
    }
}

/// A payment file to be stored, with its payments.
package struct NewPaymentFile: Sendable {
    package let id: PaymentFileID
    package let organisation: OrganisationID
    package let messageID: String
    package let iban: IBAN
    package let executionOn: CalendarDate
    package let total: Money
    package let proposedBy: MemberID
    /// Invoice, amount and end-to-end id of each payment.
    package let orders: [(invoice: InvoiceID, amount: Money, endToEndID: String)]

    package init(
        id: PaymentFileID, organisation: OrganisationID, messageID: String, iban: IBAN,
        executionOn: CalendarDate, total: Money, proposedBy: MemberID,
        orders: [(invoice: InvoiceID, amount: Money, endToEndID: String)]
    ) {
        self.id = id
        self.organisation = organisation
        self.messageID = messageID
        self.iban = iban
        self.executionOn = executionOn
        self.total = total
        self.proposedBy = proposedBy
        self.orders = orders
    }

    package func insert() -> [Query] {
        let list = JSON.array(
            orders.enumerated().map { index, order in
                [
                    "number": JSON(index + 1), "invoice": JSON(order.invoice.uuidString),
                    "amount": JSON(order.amount.minorUnits),
                    "end_to_end": JSON(order.endToEndID),
                ]
            }
        ).compactText
        return [
            """
            insert into payment_file
                (id, organisation, message_id, iban, execution_on, total, proposed_by)
            values (\(id), \(organisation), \(messageID), \(iban.text), \(executionOn), \(total),
                \(proposedBy))
            """,
            """
            insert into payment_order (file, number, organisation, invoice, amount, end_to_end)
            select \(id), number, \(organisation), invoice, amount, end_to_end
            from jsonb_to_recordset(\(list)::jsonb) as o(
                number int, invoice uuid, amount bigint, end_to_end text)
            """,
        ]
    }
}

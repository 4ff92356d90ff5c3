import Billing
import MoneyAndTime
import Postgres

/// How an organisation wants to get its invoices: a row of `invoice_reception`.
package struct StoredReception: Sendable {
    package let way: DeliveryWay
    package let form: DeliveryForm
    /// Of mail.
    package let address: String?
    /// 0 before anything was set.
    package let revision: Int64

    package init(way: DeliveryWay, form: DeliveryForm, address: String?, revision: Int64) {
        self.way = way
        self.form = form
        self.address = address
        self.revision = revision
    }

    /// Of no row: whoever set nothing takes its invoices itself.
    package init(row: Row?) throws {
        guard let row else {
            self.init(way: .download, form: .ubl, address: nil, revision: 0)
            return
        }
        guard let way = DeliveryWay(rawValue: try row.decode("way")),
            let form = DeliveryForm(rawValue: try row.decode("form"))
        else { throw CellError.malformed("a reception") }
        try self.init(
            way: way, form: form, address: row.decode("address"), revision: row.decode("revision"))
    }

    /// The caller's own.
    package static let own: Query = """
        select way, form, address, revision from invoice_reception
        where organisation = current_organisation()
        """

    /// No row is changed when the revision is another by now.
    package func write(over revision: Int64) -> Query {
        """
        insert into invoice_reception as r (organisation, way, form, address, revision)
        select current_organisation(), \(way.rawValue), \(form.rawValue), \(address),
            \(revision) + 1
        where \(revision) = 0 or exists (
            select from invoice_reception where organisation = current_organisation())
        on conflict (organisation) do update set way = excluded.way, form = excluded.form,
            address = excluded.address, revision = excluded.revision
            where r.revision = \(revision)
        """
    }
}

/// A row of `invoice_delivery`: one way of an invoice to its buyer, and what became of it.
package struct StoredDelivery: Sendable {
    package let id: DeliveryID
    package let invoice: InvoiceID
    package let way: DeliveryWay
    package let form: DeliveryForm
    package let address: String?
    package let state: DeliveryState
    package let isPrepared: Bool
    package let tries: Int64
    package let problem: String?
    package let madeAt: Instant
    package let sentAt: Instant?
    package let endedAt: Instant?

    package init(row: Row) throws {
        guard let way = DeliveryWay(rawValue: try row.decode("way")),
            let form = DeliveryForm(rawValue: try row.decode("form")),
            let state = DeliveryState(rawValue: try row.decode("state"))
        else { throw CellError.malformed("a delivery") }
        id = try row.decode("id")
        invoice = try row.decode("invoice")
        self.way = way
        self.form = form
        address = try row.decode("address")
        self.state = state
        isPrepared = try row.decode("prepared")
        tries = Int64(try row["tries", Int32.self])
        problem = try row.decode("problem")
        madeAt = try row.decode("made_at")
        sentAt = try row.decode("sent_at")
        endedAt = try row.decode("ended_at")
    }

    private static let columns: Query = """
        select d.id, d.invoice, d.way, d.form, d.address, d.state, d.prepared, d.tries, d.problem,
            d.made_at, d.sent_at, d.ended_at
        from invoice_delivery d
        """

    package static func find(_ id: DeliveryID) -> Query {
        "\(columns) where d.id = \(id)"
    }

    /// Oldest first.
    package static func all(of invoice: InvoiceID) -> Query {
        "\(columns) where d.invoice = \(invoice) order by d.id"
    }

    /// `delivery` is null where the buyer takes its invoices itself.
    package static func queue(_ invoice: InvoiceID) -> Query {
        "select queue_delivery(\(invoice)) as delivery"
    }

    package func move(_ step: DeliveryStep, problem: String? = nil) -> Query {
        "select move_delivery(\(id), \(step.rawValue)::text, \(problem)::text)"
    }

    package static func answer(_ id: DeliveryID, isTaken: Bool, problem: String?) -> Query {
        "select answer_delivery(\(id), \(isTaken), \(problem)::text)"
    }

    /// By a file of the operator's, for whatever organisation.
    package static func readAnswer(_ id: DeliveryID, isTaken: Bool, problem: String) -> Query {
        "select read_delivery_answer(\(id), \(isTaken), \(problem)::text) as heard"
    }
}

import Billing
import MoneyAndTime
import Postgres
import StrictJSON

/// The caller's part in a round of netting.
package struct StoredNettingMember: Sendable {
    package enum State: String, Sendable, CaseIterable { case open, posted, lapsed }
    package enum Answer: String, Sendable, CaseIterable { case consent, decline }

    package let round: NettingRoundID
    package let isProposer: Bool
    package let consentBy: Instant
    package let state: State
    package let answer: Answer?
    package let createdAt: Instant

    package init(row: Row) throws {
        guard let state = State(rawValue: try row.decode("state")) else {
            throw CellError.malformed("the state of a round")
        }
        round = try row.decode("round")
        isProposer = try row.decode("is_proposer")
        consentBy = try row.decode("consent_by")
        self.state = state
        answer = try row["answer", String?.self].flatMap(Answer.init(rawValue:))
        createdAt = try row.decode("created_at")
    }

    private static let columns: Query = """
        select round, proposer = organisation as is_proposer, consent_by, state, answer, created_at
        from netting_member
        """

    package static func page(after: NettingRoundID?, limit: Int) -> Query {
        """
        \(columns) where (\(after)::uuid is null or round > \(after)::uuid)
        order by round limit \(limit)
        """
    }

    package static func find(_ round: NettingRoundID) -> Query {
        "\(columns) where round = \(round)"
    }

    package static var lock: Query { "select lock_netting()" }

    package static func propose(
        _ round: NettingRoundID, with other: OrganisationID?, consentBy: Instant
    ) -> Query {
        "select propose_netting(\(round), \(other), \(consentBy))"
    }

    package static func answer(
        _ round: NettingRoundID, _ answer: Answer, figure: Money
    ) -> Query {
        """
        update netting_member set answer = \(answer.rawValue), figure = \(figure),
            answered_at = market_now()
        where round = \(round)
        """
    }

    /// Whether all have answered, or may answer no more.
    package static func isDue(_ round: NettingRoundID) -> Query {
        "select netting_is_due(\(round)) as due"
    }
}

/// One invoice on the caller's own list.
package struct StoredNettingItem: Sendable {
    package let invoice: InvoiceID
    package let number: String
    package let seller: OrganisationID
    package let sellerName: String
    package let buyer: OrganisationID
    package let buyerName: String
    package let dueOn: CalendarDate
    /// What is open now of what was proposed.
    package let open: Money
    /// When the round is posted, what was set off of it.
    package let setOff: Money?

    package static func all(of round: NettingRoundID) -> Query {
        """
        select c.invoice, i.number, c.seller, i.seller_name, c.buyer, i.buyer_name, i.due_on,
            case when in_payment(c.invoice) then 0 else least(c.amount, b.open) end as open,
            s.amount as set_off
        from netting_claim c join invoice i on i.id = c.invoice
            join invoice_balance b on b.invoice = c.invoice
            left join set_off s on (s.round, s.invoice) = (c.round, c.invoice)
        where c.round = \(round) order by i.due_on, i.id
        """
    }

    package init(row: Row) throws {
        invoice = try row.decode("invoice")
        number = try row.decode("number")
        seller = try row.decode("seller")
        sellerName = try row.decode("seller_name")
        buyer = try row.decode("buyer")
        buyerName = try row.decode("buyer_name")
        dueOn = try row.decode("due_on")
        open = try row.decode("open")
        setOff = try row.decode("set_off")
    }
}

/// What is set off of one invoice.
package struct StoredSetOff: Sendable {
    package let round: NettingRoundID
    package let amount: Money
    package let recordedAt: Instant

    package static func all(of invoice: InvoiceID) -> Query {
        "select round, amount, recorded_at from set_off where invoice = \(invoice) order by round"
    }

    package init(row: Row) throws {
        round = try row.decode("round")
        amount = try row.decode("amount")
        recordedAt = try row.decode("recorded_at")
    }
}

/// A claim of a round among those who consent, whoever they are: seen by what posts it alone.
package struct StoredNettingClaim: Sendable {
    package let claim: NettingClaim
    package let creditorName: String
    package let debtorName: String
    package let iban: String

    package static func all(of round: NettingRoundID) -> Query {
        "select * from netting_claims(\(round))"
    }

    package init(row: Row) throws {
        claim = try NettingClaim(
            invoice: row.decode("invoice"), creditor: row.decode("seller"),
            debtor: row.decode("buyer"), open: row.decode("amount"))
        creditorName = try row.decode("seller_name")
        debtorName = try row.decode("buyer_name")
        iban = try row.decode("iban")
    }
}

/// A row of `net_payment` that the caller pays or gets.
package struct StoredNetPayment: Sendable {
    package let id: NetPaymentID
    package let round: NettingRoundID
    package let payee: OrganisationID
    package let payeeName: String
    package let payer: OrganisationID
    package let payerName: String
    package let amount: Money
    package let iban: String
    package let reference: String
    package let dueOn: CalendarDate
    package let receivedAt: Instant?

    private static let columns: Query = """
        select p.id, p.round, p.payee, p.payee_name, p.payer, p.payer_name, p.amount, p.iban,
            p.reference, p.due_on, r.recorded_at as received_at
        from net_payment p left join net_payment_received r on r.net_payment = p.id
        """

    package static func all(of round: NettingRoundID) -> Query {
        "\(columns) where p.round = \(round) order by p.amount desc, p.id"
    }

    /// Those that the caller pays or gets, and that nothing paid yet.
    package static var open: Query {
        "\(columns) where r.net_payment is null order by p.due_on, p.id"
    }

    /// Those to the caller that one payment of so much may pay.
    package static func open(to payee: OrganisationID, of amount: Money) -> Query {
        """
        \(columns) where r.net_payment is null and p.payee = \(payee) and p.amount = \(amount)
        order by p.due_on, p.id
        """
    }

    package static func find(_ ids: [NetPaymentID], to payee: OrganisationID) -> Query {
        "\(columns) where p.id = any (\(ids)) and p.payee = \(payee)"
    }

    /// Those to the caller with these references, paid ones too.
    package static func payable(to payee: OrganisationID, references: [String]) -> Query {
        "\(columns) where p.payee = \(payee) and p.reference = any (\(references))"
    }

    package init(row: Row) throws {
        id = try row.decode("id")
        round = try row.decode("round")
        payee = try row.decode("payee")
        payeeName = try row.decode("payee_name")
        payer = try row.decode("payer")
        payerName = try row.decode("payer_name")
        amount = try row.decode("amount")
        iban = try row.decode("iban")
        reference = try row.decode("reference")
        dueOn = try row.decode("due_on")
        receivedAt = try row.decode("received_at")
    }

    /// As the matching of payments needs it.
    package var payable: PayableNet {
        get throws {
            try PayableNet(
                id: id, reference: ReferenceNumber(reference), iban: IBAN(iban), amount: amount,
                isPaid: receivedAt != nil)
        }
    }

    package func receive(by entry: BankEntryID, subject: String) -> Query {
        """
        insert into net_payment_received (net_payment, bank_entry, payee, payer, amount, subject)
        values (\(id), \(entry), \(payee), \(payer), \(amount), \(subject))
        """
    }
}

import Billing
import MoneyAndTime
import Postgres
import StrictJSON

/// What became of a bank entry. The raw values are the words in SQL and JSON.
package enum BankEntryFate: String, Hashable, Sendable, CaseIterable {
    /// It paid exactly what was open of an invoice.
    case matched
    /// It was applied, and something is left: of the invoice or of the entry.
    case partlyMatched = "partly_matched"
    /// A person must look at it; nothing was applied.
    case waiting
    /// A person said that it settles nothing of ours; nothing else is kept of it.
    case notOurs = "not_ours"
}

/// A row of `bank_entry` with what of it was applied.
package struct StoredBankEntry: Sendable {
    package let id: BankEntryID
    package let file: BankFileID
    package let number: Int64
    package let iban: String
    package let bookedOn: CalendarDate?
    package let direction: BankTransaction.Direction
    package let amount: BankAmount
    package let reference: String?
    package let payer: String?
    package let message: String?
    /// Where it stands now, with what people and the bank did after it was taken.
    package let fate: BankEntryFate
    package let reason: String?
    package let invoice: InvoiceID?
    /// What remained of a round of netting that it paid, whole.
    package let netPayment: NetPaymentID?
    package let allocated: Money
    /// Whether the seller's own system reported it, and no bank's file has it.
    package let isReport: Bool
    /// The report that it turned out to be.
    package let report: BankEntryID?
    package let recordedAt: Instant

    package init(row: Row) throws {
        guard let fate = BankEntryFate(rawValue: try row.decode("fate")),
            let direction = BankTransaction.Direction(rawValue: try row.decode("direction"))
        else { throw CellError.malformed("a bank entry") }
        id = try row.decode("id")
        file = try row.decode("file")
        number = try row.decode("number")
        iban = try row.decode("iban")
        bookedOn = try row.decode("booked_on")
        self.direction = direction
        amount = BankAmount(
            hundredThousandths: try row.decode("hundred_thousandths"),
            currency: try row.decode("currency"))
        reference = try row.decode("reference")
        payer = try row.decode("payer")
        message = try row.decode("message")
        self.fate = fate
        reason = try row.decode("reason")
        invoice = try row.decode("invoice")
        netPayment = try row.decode("net_payment")
        allocated = try row.decode("allocated")
        isReport = try row.decode("is_report")
        report = try row.decode("report")
        recordedAt = try row.decode("recorded_at")
    }

    private static let columns: Query = """
        select e.id, e.file, e.number, e.iban, e.booked_on, e.direction, e.hundred_thousandths,
            e.currency, coalesce(w.reference, e.reference) as reference,
            coalesce(w.payer, e.payer) as payer, w.message, s.fate, s.reason, e.invoice,
            s.net_payment, e.recorded_at, s.allocated, s.report, f.is_report
        from bank_entry e join bank_entry_standing s on s.bank_entry = e.id
            join bank_file f on f.id = e.file
            left join bank_entry_words w on w.bank_entry = e.id
        """

    package static func all(of file: BankFileID) -> Query {
        "\(columns) where e.file = \(file) order by e.number"
    }

    package static func find(_ id: BankEntryID) -> Query {
        "\(columns) where e.id = \(id)"
    }

    /// Whoever decides on an entry has it to itself.
    package static func lock(_ id: BankEntryID) -> Query {
        """
        select pg_advisory_xact_lock(
            hashtextextended('aikatori.apply ' || \(id)::uuid, 0))
        """
    }

    package static func page(fate: BankEntryFate?, after: BankEntryID?, limit: Int) -> Query {
        """
        \(columns) where (\(fate?.rawValue)::text is null or s.fate = \(fate?.rawValue)::text)
            and (\(after)::uuid is null or e.id > \(after)::uuid)
        order by e.id limit \(limit)
        """
    }

    /// Those that a person must look at: waiting, or with an amount left over.
    package static var unsettled: Query {
        """
        \(columns) where s.fate = 'waiting'
            or s.fate = 'partly_matched' and s.reason = 'overpaid'
        order by e.id
        """
    }

    /// Money that came to an account, so much of it each, and waits for a person.
    package static func waiting(on iban: IBAN, of amount: Money) -> Query {
        """
        \(columns) where e.iban = \(iban.text) and e.direction = 'credit'
            and e.hundred_thousandths = 1000 * \(amount)::bigint
            and s.fate = 'waiting'
        order by e.id
        """
    }

    /// A person said that it settles nothing of ours: only its sum is kept.
    package static func setAside(_ id: BankEntryID, of organisation: OrganisationID) -> Query {
        """
        insert into bank_entry_aside (bank_entry, organisation)
        values (\(id), \(organisation))
        """
    }

    /// Which of these keys an earlier file had.
    package static func known(_ keys: [String], of organisation: OrganisationID) -> Query {
        """
        select bank_key from bank_entry
        where organisation = \(organisation) and bank_key = any (\(keys))
        """
    }
}

/// A bank entry to be stored, with what is settled by it.
package struct NewBankEntry: Sendable {
    package let id: BankEntryID
    package let transaction: BankTransaction
    package let fate: BankEntryFate
    package let reason: String?
    package let invoice: InvoiceID?
    /// What it pays of a round of netting.
    package let netPayment: NetPaymentID?

    package init(
        id: BankEntryID, transaction: BankTransaction, fate: BankEntryFate, reason: String?,
        invoice: InvoiceID?, netPayment: NetPaymentID? = nil
    ) {
        self.id = id
        self.transaction = transaction
        self.fate = fate
        self.reason = reason
        self.invoice = invoice
        self.netPayment = netPayment
    }

    package static func insert(_ entries: [NewBankEntry], of file: NewBankFile) -> [Query] {
        let list = JSON.array(
            entries.enumerated().map { index, entry in
                [
                    "id": JSON(entry.id.uuidString),
                    "number": JSON(index + 1),
                    "iban": JSON(entry.transaction.account.text),
                    "bank_key": JSON(entry.transaction.key),
                    "booked_on": JSON(entry.transaction.bookedOn?.iso),
                    "direction": JSON(entry.transaction.direction.rawValue),
                    "hundred_thousandths": JSON(entry.transaction.amount.hundredThousandths),
                    "currency": JSON(entry.transaction.amount.currency),
                    "fate": JSON(entry.fate.rawValue),
                    "reason": JSON(entry.reason),
                    "invoice": JSON(entry.invoice?.uuidString),
                    "net_payment": JSON(entry.netPayment?.uuidString),
                    "reference": JSON(entry.transaction.reference),
                    "payer": JSON(entry.transaction.counterpartyName),
                    "message": JSON(entry.transaction.message),
                    "end_to_end": JSON(entry.transaction.endToEndID),
                ]
            }
        ).compactText
        return [
            """
            insert into bank_entry (id, organisation, file, number, iban, bank_key, booked_on,
                direction, hundred_thousandths, currency, fate, reason, invoice, net_payment)
            select id, \(file.organisation), \(file.id), number, iban, bank_key, booked_on,
                direction, hundred_thousandths, currency, fate, reason, invoice, net_payment
            from jsonb_to_recordset(\(list)::jsonb) as e(
                id uuid, number int, iban text, bank_key text, booked_on date, direction text,
                hundred_thousandths bigint, currency text, fate text, reason text, invoice uuid,
                net_payment uuid)
            """,
            """
            insert into bank_entry_words
                (bank_entry, organisation, reference, payer, message, end_to_end)
            select id, \(file.organisation), reference, payer, message, end_to_end
            from jsonb_to_recordset(\(list)::jsonb) as e(
                id uuid, reference text, payer text, message text, end_to_end text)
            """,
        ]
    }
}

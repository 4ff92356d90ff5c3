import Billing
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// The end of a round of netting, and the payments of what remains of it.

extension Market {
    /// When all have answered, or may answer no more: what is open among those who consent is set
    /// off, and each owes or is owed one net figure. What was paid, credited or given up meanwhile
    /// is not open any more, and nothing comes in that a member did not see.
    func settleNetting(_ id: NettingRoundID, in transaction: Transaction) async throws {
        guard
            try await transaction.query(StoredNettingMember.isDue(id)).only()["due", Bool?.self]
                == true
        else { return }
        let claims = try await transaction.query(StoredNettingClaim.all(of: id))
            .map(StoredNettingClaim.init(row:))
        let today = try WallClock.finnish.date(of: await transaction.now())
        let round = try NettingRound(claims.map(\.claim))
        var remainders: [NetRemainder] = []
        for payment in round.payments {
            guard let own = claims.first(where: { $0.claim.creditor == payment.payee }),
                let owing = claims.first(where: { $0.claim.debtor == payment.payer })
            else { continue }
            let payee = own.creditorName
            remainders.append(
                try NetRemainder(
                    id: newID(), payment, payee: payee, payer: owing.debtorName, iban: own.iban,
                    dueOn: today.adding(days: Self.netPaymentDays)))
        }
        var entries = try round.claims.map { claim in
            try JournalEntry.setOff(
                id: newID(), invoice: claim.invoice, round: id, amount: claim.open,
                seller: claim.creditor, buyer: claim.debtor, effectiveOn: today)
        }
        entries += try remainders.map { each in
            try JournalEntry.netClaim(
                id: newID(), payment: each.id, amount: each.payment.amount,
                payee: each.payment.payee, payer: each.payment.payer, effectiveOn: today)
        }
        try await transaction.query(
            StoredEntry.postNetting(
                id, setOffs: round.claims.map { $0.json(in: id) },
                payments: remainders.map(\.json), entries))
    }
}

/// A net payment with what its payer needs to know.
private struct NetRemainder {
    let id: NetPaymentID
    let payment: NetPayment
    let payee: String
    let payer: String
    let iban: String
    let reference: ReferenceNumber
    let dueOn: CalendarDate

    init(
        id: NetPaymentID, _ payment: NetPayment, payee: String, payer: String, iban: String,
        dueOn: CalendarDate
    ) throws {
        self.id = id
        self.payment = payment
        self.payee = payee
        self.payer = payer
        self.iban = iban
        self.dueOn = dueOn
        // eighteen digits of the identifier's random part: invoices have at most fifteen
        let base = Int64(id.bits % 900_000_000_000_000_000) + 100_000_000_000_000_000
        reference = try ReferenceNumber(base: base)
    }

    var json: JSON {
        [
            "id": JSON(id.uuidString),
            "payee": JSON(payment.payee.uuidString),
            "payee_name": JSON(payee),
            "payer": JSON(payment.payer.uuidString),
            "payer_name": JSON(payer),
            "amount": JSON(payment.amount.minorUnits),
            "iban": JSON(iban),
            "reference": JSON(reference.description),
            "due_on": JSON(dueOn.iso),
            "subject": JSON(EntrySubject.netClaim(id).text),
        ]
    }
}

extension NettingClaim {
    fileprivate func json(in round: NettingRoundID) -> JSON {
        [
            "invoice": JSON(invoice.uuidString),
            "seller": JSON(creditor.uuidString),
            "buyer": JSON(debtor.uuidString),
            "amount": JSON(open.minorUnits),
            "subject": JSON(EntrySubject.setOff(invoice, round).text),
        ]
    }
}

/// A payment of what remains of a round, seen on the payee's statement.
struct NetReceipt {
    let payment: StoredNetPayment
    let entry: BankEntryID
    let posting: EntryID
    let bookedOn: CalendarDate?
}

extension Transaction {
    /// Posts what came for rounds of netting, and tells both sides.
    func receive(_ receipts: [NetReceipt], by caller: Caller) async throws {
        guard !receipts.isEmpty else { return }
        let today = try WallClock.finnish.date(of: await now())
        try await each(
            receipts.map {
                $0.payment.receive(
                    by: $0.entry, subject: EntrySubject.netPayment($0.payment.id, $0.entry).text)
            })
        try await query(
            StoredEntry.post(
                receipts.map {
                    try .netPayment(
                        id: $0.posting, payment: $0.payment.id, bankEntry: $0.entry,
                        amount: $0.payment.amount, payee: $0.payment.payee,
                        payer: $0.payment.payer, effectiveOn: $0.bookedOn ?? today)
                }))
        for receipt in receipts {
            try await record(
                .init(
                    .netPayment, receipt.payment.id, "net_payment.received", revision: 1,
                    counterparty: receipt.payment.payer,
                    facts: ["amount": JSON(receipt.payment.amount.decimal)]),
                by: caller)
        }
    }
}

import Billing
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// What the caller's organisation owes, and one person's word that it is to be paid.

extension Market {
    /// Every invoice of which the caller owes something, with how far its payment is.
    package func listPayables(_ request: Request) async throws -> Answer {
        try await view(request) { transaction, caller in
            let rows = try await transaction.query(StoredInvoiceToPay.all(of: caller.organisation))
            return Answer([
                "currency": JSON(Currency.eur.rawValue),
                "second_person_above": JSON(try await transaction.paymentLimit().decimal),
                "invoices": .array(try rows.map { try StoredInvoiceToPay(row: $0).json }),
            ])
        }
    }

    /// Files above this take two people.
    package func setPaymentLimit(_ request: Request, above: Money) async throws -> Answer {
        try await change(request) { transaction, caller in
            let before = try await transaction.paymentLimit()
            let set = try await transaction.query(
                StoredPaymentLimit.set(above, of: caller.organisation)
            ).only()
            try await transaction.record(
                .init(
                    .paymentLimit, caller.organisation, "payment_limit.set",
                    revision: set["revision", Int64.self],
                    facts: [
                        "second_person_above": JSON(above.decimal),
                        "before": JSON(before.decimal),
                    ]),
                by: caller)
            return Answer(["second_person_above": JSON(above.decimal)])
        }
    }

    /// One person says that an invoice is to be paid. Said again, nothing changes.
    package func approveInvoicePayment(
        _ request: Request, _ id: InvoiceID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let member = try caller.person
            try await transaction.query(StoredPaymentFile.claim(caller.organisation))
            let payable = try await transaction.payables([id], of: caller)[0]
            if payable.approvedBy == nil {
                guard payable.open > .zero else { throw Refusal(.notPayable) }
                try await transaction.query(
                    StoredInvoiceToPay.approve(id, by: member, of: caller.organisation))
                try await transaction.note(
                    .init(.invoice, id, "invoice.payment_approved", revision: 1), by: caller)
            }
            return Answer(try await transaction.payables([id], of: caller)[0].json)
        }
    }
}

extension Caller {
    /// Payments are approved by people, never by a machine's key.
    var person: MemberID {
        get throws {
            guard let member else { throw Refusal(.memberMissing) }
            return member
        }
    }
}

extension Transaction {
    /// The person, who has signed in or issued the token itself: nobody is two people by a token in
    /// another's name.
    func ownPerson(_ caller: Caller) async throws -> MemberID {
        let person = try caller.person
        guard try await query(StoredCredential.isOwn).only()["own", Bool.self] else {
            throw Refusal(.credentialOfAnother)
        }
        return person
    }

    /// The caller's own invoices to pay; what is none of them is not found.
    func payables(
        _ invoices: [InvoiceID], of caller: Caller
    ) async throws -> [StoredInvoiceToPay] {
        let found = try await query(StoredInvoiceToPay.find(invoices, of: caller.organisation))
            .map(StoredInvoiceToPay.init(row:))
        guard found.count == invoices.count else { throw Refusal(.notFound) }
        return found
    }

    func paymentLimit() async throws -> Money {
        try await query(StoredPaymentLimit.own).atMostOne()?["above", Money.self] ?? .zero
    }
}

extension StoredInvoiceToPay {
    fileprivate var json: JSON {
        [
            "invoice": JSON(invoice.description),
            "number": JSON(number),
            "seller": JSON(seller.description),
            "seller_name": JSON(sellerName),
            "iban": JSON(iban.text),
            "reference": JSON(reference.description),
            "total": JSON(total.decimal),
            "open": JSON(open.decimal),
            "due_on": JSON(dueOn.iso),
            "approved_by": JSON(approvedBy?.description),
            "approved_at": JSON(approvedAt?.rfc3339),
            "payment_file": JSON(file?.description),
            "state": JSON(state?.rawValue),
            "rejection": JSON(rejection),
        ]
    }
}

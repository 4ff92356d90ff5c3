import Billing
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Rounds of netting: proposed by one, answered by each member for itself, and seen by each from
// its own side alone.

extension Market {
    /// In how many working days each member answers, and in how many days what remains is paid.
    static var nettingAnswerDays: Int { 3 }
    static var netPaymentDays: Int { 7 }

    package func listNettingRounds(
        _ request: Request, page: Page<NettingRoundID>
    ) async throws -> Answer {
        let rows = try await read(
            request, StoredNettingMember.page(after: page.after, limit: page.limit + 1))
        return try .page(
            rows.map(StoredNettingMember.init(row:)), limit: page.limit,
            cursor: { $0.round.description }, item: { .object(JSONObject($0.head)) })
    }

    package func nettingRound(_ request: Request, _ id: NettingRoundID) async throws -> Answer {
        try await view(request) { transaction, caller in
            try await transaction.nettingRound(id, of: caller.organisation)
        }
    }

    /// Everyone who owes the caller, through however many others, and is owed by it, under
    /// contracts that allow it; with `other`, the two alone.
    package func proposeNetting(
        _ request: Request, with other: OrganisationID?
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let zone = try WallClock.finnish
            let today = try zone.date(of: await transaction.now())
            // the whole of its last day
            let after = try today.adding(workingDays: Self.nettingAnswerDays).adding(days: 1)
            let id: NettingRoundID = newID()
            try await transaction.query(
                StoredNettingMember.propose(
                    id, with: other, consentBy: zone.instant(after, TimeOfDay("00:00"))))
            var answer = try await transaction.nettingRound(id, of: caller.organisation)
            answer.location = "/v1/netting-rounds/\(id)"
            return answer
        }
    }

    /// A member consents to its own net figure as it saw it, or declines. The last one to answer
    /// ends the round.
    package func answerNetting(
        _ request: Request, _ id: NettingRoundID, _ answer: StoredNettingMember.Answer,
        figure: Money
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(StoredNettingMember.lock)
            let member = try await transaction.nettingMember(id)
            let now = try await transaction.now()
            guard member.state == .open, now < member.consentBy else {
                throw Refusal(.deadlinePassed)
            }
            guard member.answer == nil else { throw Refusal(.alreadyAnswered) }
            let seen = try await transaction.query(StoredNettingItem.all(of: id))
                .map(StoredNettingItem.init(row:)).figure(of: caller.organisation)
            guard seen == figure else {
                throw Refusal(.totalDiffers, figures: ["total": JSON(seen.decimal)])
            }
            try await transaction.query(StoredNettingMember.answer(id, answer, figure: figure))
            try await transaction.note(
                .init(
                    .nettingRound, id, "netting.answered", revision: 1,
                    facts: ["answer": JSON(answer.rawValue), "figure": JSON(figure.decimal)]),
                by: caller)
            try await settleNetting(id, in: transaction)
            return try await transaction.nettingRound(id, of: caller.organisation)
        }
    }
}

extension Transaction {
    fileprivate func nettingMember(_ id: NettingRoundID) async throws -> StoredNettingMember {
        guard let row = try await query(StoredNettingMember.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredNettingMember(row: row)
    }

    /// A round as one member sees it: its own list, its own figure, and what it pays or gets.
    fileprivate func nettingRound(
        _ id: NettingRoundID, of own: OrganisationID
    ) async throws -> Answer {
        let member = try await nettingMember(id)
        let items = try await query(StoredNettingItem.all(of: id))
            .map(StoredNettingItem.init(row:))
        let payments = try await query(StoredNetPayment.all(of: id))
            .map(StoredNetPayment.init(row:))
        let figure = try items.figure(of: own, isPosted: member.state != .open)
        let details: [(String, JSON)] = [
            ("figure", JSON(figure.decimal)),
            ("claims", .array(items.map { $0.json(of: own) })),
            ("payments", .array(payments.map { $0.json(of: own) })),
        ]
        return Answer(.object(JSONObject(member.head + details)))
    }
}

extension [StoredNettingItem] {
    /// What one gets in all; below zero, what it pays.
    fileprivate func figure(
        of own: OrganisationID, isPosted: Bool = false
    ) throws(ArithmeticFailure) -> Money {
        var sum = Money.zero
        for item in self {
            let amount = isPosted ? item.setOff ?? .zero : item.open
            sum = try sum.adding(item.seller == own ? amount : amount.negated())
        }
        return sum
    }
}

extension StoredNettingMember {
    fileprivate var head: [(String, JSON)] {
        [
            ("id", JSON(round.description)),
            ("state", JSON(state.rawValue)),
            ("own_proposal", JSON(isProposer)),
            ("consent_by", JSON(consentBy.rfc3339)),
            ("answer", JSON(answer?.rawValue)),
            ("created_at", JSON(createdAt.rfc3339)),
        ]
    }
}

extension StoredNettingItem {
    fileprivate func json(of own: OrganisationID) -> JSON {
        let isSeller = seller == own
        return [
            "side": isSeller ? "seller" : "buyer",
            "invoice": JSON(invoice.description),
            "number": JSON(number),
            "counterparty": JSON((isSeller ? buyer : seller).description),
            "counterparty_name": JSON(isSeller ? buyerName : sellerName),
            "due_on": JSON(dueOn.iso),
            "open": JSON(open.decimal),
            "set_off": JSON(setOff?.decimal),
        ]
    }
}

extension StoredNetPayment {
    fileprivate func json(of own: OrganisationID) -> JSON {
        let isPayer = payer == own
        return [
            "id": JSON(id.description),
            "side": isPayer ? "payer" : "payee",
            "counterparty": JSON((isPayer ? payee : payer).description),
            "counterparty_name": JSON(isPayer ? payeeName : payerName),
            "iban": JSON(iban),
            "reference": JSON(reference),
            "amount": JSON(amount.decimal),
            "due_on": JSON(dueOn.iso),
            "received_at": JSON(receivedAt?.rfc3339),
        ]
    }
}

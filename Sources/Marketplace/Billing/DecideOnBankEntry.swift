import Billing
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// What people decide of bank entries that wait: what they settle, or that they settle nothing.

extension Market {
    /// A bank entry with what may be meant by it.
    package func bankEntry(_ request: Request, _ id: BankEntryID) async throws -> Answer {
        try await view(request) { transaction, caller in
            try await transaction.answer(transaction.bankEntry(id), of: caller)
        }
    }

    /// Applies what is left of an entry to invoices, as a person says: money that came settles
    /// them, money that went takes back what had settled them.
    package func applyBankEntry(
        _ request: Request, _ id: BankEntryID, _ wanted: [Allocation]
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(StoredBankFile.claim(caller.organisation))
            let entry = try await transaction.bankEntry(id)
            let payables = try await transaction.query(
                StoredPayable.issued(
                    by: caller.organisation, references: [], invoices: wanted.map(\.invoice))
            ).map(StoredPayable.init(row:))
            let known = Set(payables.map(\.invoice.id))
            guard wanted.allSatisfy({ known.contains($0.invoice) }) else {
                throw Refusal(.notFound)
            }
            var plan = SettlingPlan(
                of: caller.organisation, payables, now: try await transaction.now())
            switch entry.direction {
            case .credit:
                let hand = try entry.hand()
                let settlements = Dictionary(
                    payables.map { ($0.invoice.id, $0.invoice.settlement) },
                    uniquingKeysWith: { first, _ in first })
                let after = try Refusal.hand { () throws(HandAllocationRefusal) in
                    try hand.applying(wanted, to: settlements)
                }
                for (part, settlement) in zip(wanted, after) {
                    _ = try plan.pay(
                        part, from: id, bookedOn: entry.bookedOn, after: settlement, as: newID())
                }
            case .debit:
                try await takeBack(wanted, by: entry, caller, payables, &plan, in: transaction)
            }
            try await transaction.settle(plan, by: caller)
            try await transaction.note(
                .init(
                    .bankFile, entry.file, "bank_entry.applied", revision: 1,
                    facts: ["entry": JSON(id.description), "invoices": JSON(wanted.count)]),
                by: caller)
            return try await transaction.answer(transaction.bankEntry(id), of: caller)
        }
    }

    /// Says that a payment that waits is the one of what remained of a round of netting, exactly.
    package func applyBankEntry(
        _ request: Request, _ id: BankEntryID, to net: NetPaymentID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(StoredBankFile.claim(caller.organisation))
            let entry = try await transaction.bankEntry(id)
            let found = try await transaction.query(
                StoredNetPayment.find([net], to: caller.organisation))
            guard let row = try found.atMostOne() else { throw Refusal(.notFound) }
            let payment = try StoredNetPayment(row: row)
            guard payment.receivedAt == nil else { throw Refusal(.netPaymentReceived) }
            guard entry.direction == .credit, entry.fate == .waiting else {
                throw Refusal(.bankEntryUsedUp)
            }
            guard try entry.hand().left == payment.amount else {
                throw Refusal(
                    .netPaymentDiffers, figures: ["amount": JSON(payment.amount.decimal)])
            }
            try await transaction.receive(
                [
                    NetReceipt(
                        payment: payment, entry: id, posting: newID(), bookedOn: entry.bookedOn)
                ], by: caller)
            try await transaction.note(
                .init(
                    .bankFile, entry.file, "bank_entry.applied", revision: 1,
                    facts: [
                        "entry": JSON(id.description), "net_payment": JSON(net.description),
                    ]),
                by: caller)
            return try await transaction.answer(transaction.bankEntry(id), of: caller)
        }
    }

    private func takeBack(
        _ wanted: [Allocation], by entry: StoredBankEntry, _ caller: Caller,
        _ payables: [StoredPayable], _ plan: inout SettlingPlan, in transaction: Transaction
    ) async throws {
        guard entry.fate == .waiting, let gone = entry.amount.money else {
            throw Refusal(.nothingToTakeBack)
        }
        var taken: [BankEntryID: HandReturn] = [:]
        var received = try await transaction.query(
            StoredReceived.all(of: caller.organisation, invoices: wanted.map(\.invoice))
        ).map(StoredReceived.init(row:))
        var settlements = Dictionary(
            payables.map { ($0.invoice.id, $0.invoice.settlement) },
            uniquingKeysWith: { first, _ in first })
        for part in wanted {
            guard let place = received.firstIndex(where: { $0.allocation == part }),
                var settlement = settlements[part.invoice]
            else { throw Refusal(.nothingToTakeBack) }
            let earlier = received.remove(at: place)
            taken[earlier.bankEntry] = HandReturn(
                amount: earlier.amount, inForce: earlier.inForce,
                parts: (taken[earlier.bankEntry]?.parts ?? []) + [part.amount])
            try settlement.takeBack(part.amount)
            settlements[part.invoice] = settlement
            try plan.takeBack(
                part, of: StoredReceivedKey(entry: earlier.bankEntry, ledger: earlier.entry),
                by: entry.id, bookedOn: entry.bookedOn, after: settlement, as: newID())
        }
        guard try HandReturn.fits(Array(taken.values), gone) else {
            throw Refusal(.nothingToTakeBack)
        }
    }

    /// A person says that an entry, or what is left of it, settles nothing of ours: its payer and
    /// words are forgotten, and its sum is kept.
    package func setBankEntryAside(_ request: Request, _ id: BankEntryID) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(StoredBankFile.claim(caller.organisation))
            let entry = try await transaction.bankEntry(id)
            guard entry.isUnsettled else { throw Refusal(.bankEntryUsedUp) }
            try await transaction.query(
                StoredBankEntry.setAside(id, of: caller.organisation))
            try await transaction.note(
                .init(
                    .bankFile, entry.file, "bank_entry.set_aside", revision: 1,
                    facts: ["entry": JSON(id.description)]),
                by: caller)
            return try await transaction.answer(transaction.bankEntry(id), of: caller)
        }
    }
}

extension StoredBankEntry {
    /// A person must still look at it.
    var isUnsettled: Bool {
        fate == .waiting || fate == .partlyMatched && reason == "overpaid"
    }

    /// What is left of it to apply by hand.
    fileprivate func hand() throws -> HandAllocation {
        try Refusal.hand { () throws(HandAllocationRefusal) in
            try HandAllocation(of: amount, allocated: allocated, isOpen: isUnsettled)
        }
    }

    /// What may be meant by it, best first. Money that went may take back what settled exactly
    /// that much.
    fileprivate func suggestions(
        of caller: Caller, in transaction: Transaction
    ) async throws -> [JSON] {
        guard isUnsettled else { return [] }
        switch direction {
        case .credit:
            guard let left = try? hand().left else { return [] }
            let open = try await transaction.query(
                SuggestibleInvoice.open(of: caller.organisation, most: 1000)
            ).map(SuggestibleInvoice.init(row:))
            let payment = WaitingPayment(
                amount: left, payer: payer,
                words: [reference, message].compactMap { $0 }.joined(separator: " "),
                bookedOn: bookedOn)
            let nets = try await transaction.query(
                StoredNetPayment.open(to: caller.organisation, of: left)
            ).map(StoredNetPayment.init(row:))
            let ofInvoices = PaymentSuggestion.ranked(for: payment, among: open)
            var all = ofInvoices.map {
                (
                    score: $0.score,
                    json: Self.json($0.allocations, $0.reasons.map(\.rawValue), score: $0.score)
                )
            }
            for net in nets where fate == .waiting {
                let reasons: [PaymentSuggestion.Reason] =
                    [.amountIsOpen] + (net.payerName == payer ? [.payerIsBuyer] : [])
                let score = reasons.reduce(0) { $0 + $1.weight }
                let json = Self.json([], reasons.map(\.rawValue), score: score, net: net)
                // behind invoices that weigh as much
                let place = all.firstIndex { $0.score < score } ?? all.endIndex
                all.insert((score, json), at: place)
            }
            let reports = try await reports(of: caller, in: transaction)
            return Array((reports + all.map(\.json)).prefix(PaymentSuggestion.most))
        case .debit:
            let received = try await transaction.query(
                StoredReceived.all(
                    of: caller.organisation, amounts: [amount.hundredThousandths])
            ).map(StoredReceived.init(row:))
            return StoredReceived.payments(received).prefix(PaymentSuggestion.most).map {
                Self.json($0.allocations, ["amount_is_paid"], score: 40)
            }
        }
    }

    /// Payments of this sum that were reported, and may be this money.
    private func reports(
        of caller: Caller, in transaction: Transaction
    ) async throws -> [JSON] {
        guard fate == .waiting, !isReport else { return [] }
        return try await transaction.query(
            StoredReportedPayment.like(self, of: caller.organisation)
        ).map(StoredReportedPayment.init(row:)).map {
            Self.json([], ["amount_is_reported"], score: 60, report: $0.report)
        }
    }

    private static func json(
        _ parts: [Allocation], _ reasons: [String], score: Int, net: StoredNetPayment? = nil,
        report: ReportInForce? = nil
    ) -> JSON {
        [
            "allocations": .array(
                parts.map {
                    ["invoice": JSON($0.invoice.description), "amount": JSON($0.amount.decimal)]
                }),
            "net_payment": net.map {
                [
                    "id": JSON($0.id.description), "payer_name": JSON($0.payerName),
                    "amount": JSON($0.amount.decimal),
                ]
            } ?? .null,
            "report": report.map {
                [
                    "id": JSON($0.id.description), "invoice": JSON($0.invoice.description),
                    "paid_on": JSON($0.paidOn?.iso), "amount": JSON($0.amount.decimal),
                ]
            } ?? .null,
            "reasons": .array(reasons.map { JSON($0) }),
            "score": JSON(score),
        ]
    }
}

extension Refusal {
    /// The market's word for what applying by hand refuses.
    fileprivate static func hand<Result>(
        _ rule: () throws(HandAllocationRefusal) -> Result
    ) throws -> Result {
        do throws(HandAllocationRefusal) { return try rule() } catch {
            switch error {
            case .nothingLeft, .notOurMoney: throw Refusal(.bankEntryUsedUp)
            case .aboveEntry(let left):
                throw Refusal(.bankEntryUsedUp, figures: ["left": JSON(left.decimal)])
            case .aboveInvoice(let invoice, let open):
                throw Refusal(
                    .settledAboveInvoiced,
                    figures: [
                        "invoice": JSON(invoice.description), "open": JSON(open.decimal),
                    ])
            case .amountNotPositive:
                throw InvalidInput(
                    pointer: "/allocations", code: "out_of_range",
                    message: "each amount is above zero")
            }
        }
    }
}

extension Transaction {
    func bankEntry(_ id: BankEntryID) async throws -> StoredBankEntry {
        guard let row = try await query(StoredBankEntry.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredBankEntry(row: row)
    }

    func answer(_ entry: StoredBankEntry, of caller: Caller) async throws -> Answer {
        let suggestions = try await entry.suggestions(of: caller, in: self)
        let details: [(String, JSON)] = [
            ("left", JSON(entry.left.decimal)), ("message", JSON(entry.message)),
            ("suggestions", .array(suggestions)),
        ]
        return Answer(.object(JSONObject(entry.sheet + details)))
    }
}

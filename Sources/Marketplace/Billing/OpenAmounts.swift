import Billing
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// Everything that is open, each with its reason, and the proof that it is everything: it
    /// sums to what the ledger says of the accounts that can be open.
    package func listOpenAmounts(_ request: Request) async throws -> Answer {
        try await view(request) { transaction, caller in
            let book = caller.organisation
            let found = try await transaction.each([
                StoredUnbilled.all, StoredOpenInvoice.all, StoredBankEntry.unsettled,
                StoredBooks.balances, StoredNetPayment.open,
            ])
            let unbilled = try found[0].map(StoredUnbilled.init(row:))
            let invoices = try found[1].map(StoredOpenInvoice.init(row:))
            let entries = try found[2].map(StoredBankEntry.init(row:))
            let balances = try found[3].map(StoredBalance.init(row:))
            let nets = try found[4].map(StoredNetPayment.init(row:))
            let today = try WallClock.finnish.date(of: caller.now)
            let accounts = try [
                ExplainedAccount(
                    .unbilledReceivable, unbilled.filter { $0.seller == book }.map(\.amount),
                    balances),
                ExplainedAccount(
                    .receivable,
                    invoices.filter { $0.seller == book }.map { try $0.settlement.claim },
                    balances),
                ExplainedAccount(
                    .unbilledPayable, unbilled.filter { $0.buyer == book }.map(\.amount),
                    balances),
                ExplainedAccount(
                    .payable,
                    invoices.filter { $0.buyer == book }.map { try $0.settlement.claim },
                    balances),
                ExplainedAccount(
                    .clearingReceivable, nets.filter { $0.payee == book }.map(\.amount), balances),
                ExplainedAccount(
                    .clearingPayable, nets.filter { $0.payer == book }.map(\.amount), balances),
            ]
            return Answer([
                "book": JSON(book.description),
                "as_of": JSON(caller.now.rfc3339),
                "currency": JSON(Currency.eur.rawValue),
                "unbilled": .array(unbilled.map { $0.json(in: book) }),
                "invoices": .array(invoices.map { $0.json(in: book, waiting: entries) }),
                "net_payments": .array(nets.map { $0.json(openOn: today, in: book) }),
                "bank_entries": .array(entries.map(\.withRest)),
                "accounts": .array(accounts.map(\.json)),
                "explained": JSON(accounts.allSatisfy { $0.difference == .zero }),
            ])
        }
    }
}

/// What explains the balance of an account, beside that balance.
private struct ExplainedAccount {
    let code: AccountCode
    let explained: Money
    let ledger: Money
    let difference: Money

    init(_ code: AccountCode, _ amounts: [Money], _ balances: [StoredBalance]) throws {
        self.code = code
        explained = try Money.sum(of: amounts)
        ledger = try Money.sum(
            of: balances.filter { $0.code == code.rawValue }.map { try $0.balance })
        difference = try ledger.subtracting(explained)
    }

    var json: JSON {
        [
            "code": JSON(code.rawValue),
            "explained": JSON(explained.decimal),
            "ledger": JSON(ledger.decimal),
            "difference": JSON(difference.decimal),
        ]
    }
}

extension Settlement {
    /// What the seller has to get; below zero what it owes back.
    fileprivate var claim: Money {
        get throws(ArithmeticFailure) { try open.subtracting(owedBack) }
    }
}

extension StoredUnbilled {
    fileprivate func json(in book: OrganisationID) -> JSON {
        let isSeller = seller == book
        return [
            "side": isSeller ? "seller" : "buyer",
            "contract": JSON(contract.description),
            "counterparty": JSON((isSeller ? buyer : seller).description),
            "period": JSON(period),
            "waits_for": JSON(wait.rawValue),
            "charges": JSON(charges),
            "amount": JSON(amount.decimal),
        ]
    }
}

extension StoredOpenInvoice {
    fileprivate func json(in book: OrganisationID, waiting entries: [StoredBankEntry]) -> JSON {
        let isSeller = seller == book
        let waiting = entries.count { $0.fate == .waiting && $0.invoice == id }
        return [
            "side": isSeller ? "seller" : "buyer",
            "invoice": JSON(id.description),
            "number": JSON(number),
            "counterparty": JSON((isSeller ? buyer : seller).description),
            "due_on": JSON(dueOn.iso),
            "days_overdue": JSON(today.days(since: dueOn)),
            "total": JSON(settlement.total.decimal),
            "settled": JSON(settlement.settled.decimal),
            "credited": JSON(settlement.credited.decimal),
            "written_off": JSON(settlement.writtenOff.decimal),
            "refunded": JSON(settlement.refunded.decimal),
            "open": JSON(settlement.open.decimal),
            "owed_back": JSON(settlement.owedBack.decimal),
            "explanation": JSON(explanation(waiting: waiting)),
        ]
    }
}

extension StoredOpenInvoice {
    /// One sentence of figures, such as `AK-2026-000042: 575.76 of 575.76 EUR open, due
    /// 2026-04-30, in 14 days, nothing paid`.
    private func explanation(waiting: Int) -> String {
        let days = dueOn.days(since: today)
        let due =
            switch days {
            case 0: "due today, \(dueOn.iso)"
            case 1: "due \(dueOn.iso), in 1 day"
            case -1: "due \(dueOn.iso), 1 day overdue"
            case 2...: "due \(dueOn.iso), in \(days) days"
            default: "due \(dueOn.iso), \(-days) days overdue"
            }
        let paid =
            settlement.settled == .zero ? "nothing paid" : "\(settlement.settled.decimal) paid"
        let held =
            switch waiting {
            case 0: ""
            case 1: "; one payment waits to be looked at"
            default: "; \(waiting) payments wait to be looked at"
            }
        return "\(number): \(settlement.open.decimal) of \(settlement.total) open, \(due), "
            + "\(paid)\(held)"
    }
}

extension StoredNetPayment {
    fileprivate func json(openOn today: CalendarDate, in book: OrganisationID) -> JSON {
        let isPayee = payee == book
        return [
            "id": JSON(id.description),
            "side": isPayee ? "payee" : "payer",
            "round": JSON(round.description),
            "counterparty": JSON((isPayee ? payer : payee).description),
            "reference": JSON(reference),
            "due_on": JSON(dueOn.iso),
            "days_overdue": JSON(today.days(since: dueOn)),
            "amount": JSON(amount.decimal),
        ]
    }
}

extension StoredBankEntry {
    /// What of it was not applied. The database holds allocated ≤ amount, and only of euros.
    var left: BankAmount {
        // what remained of a round of netting is paid whole, and settles no invoice
        netPayment != nil
            ? BankAmount(hundredThousandths: 0, currency: amount.currency)
            : BankAmount(
                hundredThousandths: amount.hundredThousandths - allocated.minorUnits * 1000,
                currency: amount.currency)
    }

    /// The entry, and what of it was not applied.
    fileprivate var withRest: JSON {
        .object(JSONObject(sheet + [("left", JSON(left.decimal))]))
    }
}

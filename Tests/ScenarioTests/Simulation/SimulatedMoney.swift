import Billing
import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket
import Testing

// Statements, invoices and payments, by people who are quick or slow, careful or not.

extension Simulation {
    func keepBooks(on day: CalendarDate) async throws {
        if day.day == 1 {
            let month = StatementPeriod(of: try day.adding(days: -1)).key
            unstated += trades.indices.map { ($0, month) }
        }
        try await state()
        try await accept()
        try await quarrel()
        try await invoice()
        try await credit()
        try await pay(on: day)
    }

    private func state() async throws {
        for (trade, month) in unstated.filter({ _ in random.chance(50) }) {
            unstated.removeAll { $0 == (trade, month) }
            do {
                let made = try await trades[trade].life.statement(of: month).body
                stated.append((trade, try StatementID(typeID: made["id"]?.text ?? "")))
                count("statements")
            } catch let refusal as Refusal where refusal.code == .nothingToState {
                count("nothing to state")
            }
        }
    }

    private func accept() async throws {
        for each in stated.filter({ _ in random.chance(30) }) {
            stated.removeAll { $0.statement == each.statement }
            if random.chance(60) { try await dispute(each.statement, of: each.trade) }
            try await trades[each.trade].life.accepts(each.statement)
            accepted.append((each.trade, each.statement))
        }
    }

    private func invoice() async throws {
        for each in accepted.filter({ _ in random.chance(60) }) {
            accepted.removeAll { $0.statement == each.statement }
            let life = trades[each.trade].life
            let invoices: [JSON]
            do {
                invoices = try await life.invoiced(each.statement)
            } catch let refusal as Refusal
                where [.nothingToInvoice, .alreadyInvoiced].contains(refusal.code)
            {
                // all of it is disputed, or a dispute's outcome went with another run
                count("nothing to invoice")
                continue
            }
            for invoice in invoices {
                bills.append(
                    Bill(
                        trade: each.trade,
                        invoice: try InvoiceID(typeID: invoice["id"]?.text ?? ""),
                        reference: invoice["reference"]?.text ?? "",
                        open: try Money(decimal: invoice["total"]?.text ?? "").minorUnits,
                        dueOn: try CalendarDate(iso: invoice["due_on"]?.text ?? "")))
                count("invoices")
            }
        }
    }

    /// What buyers pay on a day reaches each seller in one bank file, some of it twice.
    private func pay(on day: CalendarDate) async throws {
        var paid: [OrganisationID: (seller: TestOrganisation, payments: [(String, String?)])] = [:]
        for index in bills.indices {
            let careless = trades[bills[index].trade].isCareless
            let isDue = try bills[index].dueOn.adding(days: -8) <= day
            guard isDue, random.chance(careless ? 20 : 40) else { continue }
            let seller = trades[bills[index].trade].contract.seller
            let (amount, reference) = payment(of: bills[index], careless)
            var payments = paid[seller.id]?.payments ?? []
            payments.append((Money(minorUnits: amount).decimal, reference))
            paid[seller.id] = (seller, payments)
            if reference == bills[index].reference {
                bills[index].open -= min(amount, bills[index].open)
            }
        }
        bills.removeAll { $0.open == 0 }
        for (seller, payments) in paid.values.sorted(by: { "\($0.seller.id)" < "\($1.seller.id)" })
        {
            var file = BankDay(payments)
            (file.id, file.day) = (nextFile(), day.iso)
            for _ in 0..<(random.chance(20) ? 2 : 1) {
                _ = try await test.market.importBankFile(
                    seller.finance.request("importBankFile"), file.file())
            }
        }
    }

    /// The whole; or a part, a little too much, or with a reference that is nobody's.
    private func payment(of bill: Bill, _ careless: Bool) -> (amount: Int64, reference: String?) {
        guard careless else {
            count("paid")
            return (bill.open, bill.reference)
        }
        switch random.among(0...3) {
        case 0:
            count("paid in part")
            return (max(1, bill.open / 2), bill.reference)
        case 1:
            count("paid too much")
            return (bill.open + 250, bill.reference)
        case 2:
            count("paid without a reference")
            return (bill.open, nil)
        default:
            count("paid")
            return (bill.open, bill.reference)
        }
    }
}

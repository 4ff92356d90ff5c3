import Billing
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON
import TestMarket

// What is put right: lines that a buyer disputes, and invoices that a seller takes back.

extension Simulation {
    /// A dispute that is not settled.
    struct Quarrel {
        let trade: Int
        let statement: StatementID
        let dispute: DisputeID
        /// In minor units: what is claimed of what was charged.
        let claimed: Int64
        let charged: Int64
        var isOffered = false
    }

    /// The buyer claims that one line should be half of what it is, if it is not too late.
    func dispute(_ statement: StatementID, of trade: Int) async throws {
        let life = trades[trade].life
        let lines = try await life.seen(statement)["lines"]?.elements ?? []
        let line = random.one(of: lines)
        // what is carried was accepted before
        guard line["carried_from"] == .null else { return }
        let net = try Money(decimal: line["net"]?.text ?? "").minorUnits
        guard net > 10_00, let charge = line["charge"]?.text else { return }
        let dispute: DisputeID
        do {
            dispute = try await life.disputed(
                ChargeID(typeID: charge), on: statement,
                DisputeWords("Half of it.", net: Money(minorUnits: net / 2).decimal))
        } catch let refusal as Refusal where refusal.code == .disputeWindowOver {
            return count("disputed too late")
        }
        quarrels.append(
            Quarrel(
                trade: trade, statement: statement, dispute: dispute, claimed: net / 2,
                charged: net))
        count("disputed")
    }

    /// Whose turn it is says something, or waits; what is settled is invoiced later.
    func quarrel() async throws {
        var left: [Quarrel] = []
        for var each in quarrels {
            guard random.chance(60) else {
                left.append(each)
                continue
            }
            let life = trades[each.trade].life
            let isSettled: Bool
            if each.isOffered {
                let act: Market.DisputeAct = random.one(of: [.accept, .hold, .withdraw])
                try await life.answered(each.dispute, act, DisputeWords())
                isSettled = act != .hold
                each.isOffered = false
                count("\(act.rawValue)")
            } else {
                let act: Market.DisputeAct = random.one(of: [.concede, .propose])
                let between = Money(minorUnits: (each.claimed + each.charged) / 2).decimal
                try await life.answered(
                    each.dispute, act, DisputeWords(net: act == .propose ? between : nil))
                isSettled = act == .concede
                each.isOffered = true
                count("\(act.rawValue)")
            }
            if isSettled {
                accepted.append((each.trade, each.statement))
            } else {
                left.append(each)
            }
        }
        quarrels = left
    }

    /// A part of an open invoice, or what remains of it.
    func credit() async throws {
        guard !bills.isEmpty, random.chance(15) else { return }
        let index = Int(random.among(0...Int64(bills.count - 1)))
        let seller = trades[bills[index].trade].contract.seller
        let isPart = random.chance(50)
        do {
            _ = try await test.market.creditInvoice(
                seller.finance.request("creditInvoice"), bills[index].invoice,
                reason: "Another price was agreed.",
                parts: isPart ? [Credit.Part(number: 1, net: Money(minorUnits: 1_00))] : nil)
        } catch let refusal as Refusal where refusal.code == .aboveRemaining {
            return count("credit refused")
        }
        let invoice = try await test.market.invoice(
            seller.finance.request("getInvoice"), bills[index].invoice)
        bills[index].open = try Money(decimal: invoice.body["open"]?.text ?? "").minorUnits
        bills.removeAll { $0.open == 0 }
        count(isPart ? "credited in part" : "credited")
    }
}

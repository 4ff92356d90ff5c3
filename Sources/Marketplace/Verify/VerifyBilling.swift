import Billing
import Crypto
import Foundation
import MoneyAndTime
import Postgres
import Storage

extension Verification {
    static func budgets(in transaction: Transaction) async throws -> [Finding] {
        let rows = try await transaction.query(BillingRecords.wrongBudgets)
        return try rows.map { row in
            let contract = try row["contract", ContractID.self]
            return Finding(
                .budgets, "\(contract) \(try row["period", String.self])",
                "reserved \(try row["reserved", Money.self]) of "
                    + "\(try row["live", Money.self]), used \(try row["used", Money.self]) of "
                    + "\(try row["charged", Money.self]), visits "
                    + "\(try row["visits", Int64.self]) of \(try row["counted", Int64.self]), "
                    + "minutes \(try row["minutes", Int64.self]) of "
                    + "\(try row["planned", Int64.self])")
        }
    }

    /// What the ledger says that a charge comes to.
    struct Accrual: Hashable {
        let seller: OrganisationID
        let buyer: OrganisationID
        let net: Money
    }

    static func charges(
        in transaction: Transaction, step: (Int) -> Void
    ) async throws -> [Finding] {
        var findings = try await transaction.query(BillingRecords.uncharged).map { row in
            Finding(.charges, "\(try row["id", BookingID.self])", "over, and not charged")
        }
        findings += try await transaction.query(BillingRecords.wrongReplacements).map { row in
            Finding(.charges, "\(try row["id", ChargeID.self])", try row["fault", String.self])
        }
        findings += try await transaction.query(BillingRecords.attestedUncharged).map { row in
            Finding(
                .charges, "\(try row["id", BookingID.self])",
                "attested by both sides, and not charged")
        }
        findings += try await transaction.query(StoredCommitment.wrong).map { row in
            Finding(
                .charges, "\(try row["id", ChargeID.self])",
                "not what was missing of its commitment")
        }
        findings += try await transaction.query(BillingRecords.twice).map { row in
            Finding(.charges, "\(try row["id", ChargeID.self])", try row.decode("fault"))
        }
        var last: ChargeID?
        while true {
            let charges = try await transaction.chargesIfReadable(
                StoredCharge.page(contract: nil, period: nil, after: last, limit: batch))
            let accruals = try await accruals(of: charges.map(\.id), in: transaction)
            for (id, read) in charges {
                do {
                    let stored = try read.get()
                    if try [UInt8](SHA256.hash(data: stored.charge.canonical())) != stored.digest {
                        findings.append(Finding(.charges, "\(id)", "not what was sealed"))
                    }
                    if (accruals[id] ?? nil) != Accrual(stored.charge) {
                        findings.append(Finding(.charges, "\(id)", "not accrued as it is charged"))
                    }
                } catch {
                    findings.append(Finding(.charges, "\(id)", unreadable: error))
                }
            }
            last = charges.last?.id
            step(charges.count)
            if charges.count < batch { return findings }
        }
    }

    /// By charge; a charge with two entries has none that is right.
    private static func accruals(
        of charges: [ChargeID], in transaction: Transaction
    ) async throws -> [ChargeID: Accrual?] {
        let rows = try await transaction.query(LedgerRecords.accruals(of: charges))
        return try rows.reduce(into: [:]) { accruals, row in
            guard let charge = ChargeID(try row["subject", String.self]) else { return }
            let accrual = try Accrual(
                seller: row.decode("seller"), buyer: row.decode("buyer"), net: row.decode("net"))
            accruals[charge] = accruals[charge] == nil ? accrual : .some(nil)
        }
    }

    static func invoices(
        in transaction: Transaction, step: (Int) -> Void
    ) async throws -> [Finding] {
        var findings: [Finding] = []
        var last: InvoiceID?
        while true {
            let rows = try await transaction.query(
                StoredInvoice.page(contract: nil, state: nil, after: last, limit: batch))
            for row in rows {
                let id = try row["id", InvoiceID.self]
                last = id
                let lines = try await transaction.query(StoredInvoiceLine.all(of: id))
                do {
                    let invoice = try StoredInvoice(row: row)
                    if !invoice.isRecorded { _ = try InvoiceNumber(invoice.number) }
                    if let words = try invoice.fault(lines: lines.map(StoredInvoiceLine.init(row:)))
                    {
                        findings.append(Finding(.invoices, "\(id)", words))
                    }
                } catch {
                    findings.append(Finding(.invoices, "\(id)", unreadable: error))
                }
            }
            step(rows.count)
            if rows.count < batch { break }
        }
        findings += try await gaps(in: transaction)
        findings += try await transaction.query(BillingRecords.wrongCounters).map { row in
            Finding(
                .invoiceNumbers, "\(try row["issuer", OrganisationID.self])",
                "\(try row["last", Int64.self]) numbers of \(try row["year", Int64.self]) are "
                    + "taken, and the highest is \(try row["highest", Int64.self])")
        }
        findings += try await transaction.query(BillingRecords.wrongCreditCounters).map { row in
            Finding(
                .invoiceNumbers, "\(try row["issuer", OrganisationID.self])",
                "\(try row["last", Int64.self]) numbers of credit notes of "
                    + "\(try row["year", Int64.self]) are taken, and the highest is "
                    + "\(try row["highest", Int64.self])")
        }
        findings += try await transaction.query(BillingRecords.misposted).map { row in
            Finding(.invoices, "\(try row["id", InvoiceID.self])", "not posted as it is issued")
        }
        findings += try await transaction.query(BillingRecords.misrounded).map { row in
            Finding(.invoices, "\(try row["id", InvoiceID.self])", "not rounded as it is posted")
        }
        findings += try await transaction.query(BillingRecords.overSettled).map { row in
            Finding(
                .settlements, try row["subject", String.self], try row["fault", String.self])
        }
        return findings
    }

    /// Only where their count says that something is missing are numbers looked at one by one.
    private static func gaps(in transaction: Transaction) async throws -> [Finding] {
        var findings: [Finding] = []
        let sellers = try await transaction.query(BillingRecords.gaps)
            .map { try $0["seller", OrganisationID.self] }
        for seller in Set(sellers).sorted() {
            let numbers = try await transaction.query(BillingRecords.numbers(of: seller))
                .compactMap { try? InvoiceNumber($0["number", String.self]) }
            findings += Gaplessness.check(numbers).map {
                Finding(.invoiceNumbers, "\(seller)", "\($0)")
            }
        }
        return findings
    }
}

extension Verification.Accrual {
    /// What a charge posts; a charge of nothing posts nothing.
    fileprivate init?(_ charge: Charge) {
        guard charge.net != .zero else { return nil }
        self.init(seller: charge.seller, buyer: charge.buyer, net: charge.net)
    }
}

extension StoredInvoice {
    /// What is wrong with the totals; nil when they are the lines and the VAT on them.
    fileprivate func fault(lines: [StoredInvoiceLine]) throws -> String? {
        let sum = try Money.sum(of: lines.map(\.net))
        guard sum == net else { return "lines come to \(sum), the net is \(net)" }
        let tax = try vatRate.of(net)
        guard tax == vat else { return "VAT would be \(tax), and is \(vat)" }
        guard try net.adding(vat) == settlement.total else { return "the total is no sum" }
        return nil
    }
}

import Billing
import Contracts
import Documents
import Marketplace
import MoneyAndTime
import Organisations
import StrictJSON

/// An invoice of the demo's life that nobody has paid yet.
struct DemoInvoice: Sendable {
    let agreement: DemoAgreement
    let reference: String
    let iban: String
    let total: Money
}

/// How a month becomes money.
extension DemoLife {
    /// What the contracts' last month comes to. Where nothing was sold there is no statement.
    mutating func stateMonth(before day: CalendarDate) async throws {
        let period = try StatementPeriod(of: day.adding(months: -1))
        for agreement in agreements {
            do {
                let statement = try await market.createStatement(
                    agreement.seller.request("createStatement", as: .finance),
                    contract: agreement.id, period: period)
                stated.append(
                    (
                        agreement, try StatementID(typeID: statement.text("id")),
                        try Money(decimal: statement.text("total"))
                    ))
            } catch let refusal as Refusal where refusal.code == .nothingToState {
                continue
            }
        }
    }

    /// The buyers accept, all but every fifth, who takes until the next month; the sellers invoice,
    /// and one that does so from its own system brings its numbers a month later.
    mutating func invoiceMonth(before day: CalendarDate) async throws {
        for (agreement, statement) in toRecord {
            unpaid += try await recordInvoice(of: statement, under: agreement, on: day)
        }
        toRecord = []
        var waiting: [DemoStatement] = []
        for (index, (agreement, statement, total)) in stated.enumerated() {
            guard index % 5 != 4 || agreement.contract.isInvoicedBySeller else {
                waiting.append((agreement, statement, total))
                continue
            }
            _ = try await market.acceptStatement(
                agreement.buyer.request("acceptStatement", as: .finance), statement, total: total)
            if agreement.contract.isInvoicedBySeller {
                toRecord.append((agreement, statement))
            } else {
                unpaid += try await invoices(of: statement, under: agreement)
            }
        }
        stated = waiting
    }

    /// None where all that was stated cost nothing.
    private func invoices(
        of statement: StatementID, under agreement: DemoAgreement
    ) async throws -> [DemoInvoice] {
        do {
            let issued = try await market.issueInvoice(
                agreement.seller.request("issueInvoice", as: .finance), of: statement)
            return try (issued.body["invoices"]?.elements ?? []).map {
                try DemoInvoice($0, agreement)
            }
        } catch let refusal as Refusal where refusal.code == .nothingToInvoice {
            return []
        }
    }

    /// What the seller's own system wrote of a statement.
    private func recordInvoice(
        of statement: StatementID, under agreement: DemoAgreement, on day: CalendarDate
    ) async throws -> [DemoInvoice] {
        let seller = agreement.seller
        let basis = try await market.invoiceBasis(
            seller.request("getInvoiceBasis", as: .finance), of: statement)
        let number = day.year * 10_000 + day.month * 100
        let written = try (basis.body["parts"]?.elements ?? []).enumerated().map { index, part in
            try RecordedInvoice(
                number: "EX-\(number + index)", issuedOn: day,
                dueOn: day.adding(days: Int(agreement.terms.billing.paymentDays)),
                reference: ReferenceNumber(base: Int64(number + index)),
                total: Money(decimal: part["total"]?.text ?? ""))
        }
        guard !written.isEmpty else { return [] }
        let recorded = try await market.recordInvoices(
            seller.request("recordInvoices", as: .finance), of: statement, written)
        return try (recorded.body["invoices"]?.elements ?? []).map {
            try DemoInvoice($0, agreement)
        }
    }

    /// Each seller's bank tells what came in: the invoices, one of them by half only, and something
    /// that nobody has asked for.
    mutating func payInvoices(on day: CalendarDate) async throws {
        let accounts = Dictionary(grouping: unpaid, by: \.iban)
        for (iban, invoices) in accounts.sorted(by: { $0.key < $1.key }) {
            var entries = try invoices.enumerated().map { index, invoice in
                let half = Money(minorUnits: invoice.total.minorUnits / 2)
                return try BankEntry(
                    amount: BankAmount(index % 4 == 2 ? half : invoice.total),
                    direction: .credit,
                    bookedOn: day, servicerReference: "EXAMPLE-\(day.iso)-\(index)",
                    details: [
                        .init(
                            references: [invoice.reference],
                            counterpartyName: invoice.agreement.buyer.organisation.name)
                    ])
            }
            entries.append(
                try BankEntry(
                    amount: BankAmount(Money(decimal: "45.00")), direction: .credit,
                    bookedOn: day, servicerReference: "EXAMPLE-\(day.iso)-rent",
                    details: [
                        .init(message: "Hall rent", counterpartyName: "Example Association")
                    ]))
            let statement = try BankStatement(
                id: "EXAMPLE-\(day.iso)-\(iban.suffix(4))", account: IBAN(iban),
                opening: Money(decimal: "12500.00"), on: day, entries: entries)
            let file = try Camt053Writer(createdAt: wall.instant(day, TimeOfDay("06:00")))
                .write(BankFile(messageID: statement.id, statements: [statement]))
            _ = try await market.importBankFile(
                invoices[0].agreement.seller.request("importBankFile", as: .finance), file)
        }
        unpaid = []
    }
}

/// A statement that waits for its buyer.
typealias DemoStatement = (agreement: DemoAgreement, id: StatementID, total: Money)

extension DemoInvoice {
    fileprivate init(_ invoice: JSON, _ agreement: DemoAgreement) throws {
        self.agreement = agreement
        reference = invoice["reference"]?.text ?? ""
        iban = invoice["iban"]?.text ?? ""
        total = try Money(decimal: invoice["total"]?.text ?? "")
    }
}

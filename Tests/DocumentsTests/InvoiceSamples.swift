import Billing
import Documents
import MoneyAndTime
import StrictJSON

/// Invoices of every kind, for the checks of others.
enum InvoiceSamples {
    /// A visit, less what the seller owes for a cancellation of its own.
    private static func compensated() throws -> Invoice {
        let owed = try Charge.Line(
            kind: "seller_cancellation", text: "Cancelled by the seller, 50 % of 41.71",
            quantity: .oneLess, price: UnitPrice(decimal: "20.86"),
            exact: ExactNet(numerator: -41_710, denominator: 20))
        let day = try CalendarDate(iso: "2026-03-05")
        let line = try InvoiceLine(
            text: owed.text, quantity: owed.quantity, price: owed.price, net: owed.net,
            vat: Example.taxed(), days: day...day,
            sources: [.init(charge: ChargeID(bits: 2), line: 1)])
        let visits = try InvoiceLine.lines(
            for: [Example.charge(1, minutes: 187)], vat: Example.taxed())
        return try Example.invoice(counter: 51, lines: visits + [line])
    }

    static func all() throws -> [(String, Invoice)] {
        let one = try [Example.charge(1, minutes: 187)]
        let many = try (1...42).map {
            try Example.charge(
                $0, minutes: Int64(3 + $0 % 40), on: $0 % 7 == 0 ? "2026-02-20" : "2026-03-12")
        }
        let names = try [
            Example.charge(1, minutes: 17, text: "Käynti & \"etävastaanotto\" <ilta> 'ä' ✓")
        ]
        let fee = try Charge.Line(
            text: "Late cancellation, 50 % of 41.71", quantity: .one,
            price: UnitPrice(decimal: "20.86"), exact: ExactNet(numerator: 41_710, denominator: 20))
        let mixed =
            try InvoiceLine.lines(for: [Example.charge(1, minutes: 33)], vat: Example.taxed())
            + InvoiceLine.lines(for: [Example.charge(2, minutes: 20)], vat: Example.exempt())
        return try [
            ("taxed-one", Example.taxedInvoice()),
            (
                "taxed-many",
                Example.invoice(
                    counter: 43, lines: InvoiceLine.lines(for: many, vat: Example.taxed()))
            ),
            (
                "taxed-by-bill",
                Example.invoice(
                    counter: 44,
                    lines: InvoiceLine.lines(
                        for: many, vat: Example.taxed(), rounding: .perBill, costCentre: "7710"))
            ),
            (
                "exempt-one",
                Example.invoice(
                    counter: 45, lines: InvoiceLine.lines(for: one, vat: Example.exempt()))
            ),
            (
                "exempt-many",
                Example.invoice(
                    counter: 46, lines: InvoiceLine.lines(for: many, vat: Example.exempt()))
            ),
            (
                "zero-rated",
                Example.invoice(
                    counter: 47, lines: InvoiceLine.lines(for: one, vat: .zeroRated()))
            ),
            ("taxed-and-exempt", Example.invoice(counter: 48, lines: mixed)),
            (
                "names-and-note",
                Example.invoice(
                    counter: 49, lines: InvoiceLine.lines(for: names, vat: Example.taxed()),
                    sellerName: "Esimerkkisairaala & Kumpp. <Oy>", note: "Kiitos & näkemiin")
            ),
            (
                "cancellation-fee",
                Example.invoice(
                    counter: 50,
                    lines: [
                        InvoiceLine(
                            text: fee.text, quantity: fee.quantity, price: fee.price, net: fee.net,
                            vat: Example.taxed(),
                            days: CalendarDate(iso: "2026-03-05")...CalendarDate(iso: "2026-03-05"),
                            sources: [.init(charge: ChargeID(bits: 1), line: 1)])
                    ])
            ),
            ("with-compensation", compensated()),
            ("shortfall", shortfall()),
            ("two-thousand-lines", long()),
            ("self-billed", selfBilled()),
        ]
    }

    /// What is missing of a commitment beside a visit, and what of another month is given back.
    private static func shortfall() throws -> Invoice {
        func charge(_ number: UInt128, _ cause: Charge.Cause, _ month: String) throws -> Charge {
            let isLess = cause == .shortfallReturned
            let period = try StatementPeriod(key: month)
            let line = try Charge.Line(
                kind: cause.rawValue, text: "Shortfall of the agreed capacity, \(month)",
                quantity: isLess ? .oneLess : BilledQuantity(seconds: 9_603),
                price: UnitPrice(decimal: isLess ? "60.00" : "2.4533"))
            return try Charge(
                id: ChargeID(bits: number), of: .commitment, contract: Example.contract,
                versionNumber: 1, seller: Example.hospital, buyer: Example.healthCentre,
                service: "commitment", cause: cause, servedOn: period.last, period: month,
                lines: [line], trace: [])
        }
        return try Example.invoice(
            counter: 52,
            lines: InvoiceLine.lines(
                for: [
                    Example.charge(1, minutes: 40), charge(2, .shortfall, "2026-03"),
                    charge(3, .shortfallReturned, "2026-02"),
                ], vat: Example.exempt()))
    }

    /// Made by the buyer in the seller's name.
    static func selfBilled() throws -> Invoice {
        try Example.invoice(
            counter: 54, series: 3,
            lines: InvoiceLine.lines(for: [Example.charge(1, minutes: 187)], vat: Example.taxed()),
            note: InvoiceFacts.selfBillingMention)
    }

    private static func long() throws -> Invoice {
        let wordy = String(repeating: "Psykiatri, ", count: 15) + "etävastaanotto"
        let charges = try (1...2_000).map {
            try Example.charge(
                $0, minutes: Int64(1 + $0 % 60), text: $0 % 500 == 0 ? wordy : "Psychiatrist")
        }
        return try Example.invoice(
            counter: 53,
            lines: InvoiceLine.lines(for: charges, vat: Example.taxed(), costCentre: "7710"))
    }

    /// The whole of `taxedInvoice()`, taken back.
    static func creditNote() throws -> InvoiceFacts {
        var facts = InvoiceFacts(try Example.taxedInvoice())
        facts.kind = .creditNote
        facts.original = .init(number: facts.number, issuedOn: facts.issuedOn)
        facts.number = "EH-2026-000099"
        facts.dueOn = nil
        return facts
    }

    /// Test numbers of operators.
    static func route() throws -> Finvoice.Route {
        try Finvoice.Route(
            from: "003721291126", to: "BAWCFI22", message: "invoice_example",
            at: Instant(rfc3339: "2026-04-01T09:00:00Z"))
    }
}

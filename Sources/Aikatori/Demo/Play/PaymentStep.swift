import Billing
import Documents
import MoneyAndTime
import StrictJSON

extension Scene {
    func settle(_ invoice: IssuedInvoice) async throws {
        teller.heading("8. The payment, and everything explained")
        teller.say("What is open before anyone has paid:")
        try await tellOpen(invoice: "217.80")
        try await clock(shows: "2026-11-30", "09:00")
        let bytes = try bankFile(paying: invoice)
        let file = try output.write(bytes, to: "bank/camt053-2026-11-27.xml")
        teller.say(
            "The demo plays the bank and writes the hospital's account statement of Friday, "
                + "\(file): the health centre's payment of 217.80 EUR, 45.00 EUR from somebody "
                + "who gave no reference, and 310.00 EUR that the hospital itself has paid.")
        try await importFile(bytes, paying: invoice)
        teller.say("The payment, in both books:")
        try await tellEntry(of: invoice.id, kind: "payment", amount: "217.80")
        teller.emptyLine()
        teller.say("What is open now:")
        try await tellOpen(invoice: nil)
        teller.emptyLine()
        try await tellTrialBalances()
        try await compareBooks()
    }

    // MARK: The bank

    private func bankFile(paying invoice: IssuedInvoice) throws -> [UInt8] {
        let day = try CalendarDate(iso: "2026-11-27")
        func entry(
            _ number: Int, _ amount: String, _ direction: BankTransaction.Direction,
            _ detail: BankEntry.Detail
        ) throws -> BankEntry {
            try BankEntry(
                amount: BankAmount(Money(decimal: amount)), direction: direction, bookedOn: day,
                servicerReference: "EXAMPLEBANK-\(number)", details: [detail])
        }
        let statement = try BankStatement(
            id: "EXAMPLE-2026-11-27", account: IBAN(invoice.iban),
            opening: Money(decimal: "12500.00"), on: day,
            entries: [
                entry(
                    1, "217.80", .credit,
                    .init(
                        references: [invoice.reference],
                        counterpartyName: "Example Health Centre")),
                entry(
                    2, "45.00", .credit,
                    .init(message: "Hall rent", counterpartyName: "Example Association")),
                entry(3, "310.00", .debit, .init(counterpartyName: "Example Supplier")),
            ])
        return try Camt053Writer(createdAt: at("2026-11-27", "20:00"))
            .write(BankFile(messageID: "EXAMPLEBANK-2026-11-27", statements: [statement]))
    }

    private func importFile(_ bytes: [UInt8], paying invoice: IssuedInvoice) async throws {
        let accounting = cast.hospital.accounting
        let imported = try await accounting.post(file: bytes, to: "/v1/bank-files")
        for (fate, count, amount) in [
            ("matched", Int64(1), "217.80"), ("partly_matched", 0, "0.00"), ("waiting", 1, "45.00"),
        ] {
            try expect("\(fate) payments", imported.integer(at: "/\(fate)/count"), is: count)
            try expect("the \(fate) amount", imported.text(at: "/\(fate)/amount"), is: amount)
        }
        let entry = try imported.list(at: "/entries").first("fate", "matched")
        try expect("the invoice that was paid", entry.text(at: "/invoice"), is: invoice.id)
        let waiting = try imported.list(at: "/entries").first("fate", "waiting")
        let reason = try waiting.text(at: "/reason")
        try expect("why it waits", reason, is: "no_reference")
        let paid = try await accounting.get("/v1/invoices/\(invoice.id)")
        try expect("the invoice's state", paid.text(at: "/state"), is: "paid")
        try expect("what is open of it", paid.text(at: "/open"), is: "0.00")
        teller.item("217.80 EUR: matched by its reference to \(invoice.number), which is paid")
        teller.item("45.00 EUR: waits for a person to look at it (\(reason.spaced))")
        let others = try imported.integer(at: "/others/count")
        try expect("what does not concern invoices", others, is: 1)
        teller.item("310.00 EUR: money out, left alone")
        let again = try await accounting.post(file: bytes, to: "/v1/bank-files")
        try expect("the same file again", again, is: imported)
        teller.say("The same file, imported again, changes nothing.")
    }

    // MARK: What is open

    /// Every open amount of both organisations, each with its reason; they must add up to what the
    /// ledger says.
    private func tellOpen(invoice open: String?) async throws {
        for player in [cast.hospital, cast.healthCentre] {
            let answer = try await player.accounting.get("/v1/ledger/open-amounts")
            try expect(
                "whether the ledger of \(player.name) is explained", answer.flag(at: "/explained"),
                is: true)
            try expect("unbilled charges", answer.list(at: "/unbilled").count, is: 0)
            let invoices = try answer.list(at: "/invoices")
            try expect(
                "open invoices of \(player.name)", invoices.map { try $0.text(at: "/open") },
                is: open.map { [$0] } ?? [])
            for invoice in invoices {
                try teller.item("\(player.name): \(invoice.text(at: "/explanation"))")
            }
            let entries = try answer.list(at: "/bank_entries")
            for entry in entries {
                try teller.item(
                    "\(player.name): \(entry.text(at: "/left")) EUR from "
                        + "\(entry.text(at: "/payer")) wait: \(entry.text(at: "/reason").spaced)")
            }
            if invoices.isEmpty, entries.isEmpty { teller.item("\(player.name): nothing") }
        }
        teller.say(
            "Nothing else: in both books this adds up to what the ledger has open, to the cent.")
    }

    private func tellTrialBalances() async throws {
        var rows: [[String]] = []
        for player in [cast.hospital, cast.healthCentre] {
            let balance = try await player.accounting.get("/v1/ledger/trial-balance")
            var sum = Money.zero
            for (index, account) in try balance.list(at: "/accounts").enumerated() {
                let (debits, credits) = try (
                    account.money(at: "/debits"), account.money(at: "/credits")
                )
                let difference = try debits.subtracting(credits)
                sum = try sum.adding(difference)
                try rows.append([
                    index == 0 ? player.name : "", account.text(at: "/code").spaced,
                    debits.decimal, credits.decimal, difference.decimal,
                ])
            }
            try expect("the sum of the book of \(player.name)", sum.decimal, is: "0.00")
            for (key, figure) in [
                ("debits", "653.40"), ("credits", "653.40"), ("difference", "0.00"),
            ] {
                try expect("the \(key) of \(player.name)", balance.text(at: "/\(key)"), is: figure)
            }
            rows.append(["", "all", "653.40", "653.40", "0.00"])
        }
        teller.say("The trial balance of each book comes to zero:")
        teller.table(
            Table(
                columns: [
                    .left("book of"), .left("account"), .right("debits"), .right("credits"),
                    .right("difference"),
                ], rows: rows))
    }

    private func compareBooks() async throws {
        for (one, other) in [
            (cast.hospital, cast.healthCentre), (cast.healthCentre, cast.hospital),
        ] {
            let comparison = try await one.accounting.get(
                "/v1/ledger/comparison", ["counterparty": other.id])
            try expect("whether the books agree", comparison.flag(at: "/agree"), is: true)
        }
        teller.say(
            "What each book says of the other is the same, account by account: the books agree.")
    }
}

import Ledger
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Closed months, as the database holds them against anyone.
@Suite struct PeriodTests {
    private struct Books {
        let test: TestMarket
        let seller: TestOrganisation
        let buyer: TestOrganisation

        /// Two organisations of which one has an entry on this day; entries need no cause here.
        init(_ test: TestMarket, first: String = "2027-03-08") async throws {
            self.test = test
            seller = try await test.addOrganisation("Seller")
            buyer = try await test.addOrganisation("Buyer")
            try await test.superuser.write(["alter table entry disable trigger has_cause"])
            try await test.clock.set(to: Instant(rfc3339: "2028-06-01T08:00:00Z"))
            try await post("first", first)
        }

        func post(_ subject: String, _ day: String) async throws {
            var entry = PostingTests.RawEntry(seller: seller.id, buyer: buyer.id)
            entry.subject = subject
            entry.day = day
            try await test.asked(by: seller.finance, PostingTests.RawEntry.post([entry]))
        }

        func placed(_ subject: String) async throws -> PostedDay {
            let row = try await test.owner.read([
                "select effective_on, about_on from entry where subject = \(subject)::text"
            ]).only()
            return try PostedDay(
                effectiveOn: row.decode("effective_on"), aboutOn: row.decode("about_on"))
        }

        static func close(_ book: TestOrganisation, _ month: String) -> Query {
            let id: PeriodCloseID = newID()
            return """
                insert into period_close (id, book, month)
                values (\(id), \(book.id), \(month)::text::date)
                """
        }

        func close(_ book: TestOrganisation, _ month: String) async -> String? {
            await refused {
                try await test.asked(by: book.finance, Self.close(book, month))
            }
        }
    }

    @Test func monthsAreClosedInOrderWhenTheyAreOver() async throws {
        try await TestMarket.withMarket { test in
            let books = try await Books(test)
            let (seller, buyer) = (books.seller, books.buyer)
            #expect(await books.close(seller, "2027-04-01") == "earlier_month_open")
            #expect(await books.close(seller, "2027-02-02") == "23514")
            #expect(await books.close(seller, "2027-03-01") == nil)
            #expect(await books.close(seller, "2027-03-01") == "period_closed")
            #expect(await books.close(seller, "2027-01-01") == "period_closed")
            #expect(await books.close(seller, "2027-05-01") == "earlier_month_open")
            // the other's book is the other's
            #expect(await books.close(buyer, "2027-03-01") == nil)
            let foreign = await refused {
                try await test.asked(by: seller.finance, Books.close(buyer, "2027-04-01"))
            }
            #expect(foreign == "not_your_side")
            for change: Query in [
                "update period_close set month = '2027-01-01'", "delete from period_close",
            ] {
                let byApp = await refused { try await test.asked(by: seller.finance, change) }
                #expect(byApp == "42501")
                #expect(await refused { try await test.owner.write([change]) } == "append_only")
            }
            // by its own midnight, not by that of UTC
            try await test.clock.set(to: Instant(rfc3339: "2027-04-30T20:59:59Z"))
            #expect(await books.close(seller, "2027-04-01") == "period_not_over")
            try await test.clock.set(to: Instant(rfc3339: "2027-04-30T21:00:00Z"))
            #expect(await books.close(seller, "2027-04-01") == nil)
        }
    }

    /// The one function that posts moves what is late; nobody else gets past the trigger.
    @Test func nothingEntersAClosedMonth() async throws {
        try await TestMarket.withMarket { test in
            let books = try await Books(test)
            #expect(await books.close(books.buyer, "2027-03-01") == nil)
            try await books.post("late", "2027-03-31")
            try await books.post("in time", "2027-04-01")
            let late = try await books.placed("late")
            #expect(late.effectiveOn.iso == "2027-04-01" && late.aboutOn?.iso == "2027-03-31")
            #expect(try await books.placed("in time").aboutOn == nil)
            #expect(try await books.placed("first").effectiveOn.iso == "2027-03-08")
            for (day, about) in [
                // into the closed month, by itself and marked; late without having been moved;
                // about a month that is open
                ("2027-03-31", nil), ("2027-03-31", "2027-03-30"), ("2027-04-02", "2027-03-30"),
                ("2027-05-01", "2027-04-02"),
            ] as [(String, String?)] {
                let id: EntryID = newID()
                let forged = await refused {
                    try await test.owner.write([
                        """
                        with e as (insert into entry (id, kind, seller, buyer, subject,
                            effective_on, about_on)
                            values (\(id), 'accrual', \(books.seller.id), \(books.buyer.id),
                                'forged', \(day)::text::date, \(about)::text::date))
                        insert into posting (entry, number, book, code, counterparty, side,
                            amount, currency)
                        select \(id), number, book, code, counterparty, side, amount, currency
                        from posting p join entry o on o.id = p.entry
                        where o.subject = 'first'
                        """
                    ])
                }
                #expect(forged == "period_closed", "\(day) \(about ?? "-")")
            }
        }
    }

    /// SQL moves what is late as the pure rule does.
    @Test func sqlPlacesEntriesAsSwiftDoes() async throws {
        try await TestMarket.withMarket { test in
            let books = try await Books(test, first: "2027-01-01")
            var random = Seeded(42)
            var closed: [CalendarDate?] = [nil, nil]
            let first = try CalendarDate(iso: "2027-01-01")
            for round in 0..<40 {
                let side = Int(random.next() % 2)
                if random.next() % 4 == 0 {
                    let month = try closed[side]?.adding(months: 1) ?? first
                    if month.year < 2028 {
                        let book = side == 0 ? books.seller : books.buyer
                        #expect(await books.close(book, month.iso) == nil)
                        closed[side] = month
                    }
                }
                let day = try first.adding(days: Int(random.next() % 400))
                try await books.post("round \(round)", day.iso)
                let open = try OpenPeriod(seller: closed[0], buyer: closed[1])
                #expect(try await books.placed("round \(round)") == open.place(of: day))
            }
        }
    }

    /// Who closes waits for who posts, and nothing slips in between.
    @Test func closingWaitsForWhatIsBeingPosted() async throws {
        try await TestMarket.withMarket { test in
            let books = try await Books(test)
            let seller = books.seller
            try await test.app.pool.transaction { transaction in
                try await transaction.query(seller.finance.entering())
                var entry = PostingTests.RawEntry(seller: seller.id, buyer: books.buyer.id)
                entry.subject = "in flight"
                try await transaction.query(PostingTests.RawEntry.post([entry]))
                let meanwhile = await refused {
                    try await test.asked(
                        by: seller.finance, "select set_config('lock_timeout', '200ms', true)",
                        Books.close(seller, "2027-03-01"))
                }
                #expect(meanwhile == "55P03")
            }
            #expect(try await books.placed("in flight").effectiveOn.iso == "2027-03-08")
            #expect(await books.close(seller, "2027-03-01") == nil)
        }
    }
}

import Billing
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Closing the months of the caller's own book.

extension Market {
    /// The months that are closed, and what is unfinished in the next one: it may be closed all
    /// the same, and what comes later counts in the month that is open then.
    package func periods(_ request: Request) async throws -> Answer {
        try await view(request) { transaction, caller in
            let standing = try await transaction.query(StoredPeriodClose.standing).only()
            let closing = try StoredPeriodClose.closing(row: standing)
            let month = StatementPeriod(
                of: try closing.next(today: standing["today", CalendarDate.self]))
            let found = try await transaction.each([
                StoredPeriodClose.all, StoredPeriodClose.end(of: month.first),
                StoredUnfinished.all(first: month.first, last: month.last, key: month.key),
            ])
            return Answer([
                "book": JSON(caller.organisation.description),
                "currency": JSON(Currency.eur.rawValue),
                "closed": .array(try found[0].map { try StoredPeriodClose(row: $0).json }),
                "next": [
                    "month": JSON(month.key),
                    "ends": JSON(try found[1].only()["ends", Instant.self].rfc3339),
                    "over": JSON(try found[1].only()["is_over", Bool.self]),
                    "unfinished": .array(
                        try found[2].map { try StoredUnfinished(row: $0).json(in: month) }),
                ],
            ])
        }
    }

    /// Closes a month of the caller's book: no entry counts in it any more. It cannot be opened
    /// again.
    package func closePeriod(_ request: Request, month: StatementPeriod) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(StoredPeriodClose.claim(caller.organisation))
            let closing = try StoredPeriodClose.closing(
                row: await transaction.query(StoredPeriodClose.standing).only())
            let end = try await transaction.query(StoredPeriodClose.end(of: month.first)).only()
            do {
                try closing.check(month.first, isOver: end["is_over", Bool.self])
            } catch let refused as MonthClosing.Refusal {
                throw try Refusal(refused, closing: closing, ends: end["ends", Instant.self])
            }
            let id: PeriodCloseID = newID()
            let stored = try await StoredPeriodClose(
                row: transaction.query(
                    StoredPeriodClose.insert(id, month: month.first, by: caller)
                ).only())
            try await transaction.record(
                .init(
                    .periodClose, id, "period.closed", revision: 1,
                    facts: ["month": JSON(month.key)]),
                by: caller)
            return Answer(stored.json, location: "/v1/ledger/periods")
        }
    }
}

extension Refusal {
    fileprivate init(
        _ refused: MonthClosing.Refusal, closing: MonthClosing, ends: Instant
    ) throws {
        switch refused {
        case .closed: self.init(.periodClosed)
        case .earlierOpen:
            let open = try closing.next(today: ends.utcDate)
            self.init(
                .earlierMonthOpen, figures: ["month": JSON(StatementPeriod(of: open).key)])
        case .notOver: self.init(.periodNotOver, figures: ["ends": JSON(ends.rfc3339)])
        }
    }
}

extension Instant {
    fileprivate var utcDate: CalendarDate {
        get throws { try CalendarDate(iso: String(rfc3339.prefix(10))) }
    }
}

extension StoredPeriodClose {
    fileprivate var json: JSON {
        [
            "month": JSON(StatementPeriod(of: month).key),
            "closed_at": JSON(closedAt.rfc3339),
            "closed_by": JSON(closedBy?.description),
        ]
    }
}

extension StoredUnfinished {
    fileprivate func json(in month: StatementPeriod) -> JSON {
        [
            "kind": JSON(kind.rawValue),
            "count": JSON(count),
            "amount": JSON(amount.decimal),
            "list": JSON(list(of: month)),
        ]
    }

    /// Where the items are listed.
    private func list(of month: StatementPeriod) -> String {
        switch kind {
        case .unattested: "/v1/bookings?state=booked"
        case .unbilled: "/v1/charges?period=\(month.key)"
        case .draft: "/v1/statements?state=open"
        case .disputed: "/v1/disputes"
        case .unmatched: "/v1/bank-entries?fate=waiting"
        }
    }
}

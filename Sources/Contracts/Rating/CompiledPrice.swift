import MoneyAndTime

/// A row of the table in which search and booking find the price of a planned length: what does
/// not depend on the day and the hour. Supplements, cap and discounts are added in SQL, which a
/// test compares with `Rating.quote`.
package struct CompiledPrice: Hashable, Sendable {
    package let serviceCode: String
    /// The planned length.
    package let minutes: Int64
    /// Start fee and time in cents, net of VAT.
    package let amountMinorUnits: Int64
    package let billedSeconds: Int64
}

extension Terms {
    /// Each length for which each service can be booked, in the contract's order, shortest first.
    package func compiledPrices() throws -> [CompiledPrice] {
        let anyTime = Instant(microseconds: 0)
        return try rateCard.services.flatMap { service in
            try service.plannedLengths.all.map { minutes in
                var meter = VisitMeter(service, self, starts: anyTime, secondsBefore: 0)
                try meter.base(try minutes.multiplied(by: 60), hasMinimum: true)
                let rated = try meter.rated()
                return CompiledPrice(
                    serviceCode: service.code, minutes: minutes,
                    amountMinorUnits: rated.total.minorUnits, billedSeconds: rated.billedSeconds)
            }
        }
    }
}

extension ServicePrice {
    /// Whether the price of a length depends on when the visit starts, or on more than its time.
    package var isMoreThanTime: Bool {
        !supplements.isEmpty || cap != nil || !discounts.isEmpty
    }
}

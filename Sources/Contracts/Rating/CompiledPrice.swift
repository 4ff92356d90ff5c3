import MoneyAndTime

/// A row of the table in which search finds the price of a planned length.
package struct CompiledPrice: Hashable, Sendable {
    package let serviceCode: String
    /// The planned length.
    package let minutes: Int64
    /// Cents, net of VAT.
    package let amountMinorUnits: Int64
}

extension SoldService {
    /// The quote of each length for which the service can be booked, shortest first.
    package func compiledPrices(rounding: Rounding = .halfUp) throws -> [CompiledPrice] {
        try plannedLengths.all.map { minutes in
            let seconds = try minutes.multiplied(by: 60)
            let quote = try Rating.quote(self, plannedSeconds: seconds, rounding: rounding)
            return CompiledPrice(
                serviceCode: code, minutes: minutes, amountMinorUnits: quote.total.minorUnits)
        }
    }
}

extension Terms {
    /// The compiled prices of all services, in the contract's order.
    package func compiledPrices() throws -> [CompiledPrice] {
        try rateCard.services.flatMap { try $0.compiledPrices(rounding: rounding.mode) }
    }
}

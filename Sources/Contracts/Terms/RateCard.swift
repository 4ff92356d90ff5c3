import MoneyAndTime

/// What a contract sells, and at what price.
package struct RateCard: Hashable, Sendable {
    /// In the contract's order; codes are unique.
    package let services: [SoldService]

    /// The service with this code, if it is sold under the contract.
    package func service(_ code: String) -> SoldService? {
        services.first { $0.code == code }
    }
}

/// One service and its price by the minute.
package struct SoldService: Hashable, Sendable {
    /// A slug, unique in the contract.
    package let code: String
    package let name: LocalisedName
    package let specialty: SpecialtyCode
    /// ISO 639, at least one.
    package let languages: [String]
    /// Net of VAT.
    package let pricePerMinute: UnitPrice
    package let increment: Increment
    /// A visit that took place is billed for at least this long. A multiple of three; 0 for none.
    package let minimumSeconds: Int64
    package let plannedLengths: PlannedLengths
}

/// A name in the three languages of the market.
package struct LocalisedName: Hashable, Sendable {
    package let finnish: String
    package let swedish: String
    package let english: String
}

/// A medical specialty in a published code system.
package struct SpecialtyCode: Hashable, Sendable {
    /// OID, such as `1.2.246.537.6.24`, the Finnish specialties.
    package let system: String
    /// Such as `70`, psychiatry.
    package let code: String
}

/// The steps in which time is billed, as telephone calls are: "30/6" bills the first 30 seconds
/// whole and then every begun 6. Both are multiples of three seconds, so that billed minutes have
/// at most two decimals and an invoice line can be multiplied out again.
package struct Increment: Hashable, Sendable {
    package let firstSeconds: Int64
    package let nextSeconds: Int64
}

/// The lengths in minutes for which a service can be booked.
package struct PlannedLengths: Hashable, Sendable {
    package let minimum: Int64
    package let maximum: Int64
    package let step: Int64

    /// Every allowed length, shortest first.
    package var all: StrideThrough<Int64> {
        stride(from: minimum, through: maximum, by: Int64.Stride(step))
    }

    package func contains(_ minutes: Int64) -> Bool {
        minutes >= minimum && minutes <= maximum && (minutes - minimum) % step == 0
    }
}

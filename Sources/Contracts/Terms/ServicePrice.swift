import MoneyAndTime

/// All that makes the price of a visit of one service, net of VAT. What is nil or empty was not
/// agreed.
package struct ServicePrice: Hashable, Sendable {
    package let perMinute: UnitPrice
    package let increment: Increment
    /// A visit that took place is billed for at least this long. A multiple of three; 0 for none.
    package let minimumSeconds: Int64
    /// Added once to a visit that was held.
    package let startFee: Money?
    /// The most that start fee, time and supplements of one visit come to.
    package let cap: Money?
    package let tiers: Tiers?
    /// In the contract's order; codes are unique in the service.
    package let supplements: [Supplement]
    /// In the order in which they are taken off; codes are unique in the service.
    package let discounts: [Discount]
    /// Time beyond the planned length, if the buyer agreed to it.
    package let overrun: ExtraMinutes?
    package let preparation: ExtraMinutes?
    package let recordWriting: ExtraMinutes?
}

/// The steps in which time is billed, as telephone calls are: "30/6" bills the first 30 seconds
/// whole and then every begun 6. Both are multiples of three seconds, so that billed minutes have
/// at most two decimals and an invoice line can be multiplied out again.
package struct Increment: Hashable, Sendable {
    package let firstSeconds: Int64
    package let nextSeconds: Int64
}

/// Other prices from some billed minutes of the service in the period on.
package struct Tiers: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        /// Each minute has the price of the step that it lies in.
        case graduated
        /// The whole visit has the price of the step that its last second lies in.
        case volume
    }

    package struct Step: Hashable, Sendable {
        package let fromMinutes: Int64
        package let perMinute: UnitPrice
    }

    package let kind: Kind
    /// In rising order.
    package let steps: [Step]
}

/// An addition to the price of minutes at some hours of some days, by the wall clock of the
/// contract's zone.
package struct Supplement: Hashable, Sendable {
    /// A public holiday is no day of the week.
    package enum Day: String, Hashable, Sendable, CaseIterable {
        case monday, tuesday, wednesday, thursday, friday, saturday, sunday
        case holiday

        package init(of date: CalendarDate) {
            if FinnishHolidays.holiday(on: date) != nil {
                self = .holiday
                return
            }
            self =
                switch date.weekday {
                case .monday: .monday
                case .tuesday: .tuesday
                case .wednesday: .wednesday
                case .thursday: .thursday
                case .friday: .friday
                case .saturday: .saturday
                case .sunday: .sunday
                }
        }
    }

    /// How the contract writes the addition.
    package enum Addition: Hashable, Sendable {
        case share(Percentage)
        case perMinute(UnitPrice)
    }

    package let code: String
    package let name: LocalisedName
    package let days: Set<Day>
    package let from: TimeOfDay
    /// Not included; later than `from` on the same day.
    package let until: TimeOfDay
    package let addition: Addition
    /// The addition in euros for one minute: a share is one of the service's price, rounded to
    /// four decimals, half up.
    package let perMinute: UnitPrice

    package func holds(on day: Day, at time: TimeOfDay) -> Bool {
        days.contains(day) && from <= time && time < until
    }
}

/// A share taken off what start fee, time, supplements and cap came to.
package struct Discount: Hashable, Sendable {
    package let code: String
    package let name: LocalisedName
    package let percent: Percentage
    package let firstDay: CalendarDate?
    package let lastDay: CalendarDate?

    /// Whether it holds for a visit whose planned start is on this day.
    package func holds(on day: CalendarDate) -> Bool {
        firstDay.map { $0 <= day } ?? true && lastDay.map { day <= $0 } ?? true
    }
}

/// Minutes with a price of their own, up to a ceiling.
package struct ExtraMinutes: Hashable, Sendable {
    package let perMinute: UnitPrice
    package let maximumMinutes: Int64
}

import MoneyAndTime

/// What a visit took of a room or of staff of its buyer's own, and what that cost the buyer. It is
/// the buyer's own reckoning: nothing of it is charged, and the seller never sees it.
package struct OwnTime: Hashable, Sendable {
    /// For how long it was kept for the visit, in seconds.
    package let reserved: Int64
    /// How long the buyer's people were there, added up, in seconds; nil for a room.
    package let attended: Int64?
    /// So many of its kind the visit took: they share what was attended.
    package let alike: Int64
    /// So many visits had it together, such as the buyer's places in a group session.
    package let visits: Int64
    /// As it was when the visit took it.
    package let minuteCost: UnitPrice

    package init(
        reserved: Int64, attended: Int64?, alike: Int64, visits: Int64, minuteCost: UnitPrice
    ) {
        self.reserved = reserved
        self.attended = attended
        self.alike = alike
        self.visits = visits
        self.minuteCost = minuteCost
    }

    /// What it cost: staff by the time that they were there where that was measured, and anything
    /// else by the time that it was kept; a whole share for each alike and for each visit. Rounded
    /// once, half up.
    package var cost: Money {
        get throws(ArithmeticFailure) {
            let sharing = measured == nil ? visits : try visits.multiplied(by: alike)
            // ten-thousandths × seconds ÷ 60 ÷ 100 are cents
            return try ExactNet(
                numerator: Int128(seconds) * Int128(minuteCost.tenThousandths),
                denominator: Int128(sharing) * 6_000
            ).rounded()
        }
    }

    /// The seconds that `cost` is of, before they are shared.
    package var seconds: Int64 { measured ?? reserved }

    private var measured: Int64? { attended.flatMap { $0 > 0 ? $0 : nil } }
}

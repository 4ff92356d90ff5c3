import MoneyAndTime
import StrictJSON

/// The price of one booking after the fact, rated once under the version frozen on the booking.
/// A sealed charge never changes; its digest is the SHA-256 of `canonical()`.
package struct Charge: Hashable, Sendable {
    /// What is charged for.
    package enum Cause: String, Hashable, Sendable, CaseIterable {
        case visit
        /// The fee of a cancellation that came too late.
        case lateCancellation = "late_cancellation"
    }

    /// One rated line. `net` is `exact` rounded once, half up.
    package struct Line: Hashable, Sendable {
        package let text: String
        package let quantity: BilledQuantity
        package let price: UnitPrice
        /// How many units `price` is for.
        package let baseQuantity: Int64
        package let exact: ExactNet
        package let net: Money

        /// The exact amount is `quantity` × `price` ÷ `baseQuantity` when none is given; a share
        /// of another amount gives its own, and the rounded net as the price of one piece.
        /// Throws `negativeLine`, `lineDoesNotAddUp`, or `ArithmeticFailure`.
        package init(
            text: String, quantity: BilledQuantity, price: UnitPrice, baseQuantity: Int64 = 1,
            exact: ExactNet? = nil
        ) throws {
            let product = try ExactNet(quantity, at: price, baseQuantity: baseQuantity)
            self.text = text
            self.quantity = quantity
            self.price = price
            self.baseQuantity = baseQuantity
            self.exact = exact ?? product
            self.net = try self.exact.rounded()
            guard quantity.hundredths >= 0, net.minorUnits >= 0 else {
                throw BillingRefusal.negativeLine
            }
            guard try product.rounded() == net else { throw BillingRefusal.lineDoesNotAddUp }
        }
    }

    package let id: ChargeID
    package let booking: BookingID
    package let contract: ContractID
    package let versionNumber: Int
    package let seller: OrganisationID
    package let buyer: OrganisationID
    /// The service's code in the contract.
    package let service: String
    package let cause: Cause
    /// The day of the visit in the seller's zone.
    package let servedOn: CalendarDate
    /// The key of the billing period in which the visit began.
    package let period: String
    /// Billable seconds of the same contract and period before this charge, for tiers.
    package let secondsBefore: Int64
    /// Empty when the visit costs nothing.
    package let lines: [Line]
    /// The rating step by step, as `RatingTrace` writes it: its codes and figures, from which pages
    /// make sentences in each language, and its words, which a reader can repeat by hand.
    package let trace: JSON
    /// The sum of the lines, without VAT; zero or above.
    package let net: Money

    /// Throws `ArithmeticFailure.overflow`.
    package init(
        id: ChargeID, booking: BookingID, contract: ContractID, versionNumber: Int,
        seller: OrganisationID, buyer: OrganisationID, service: String, cause: Cause,
        servedOn: CalendarDate, period: String, secondsBefore: Int64 = 0,
        lines: [Line], trace: JSON
    ) throws(ArithmeticFailure) {
        self.id = id
        self.booking = booking
        self.contract = contract
        self.versionNumber = versionNumber
        self.seller = seller
        self.buyer = buyer
        self.service = service
        self.cause = cause
        self.servedOn = servedOn
        self.period = period
        self.secondsBefore = secondsBefore
        self.lines = lines
        self.trace = trace
        self.net = try Money.sum(of: lines.map(\.net))
    }
}

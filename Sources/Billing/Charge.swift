import MoneyAndTime
import StrictJSON

/// The price of one booking, of what stayed unused of a block, or of what is missing of a
/// commitment, after the fact: rated once under the version frozen on it. A sealed charge never
/// changes; its digest is the SHA-256 of `canonical()`.
package struct Charge: Hashable, Sendable {
    /// What is charged for.
    package enum Subject: Hashable, Sendable {
        case booking(BookingID)
        case block(BlockID)
        /// Of the contract in the charge's period.
        case commitment

        /// What such a charge has in the place of a service's code.
        package static let commitmentService = "commitment"
    }

    /// Why.
    package enum Cause: String, Hashable, Sendable, CaseIterable {
        case visit
        /// The buyer did not come.
        case noShow = "no_show"
        /// The fee of a cancellation that came too late.
        case lateCancellation = "late_cancellation"
        /// What the seller owes for its own cancellation.
        case sellerCancellation = "seller_cancellation"
        case sellerNoShow = "seller_no_show"
        /// Time of a block in which no visit was placed.
        case unusedBlock = "unused_block"
        /// What is missing of a commitment at the end of a period.
        case shortfall
        /// What of that was charged after all, by visits that were agreed on later.
        case shortfallReturned = "shortfall_returned"

        /// Whether the seller owes it, and it is taken off.
        package var isOwedBySeller: Bool {
            switch self {
            case .sellerCancellation, .sellerNoShow, .shortfallReturned: true
            default: false
            }
        }
    }

    /// One rated line. `net` is `exact` rounded once.
    package struct Line: Hashable, Sendable {
        /// What the line is for, in the word of the rating: `visit`, `supplement`, `discount`.
        package let kind: String
        /// Of a supplement or discount.
        package let code: String?
        package let text: String
        /// Negative for what is taken off: a price never is.
        package let quantity: BilledQuantity
        package let price: UnitPrice
        /// How many units `price` is for.
        package let baseQuantity: Int64
        package let exact: ExactNet
        package let rounding: Rounding
        package let net: Money

        /// The exact amount is `quantity` × `price` ÷ `baseQuantity` when none is given; a share
        /// of another amount gives its own, and the rounded net as the price of one piece.
        /// Throws `lineDoesNotAddUp`, or `ArithmeticFailure`.
        package init(
            kind: String = "visit", code: String? = nil, text: String, quantity: BilledQuantity,
            price: UnitPrice, baseQuantity: Int64 = 1, exact: ExactNet? = nil,
            rounding: Rounding = .halfUp
        ) throws {
            let product = try ExactNet(quantity, at: price, baseQuantity: baseQuantity)
            self.kind = kind
            self.code = code
            self.text = text
            self.quantity = quantity
            self.price = price
            self.baseQuantity = baseQuantity
            self.exact = exact ?? product
            self.rounding = rounding
            self.net = try self.exact.rounded(rounding)
            guard try product.rounded(rounding) == net else {
                throw BillingRefusal.lineDoesNotAddUp
            }
        }
    }

    package let id: ChargeID
    package let subject: Subject
    package let contract: ContractID
    package let versionNumber: Int
    package let seller: OrganisationID
    package let buyer: OrganisationID
    /// The service's code in the contract, or `commitment`.
    package let service: String
    package let cause: Cause
    /// The day of the visit or block in the seller's zone; of a commitment, the last one of the
    /// period.
    package let servedOn: CalendarDate
    /// The key of the billing period in which the visit began.
    package let period: String
    /// Billed seconds of the service's earlier charges in the period, for tiers; of a commitment,
    /// all that was taken of it.
    package let secondsBefore: Int64
    /// The billed time of the visit itself, after steps and minimum.
    package let billedSeconds: Int64
    /// Empty when the visit costs nothing.
    package let lines: [Line]
    /// The rating step by step, as `RatingTrace` writes it: its codes and figures, from which pages
    /// make sentences in each language, and its words, which a reader can repeat by hand.
    package let trace: JSON
    /// The sum of the lines, without VAT; negative only for what the seller owes.
    package let net: Money

    /// Throws `negativeCharge`, or `ArithmeticFailure.overflow`.
    package init(
        id: ChargeID, of subject: Subject, contract: ContractID, versionNumber: Int,
        seller: OrganisationID, buyer: OrganisationID, service: String, cause: Cause,
        servedOn: CalendarDate, period: String, secondsBefore: Int64 = 0,
        billedSeconds: Int64 = 0, lines: [Line], trace: JSON
    ) throws {
        self.id = id
        self.subject = subject
        self.contract = contract
        self.versionNumber = versionNumber
        self.seller = seller
        self.buyer = buyer
        self.service = service
        self.cause = cause
        self.servedOn = servedOn
        self.period = period
        self.secondsBefore = secondsBefore
        self.billedSeconds = billedSeconds
        self.lines = lines
        self.trace = trace
        self.net = try Money.sum(of: lines.map(\.net))
        guard cause.isOwedBySeller ? net <= .zero : net >= .zero else {
            throw BillingRefusal.negativeCharge(id)
        }
    }

    /// The days of service: the visit's own, or all of the period.
    package var servedDays: ClosedRange<CalendarDate> {
        guard case .commitment = subject, let month = try? StatementPeriod(key: period) else {
            return servedOn...servedOn
        }
        return month.first...month.last
    }
}

extension Charge.Subject {
    /// Of a visit, held or not.
    package var booking: BookingID? {
        guard case .booking(let id) = self else { return nil }
        return id
    }

    package var block: BlockID? {
        guard case .block(let id) = self else { return nil }
        return id
    }
}

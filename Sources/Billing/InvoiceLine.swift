import MoneyAndTime

/// One line of an invoice (EN 16931 BG-25), and the charge lines that it bills.
package struct InvoiceLine: Hashable, Sendable {
    /// One line of one charge, counted from one.
    package struct Source: Hashable, Sendable {
        package let charge: ChargeID
        package let line: Int

        package init(charge: ChargeID, line: Int) {
            self.charge = charge
            self.line = line
        }
    }

    package let text: String
    package let quantity: BilledQuantity
    package let price: UnitPrice
    package let baseQuantity: Int64
    /// Without VAT; negative for what is taken off, as its quantity is.
    package let net: Money
    package let vat: InvoiceVAT
    /// The days of service (BT-134, BT-135), both included.
    package let days: ClosedRange<CalendarDate>
    /// When the visit began by the contract's clock, so that several of one day can be told apart
    /// (BT-154); nil where that is not known, and where the line bills several visits.
    package let begins: TimeOfDay?
    /// BT-133: the buyer's own cost centre, when the contract names one.
    package let costCentre: String?
    package let sources: [Source]
    /// What of `net` each of these has, in their order.
    package let shares: [Money]

    /// One source has it all; of several their shares are to be said. Throws `lineDoesNotAddUp`
    /// unless they come to `net`, and unless that is quantity × price ÷ base quantity, rounded
    /// once.
    package init(
        text: String, quantity: BilledQuantity, price: UnitPrice, baseQuantity: Int64 = 1,
        net: Money, vat: InvoiceVAT, days: ClosedRange<CalendarDate>,
        begins: TimeOfDay? = nil, costCentre: String? = nil, mode: Rounding = .halfUp,
        sources: [Source], shares: [Money]? = nil
    ) throws {
        self.shares = shares ?? [net]
        let exact = try ExactNet(quantity, at: price, baseQuantity: baseQuantity)
        guard try exact.rounded(mode) == net, try Money.sum(of: self.shares) == net else {
            throw BillingRefusal.lineDoesNotAddUp
        }
        self.text = text
        self.quantity = quantity
        self.price = price
        self.baseQuantity = baseQuantity
        self.net = net
        self.vat = vat
        self.days = days
        self.begins = begins
        self.costCentre = costCentre
        self.sources = sources
    }
}

extension InvoiceLine {
    /// Which line is rounded; a term of the contract.
    package enum RoundingPlace: String, Hashable, Sendable, CaseIterable {
        /// An invoice line is one charge line.
        case perVisit = "visit"
        /// An invoice line is a sum of exact amounts, rounded once.
        case perBill = "bill"
    }

    /// When a visit began: the instant, which orders the lines of a day, and the time of day that
    /// its lines say.
    package struct Beginning: Hashable, Sendable {
        package let at: Instant
        package let time: TimeOfDay

        package init(_ at: Instant, in clock: WallClock) {
            self.at = at
            time = clock.timeOfDay(of: at)
        }
    }

    /// The lines of an invoice for these charges, of which `begins` says when their visits began:
    /// by the day of the visit, then by its beginning.
    package static func lines(
        for charges: [Charge], vat: InvoiceVAT, begins: [ChargeID: Beginning] = [:],
        rounding: RoundingPlace = .perVisit, costCentre: String? = nil
    ) throws -> [InvoiceLine] {
        var bundles: [Bundle] = []
        var places: [Bundle.Key: Int] = [:]
        func place(_ charge: Charge) -> (CalendarDate, Instant, ChargeID) {
            (
                charge.servedOn, begins[charge.id]?.at ?? Instant(microseconds: .min), charge.id
            )
        }
        for charge in charges.sorted(by: { place($0) < place($1) }) {
            for (index, line) in charge.lines.enumerated() {
                let bundle = Bundle(
                    line, of: charge, number: index + 1, begins: begins[charge.id]?.time)
                guard rounding == .perBill, try bundle.isPlainProduct() else {
                    bundles.append(bundle)
                    continue
                }
                if let place = places[bundle.key] {
                    try bundles[place].add(bundle)
                } else {
                    places[bundle.key] = bundles.count
                    bundles.append(bundle)
                }
            }
        }
        return try bundles.map { try $0.invoiceLine(vat: vat, costCentre: costCentre) }
    }

    /// What an invoice's net is above (or below) the charges that it bills, to be posted as
    /// `rounding`; zero when it is rounded per visit.
    package static func roundingDifference(
        of lines: [InvoiceLine], for charges: [Charge]
    ) throws(ArithmeticFailure) -> Money {
        try Money.sum(of: lines.map(\.net)).subtracting(try Money.sum(of: charges.map(\.net)))
    }
}

extension ClosedRange<CalendarDate> {
    /// The shortest range that holds both.
    func joined(with other: ClosedRange<CalendarDate>) -> ClosedRange<CalendarDate> {
        Swift.min(lowerBound, other.lowerBound)...Swift.max(upperBound, other.upperBound)
    }
}

/// Charge lines that become one invoice line.
private struct Bundle {
    struct Key: Hashable {
        let text: String
        let unit: BilledQuantity.Unit
        let price: UnitPrice
        let baseQuantity: Int64
        let mode: Rounding
    }

    let key: Key
    private var hundredths: Int64
    private var exact: ExactNet
    private var exacts: [ExactNet]
    private var days: ClosedRange<CalendarDate>
    private var begins: TimeOfDay?
    private var sources: [InvoiceLine.Source]

    init(_ line: Charge.Line, of charge: Charge, number: Int, begins: TimeOfDay?) {
        key = Key(
            text: line.text, unit: line.quantity.unit, price: line.price,
            baseQuantity: line.baseQuantity, mode: line.rounding)
        hundredths = line.quantity.hundredths
        exact = line.exact
        exacts = [exact]
        days = charge.servedDays
        self.begins = begins
        sources = [.init(charge: charge.id, line: number)]
    }

    private var quantity: BilledQuantity { BilledQuantity(hundredths: hundredths, unit: key.unit) }

    /// A share of another amount has an exact value that its price does not show: alone it is
    /// rounded right, but a sum of such lines would not be price × quantity.
    func isPlainProduct() throws -> Bool {
        try exact.equals(ExactNet(quantity, at: key.price, baseQuantity: key.baseQuantity))
    }

    mutating func add(_ other: Bundle) throws(ArithmeticFailure) {
        hundredths = try hundredths.adding(other.hundredths)
        exact = try exact.adding(other.exact)
        exacts += other.exacts
        days = days.joined(with: other.days)
        begins = nil
        sources += other.sources
    }

    func invoiceLine(vat: InvoiceVAT, costCentre: String?) throws -> InvoiceLine {
        let net = try exact.rounded(key.mode)
        return try InvoiceLine(
            text: key.text, quantity: quantity, price: key.price,
            baseQuantity: key.baseQuantity, net: net, vat: vat,
            days: days, begins: begins, costCentre: costCentre, mode: key.mode, sources: sources,
            shares: ExactNet.shares(of: net, for: exacts))
    }
}

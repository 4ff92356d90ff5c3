import MoneyAndTime

/// Where a statement stands. The raw values are the words in SQL and JSON.
package enum StatementState: String, Hashable, Sendable, CaseIterable {
    case open
    case accepted
}

/// What a contract's period comes to, for the buyer to accept before an invoice is made.
package struct Statement: Hashable, Sendable {
    package struct Line: Hashable, Sendable {
        package let charge: ChargeID
        package let subject: Charge.Subject
        package let service: String
        package let cause: Charge.Cause
        package let servedOn: CalendarDate
        package let net: Money
        /// Of an earlier period, attested only after that one was closed.
        package let isLate: Bool
        /// What is charged in the end: another figure than `net` where a dispute came to one.
        package let standing: Money
        /// The earlier statement of the contract on which it came to nothing or less, with all of
        /// its treatment of VAT: accepted there, and set against this one.
        package let carriedFrom: StatementID?

        package init(
            charge: ChargeID, of subject: Charge.Subject, service: String, cause: Charge.Cause,
            servedOn: CalendarDate, net: Money, isLate: Bool, standing: Money? = nil,
            carriedFrom: StatementID? = nil
        ) {
            self.carriedFrom = carriedFrom
            self.standing = standing ?? net
            self.charge = charge
            self.subject = subject
            self.service = service
            self.cause = cause
            self.servedOn = servedOn
            self.net = net
            self.isLate = isLate
        }
    }

    package let id: StatementID
    package let contract: ContractID
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let period: StatementPeriod
    /// In the order of the days, then of the charges.
    package let lines: [Line]
    /// The sum of the lines, without VAT; below zero where more is carried than stated.
    package let total: Money
    package internal(set) var state: StatementState
    /// The lines that the buyer disputes, as long as that is not settled.
    package internal(set) var disputed: Set<ChargeID>

    /// Of the charges of one contract that no earlier statement has, and of those that are carried
    /// from one. Throws `BillingRefusal`.
    package init(
        id: StatementID, contract: ContractID, seller: OrganisationID, buyer: OrganisationID,
        period: StatementPeriod, charges: [Charge], carried: [ChargeID: StatementID] = [:]
    ) throws {
        var lines: [Line] = []
        for charge in charges {
            guard charge.contract == contract, charge.seller == seller, charge.buyer == buyer
            else { throw BillingRefusal.foreignCharge(charge.id) }
            let own = try StatementPeriod(key: charge.period)
            guard own <= period else { throw BillingRefusal.chargeOfLaterPeriod(charge.id) }
            let from = carried[charge.id]
            lines.append(Line(charge, isLate: from == nil && own < period, carriedFrom: from))
        }
        try self.init(
            id: id, contract: contract, seller: seller, buyer: buyer, period: period,
            lines: lines)
    }

    /// A statement as it was stored; the total is summed again.
    package init(
        id: StatementID, contract: ContractID, seller: OrganisationID, buyer: OrganisationID,
        period: StatementPeriod, lines: [Line], state: StatementState = .open,
        disputed: Set<ChargeID> = []
    ) throws {
        guard !lines.isEmpty else { throw BillingRefusal.noLines }
        var seen: Set<ChargeID> = []
        for line in lines where !seen.insert(line.charge).inserted {
            throw BillingRefusal.repeatedCharge(line.charge)
        }
        if let stranger = disputed.subtracting(seen).min() {
            throw BillingRefusal.unknownCharge(stranger)
        }
        self.id = id
        self.contract = contract
        self.seller = seller
        self.buyer = buyer
        self.period = period
        self.state = state
        self.disputed = disputed
        self.lines = lines.sorted { ($0.servedOn, $0.charge) < ($1.servedOn, $1.charge) }
        self.total = try Money.sum(of: lines.map(\.net))
    }

    /// What the buyer accepts: what stands of the lines that nobody disputes, without VAT.
    package var undisputed: Money {
        get throws(ArithmeticFailure) {
            try Money.sum(of: lines.filter { !disputed.contains($0.charge) }.map(\.standing))
        }
    }
}

extension Statement.Line {
    fileprivate init(_ charge: Charge, isLate: Bool, carriedFrom: StatementID?) {
        self.init(
            charge: charge.id, of: charge.subject, service: charge.service,
            cause: charge.cause, servedOn: charge.servedOn, net: charge.net, isLate: isLate,
            carriedFrom: carriedFrom)
    }
}

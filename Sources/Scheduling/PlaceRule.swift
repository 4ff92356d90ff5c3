import MoneyAndTime

/// All that `book_places` decides on, read under its locks: a buyer asks for places of a session.
package struct PlaceQuestion: Hashable, Sendable {
    package let session: GroupSession
    /// The contracts that the seller opened it for; nil for all that sell it.
    package let named: Set<ContractID>?
    /// Whether the contract is between the asker, as its buyer, and the session's seller.
    package let isOfAsker: Bool
    package let specialistIsActive: Bool
    /// The visit that each place is, as a booking of its own would be asked for. The session has
    /// its time since it was opened, so that windows, limits of the specialist and reservations
    /// that are live are not looked at; `reservations` are the overdue holds that the counter
    /// still carries. Of its `resources` what one's own places in the session take is no obstacle,
    /// and is not among what is taken.
    package let visit: BookingQuestion
    /// For each patient the names of the hand-over fields that the request brings.
    package let patients: [Set<String>]
    /// The quotes of the asker's places there that the counter of the period holds already.
    package let ownQuotes: [Money]

    package init(
        session: GroupSession, named: Set<ContractID>?, isOfAsker: Bool,
        specialistIsActive: Bool, visit: BookingQuestion, patients: [Set<String>],
        ownQuotes: [Money]
    ) {
        self.session = session
        self.named = named
        self.isOfAsker = isOfAsker
        self.specialistIsActive = specialistIsActive
        self.visit = visit
        self.patients = patients
        self.ownQuotes = ownQuotes
    }
}

/// Why places cannot be had.
package enum PlaceRefusal: Error, Hashable, Sendable {
    /// To the asker, or under that contract, the session is not there.
    case notFound
    case session(GroupSession.Refusal)
    case handOverMissing(patient: Int, [String])
    case specialistNotOffered
    /// What any booking is refused for.
    case booking(BookingRefusal)
}

package enum PlaceDecision: Hashable, Sendable {
    case accept(Acceptance)
    case refuse(PlaceRefusal)

    package struct Acceptance: Hashable, Sendable {
        /// The number of the version that prices the session, to be frozen on each booking.
        package let version: Int64
        /// Of each place: the price of the whole session.
        package let quote: Money
        /// What the budget holds back for all of them, beyond what it holds.
        package let reserves: Money
    }
}

/// Whether places of a session may be booked: all that are asked for, or none. The SQL function
/// `book_places` decides the same, in the same order; a property test holds it to this.
package enum PlaceRule {
    package static func decide(_ question: PlaceQuestion) throws -> PlaceDecision {
        do {
            return .accept(try answer(question))
        } catch let refusal as PlaceRefusal {
            return .refuse(refusal)
        } catch let refusal as GroupSession.Refusal {
            return .refuse(.session(refusal))
        } catch let refusal as BookingRefusal {
            return .refuse(.booking(refusal))
        }
    }

    private static func answer(_ question: PlaceQuestion) throws -> PlaceDecision.Acceptance {
        let (version, offer) = try terms(question)
        try question.session.take(Int64(question.patients.count), now: question.visit.now)
        var visit = question.visit
        var quotes = question.ownQuotes
        let before = GroupSession.reserved(by: quotes)
        for (index, handOver) in question.patients.enumerated() {
            try BookingRule.requireOpenContract(visit)
            try BookingRule.checkWhen(visit, version)
            let missing = offer.required.filter { !handOver.contains($0) }
            guard missing.isEmpty else {
                throw PlaceRefusal.handOverMissing(patient: index, missing)
            }
            guard question.specialistIsActive else { throw PlaceRefusal.specialistNotOffered }
            guard visit.licenceCovers else { throw BookingRefusal.licenceExpired }
            let added = try GroupSession.givenBack(by: offer.quote, besides: quotes)
            let expired = visit.reservations.indices.filter {
                !visit.reservations[$0].isLive(at: visit.now)
            }
            try BookingRule.checkBudget(visit, quote: added, expired: expired)
            try BookingRule.checkQuota(visit, expired: expired)
            try BookingRule.checkResources(visit)
            quotes.append(offer.quote)
            visit = try visit.counting(
                PeriodShare(quote: added, minutes: visit.planned.seconds / 60))
        }
        return PlaceDecision.Acceptance(
            version: version.number, quote: offer.quote,
            reserves: try GroupSession.reserved(by: quotes).subtracting(before))
    }

    /// Where the contract sells such a session, and the seller opened it for that contract. More
    /// places than a contract agrees on would make its buyer's share smaller than it may be.
    private static func terms(
        _ question: PlaceQuestion
    ) throws -> (VersionOffer, ServiceOffer) {
        let visit = question.visit
        let sold: (version: VersionOffer, offer: ServiceOffer)
        do {
            sold = try BookingRule.terms(visit)
        } catch is BookingRefusal {
            throw PlaceRefusal.notFound
        }
        guard question.isOfAsker, question.named?.contains(visit.contract) ?? true,
            let capacity = sold.offer.capacity, question.session.places <= capacity
        else { throw PlaceRefusal.notFound }
        return sold
    }
}

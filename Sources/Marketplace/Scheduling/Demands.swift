import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

// Someone at once: a buyer asks those whose contracts allow it, and the first specialist at hand to
// accept has the visit, which begins then.

extension Market {
    /// The most sellers that one request asks.
    package static let mostAsked = 10
    /// For how many minutes a request may stand.
    package static let answerMinutes: ClosedRange<Int64> = 1...60

    package func askNow(_ request: Request, _ wanted: StoredDemand.Wanted) async throws -> Answer {
        try await change(request) { transaction, caller in
            let id: DemandID = newID()
            try await transaction.query(StoredDemand.ask(id, wanted))
            return try await demandSheet(of: id, for: caller, in: transaction)
        }
    }

    package func listDemands(
        _ request: Request, state: StoredDemand.State?, page: Page<DemandID>
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            let demands = try await StoredDemand.all(
                transaction.query(
                    StoredDemand.page(state: state, after: page.after, limit: page.limit + 1)))
            return Answer.page(
                demands, limit: page.limit, cursor: { $0.id.description },
                item: { $0.json(for: caller.organisation) })
        }
    }

    package func demand(_ request: Request, _ id: DemandID) async throws -> Answer {
        try await view(request) { transaction, caller in
            try await demandSheet(of: id, for: caller, in: transaction)
        }
    }

    /// A specialist at hand takes it. Of many at the same moment one does, and the others are told
    /// that it is over.
    package func acceptDemand(
        _ request: Request, _ id: DemandID, by specialist: SpecialistID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(
                StoredDemand.accept(
                    id, specialist, booking: newID(), reservation: newID()))
            return try await demandSheet(of: id, for: caller, in: transaction)
        }
    }

    package func withdrawDemand(_ request: Request, _ id: DemandID) async throws -> Answer {
        try await change(request) { transaction, caller in
            try await transaction.query(StoredDemand.withdraw(id))
            return try await demandSheet(of: id, for: caller, in: transaction)
        }
    }

    private func demandSheet(
        of id: DemandID, for caller: Caller, in transaction: Transaction
    ) async throws -> Answer {
        let rows = try await transaction.query(StoredDemand.find(id))
        guard let demand = try StoredDemand.all(rows).first else { throw Refusal(.notFound) }
        return Answer(
            demand.json(for: caller.organisation), location: "/v1/demands/\(id)")
    }
}

extension StoredDemand {
    /// A seller reads nothing of the hand-over here: it has it with the booking, if it gets one.
    fileprivate func json(for organisation: OrganisationID) -> JSON {
        let isBuyer = organisation == buyer
        return [
            "id": JSON(id.description),
            "buyer": JSON(buyer.description),
            "minutes": JSON(minutes),
            "language": JSON(language),
            "asked_at": JSON(askedAt.rfc3339),
            "expires_at": JSON(expiresAt.rfc3339),
            "state": JSON(state.rawValue),
            "asked": .array(asks.map { $0.json(isBuyer: isBuyer) }),
            "booking": JSON(booking?.description),
            "patient_reference": isBuyer ? JSON(handOver.patient?.text) : .null,
            "record_reference": isBuyer ? JSON(handOver.record) : .null,
            "authorisation_reference": isBuyer ? JSON(handOver.authorisation) : .null,
            "diary_reference": isBuyer ? JSON(handOver.diary) : .null,
            "buyer_unit": isBuyer ? JSON(handOver.unit?.description) : .null,
            "on_behalf_of": isBuyer ? JSON(handOver.onBehalfOf?.description) : .null,
        ]
    }
}

extension StoredDemand.Ask {
    fileprivate func json(isBuyer: Bool) -> JSON {
        [
            "contract": JSON(contract.description),
            "seller": JSON(seller.description),
            "service": JSON(service),
            "state": JSON(state.rawValue),
            "ended_at": JSON(endedAt?.rfc3339),
            "at_hand": isBuyer && state == .open ? atHand.map { JSON($0) } ?? .null : .null,
        ]
    }
}

import Contracts
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

extension Market {
    package func postNeed(_ request: Request, _ details: NeedDetails) async throws -> Answer {
        guard details.startsOn <= details.endsOn else {
            throw InvalidInput(
                pointer: "/ends_on", code: "order", message: "must not be before the first day")
        }
        return try await change(request) { transaction, caller in
            guard try await transaction.now() < details.answerBy else {
                throw Refusal(.deadlineInThePast)
            }
            for seller in details.sellers ?? [] {
                guard seller != caller.organisation,
                    try await !transaction.query(ListedOrganisation.find(seller)).isEmpty
                else { throw Refusal(.notFound) }
            }
            let need = StoredNeed(id: newID(), buyer: caller.organisation, details)
            for query in need.insert() { try await transaction.query(query) }
            try await transaction.record(
                .init(.need, need.id, "need.posted", revision: 1), by: caller)
            return try await need.sheet(for: caller, in: transaction)
        }
    }

    /// Either the caller's own needs, or those of others that it may answer or has answered.
    package func listNeeds(
        _ request: Request, own: Bool, page: Page<NeedID>
    ) async throws -> Answer {
        try await view(request) { transaction, caller in
            let query =
                own
                ? StoredNeed.page(after: page.after, limit: page.limit + 1)
                : StoredNeed.others(nil, after: page.after, limit: page.limit + 1)
            let needs = try await transaction.query(query).map(StoredNeed.init(row:))
            let told = try await needs.told(to: caller, in: transaction)
            return Answer.page(
                Array(zip(needs, told)), limit: page.limit, cursor: { $0.0.id.description },
                item: { $0.1 })
        }
    }

    package func need(_ request: Request, _ id: NeedID) async throws -> Answer {
        try await view(request) { transaction, caller in
            try await found(id, in: transaction).sheet(for: caller, in: transaction)
        }
    }

    package func withdrawNeed(_ request: Request, _ id: NeedID) async throws -> Answer {
        try await change(request) { transaction, caller in
            let need = try await lockNeed(id, in: transaction)
            guard need.isUndecided else { throw Refusal(.needNotOpen) }
            return try await move(
                need, to: .withdrawn, "need.withdrawn", by: caller, in: transaction)
        }
    }

    /// A seller's one answer; no other seller sees it.
    package func answerNeed(
        _ request: Request, _ id: NeedID, words: String, price: UnitPrice?
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let row = try await transaction.query(
                StoredNeedAnswer.give(newID(), to: id, words: words, price: price?.decimal)
            ).only()
            // whoever answers is then asked for a contract
            try requireParty(try await ownOrganisation(in: transaction), as: .seller)
            try await transaction.record(
                .init(
                    .need, id, "need.answered", revision: try row.decode("revision"),
                    counterparty: try row.decode("buyer")),
                by: caller)
            return try await found(id, in: transaction).sheet(for: caller, in: transaction)
        }
    }

    /// Picks one answer: asks its seller for a contract, and closes the need.
    package func acceptNeedAnswer(
        _ request: Request, _ id: NeedID, _ answer: NeedAnswerID, _ beginning: ContractBeginning
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let need = try await lockNeed(id, in: transaction)
            guard need.isUndecided else { throw Refusal(.needNotOpen) }
            let answers = try await transaction.query(StoredNeedAnswer.all(to: [id]))
                .map(StoredNeedAnswer.init(row:))
            guard let accepted = answers.first(where: { $0.id == answer }) else {
                throw Refusal(.notFound)
            }
            let sheet = try await ask(
                accepted.seller, words: need.details.title, beginning, need: id, by: caller,
                in: transaction)
            _ = try await move(
                need, to: .closed, "need.closed", accepting: accepted, by: caller,
                in: transaction)
            return try await contractRequest(of: sheet.contract.id, in: transaction)
        }
    }

    /// The instant until which answers were taken has come.
    func endAnswers(
        to id: NeedID, for organisation: OrganisationID, in transaction: Transaction
    ) async throws {
        let need = try await lockNeed(id, in: transaction)
        guard need.state == .open else { return }
        let isAnswered = try await !transaction.query(StoredNeedAnswer.all(to: [id])).isEmpty
        let revision = try await transaction.query(
            StoredNeed.move(id, to: isAnswered ? .deciding : .expired)
        ).only()["revision", Int64.self]
        try await transaction.record(
            .init(
                .need, id, isAnswered ? "need.to_decide" : "need.expired", revision: revision),
            for: organisation)
    }

    private func lockNeed(_ id: NeedID, in transaction: Transaction) async throws -> StoredNeed {
        guard let row = try await transaction.query(StoredNeed.lock(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        return try StoredNeed(row: row)
    }

    /// The caller's own, or another's that it may see.
    private func found(_ id: NeedID, in transaction: Transaction) async throws -> StoredNeed {
        if let row = try await transaction.query(StoredNeed.find(id)).atMostOne() {
            return try StoredNeed(row: row)
        }
        guard
            let row = try await transaction.query(StoredNeed.others(id, after: nil, limit: 1))
                .atMostOne()
        else { throw Refusal(.notFound) }
        return try StoredNeed(row: row)
    }

    private func move(
        _ need: StoredNeed, to state: StoredNeed.State, _ kind: String,
        accepting answer: StoredNeedAnswer? = nil, by caller: Caller, in transaction: Transaction
    ) async throws -> Answer {
        let revision = try await transaction.query(
            StoredNeed.move(need.id, to: state, accepting: answer?.id)
        ).only()["revision", Int64.self]
        try await transaction.record(
            .init(
                .need, need.id, kind, revision: revision, counterparty: answer?.seller),
            by: caller)
        return try await found(need.id, in: transaction).sheet(for: caller, in: transaction)
    }
}

extension [StoredNeed] {
    /// Each with the answers that the caller may see: all of them, or its own.
    fileprivate func told(to caller: Caller, in transaction: Transaction) async throws -> [JSON] {
        let answers = try await transaction.query(StoredNeedAnswer.all(to: map(\.id)))
            .map(StoredNeedAnswer.init(row:))
        let profile = try await transaction.query(StoredProfile.own).atMostOne()
            .map(StoredProfile.init(row:))
        let now = try await transaction.now()
        return map { need in
            need.json(for: caller, at: now, profile, answers.filter { $0.need == need.id })
        }
    }
}

extension StoredNeed {
    fileprivate var isUndecided: Bool { state == .open || state == .deciding }

    fileprivate func sheet(
        for caller: Caller, in transaction: Transaction
    ) async throws -> Answer {
        let told = try await [self].told(to: caller, in: transaction)
        return Answer(told[0], location: "/v1/needs/\(id)")
    }

    fileprivate func json(
        for caller: Caller, at now: Instant, _ profile: StoredProfile?,
        _ answers: [StoredNeedAnswer]
    ) -> JSON {
        let isOver = state == .open && details.answerBy <= now
        let shown: State = isOver ? (answers.isEmpty ? .expired : .deciding) : state
        return [
            "id": JSON(id.description),
            "buyer": JSON(buyer.description),
            "title": JSON(details.title),
            "service": details.service.json,
            "regions": .array(details.regions.codes.map { JSON($0) }),
            "minutes": JSON(details.minutes),
            "per": JSON(details.per.rawValue),
            "starts_on": JSON(details.startsOn.iso),
            "ends_on": JSON(details.endsOn.iso),
            "words": JSON(details.words),
            "answer_by": JSON(details.answerBy.rfc3339),
            "sellers": details.sellers.map { .array($0.map { JSON($0.description) }) } ?? .null,
            "state": JSON(shown.rawValue),
            "accepted": JSON(accepted?.description),
            "fits": JSON(buyer != caller.organisation && fits(profile)),
            "answers": .array(answers.map(\.json)),
            "revision": JSON(revision),
        ]
    }

    /// Whether a seller offers, in its profile, what this looks for.
    private func fits(_ profile: StoredProfile?) -> Bool {
        guard let profile, Region.meet(profile.regions, details.regions) else { return false }
        return (profile.services.elements ?? []).contains {
            ServiceOutline(stored: $0)?.fits(details.service) == true
        }
    }
}

extension StoredNeedAnswer {
    fileprivate var json: JSON {
        [
            "id": JSON(id.description),
            "seller": JSON(seller.description),
            "words": JSON(words),
            "price_per_minute": JSON(price),
            "created_at": JSON(createdAt.rfc3339),
        ]
    }
}

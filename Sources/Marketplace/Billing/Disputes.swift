import Billing
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Reading disputes.

extension Market {
    package func listDisputes(
        _ request: Request, contract: ContractID?, statement: StatementID?,
        state: Dispute.State?, page: Page<DisputeID>
    ) async throws -> Answer {
        let rows = try await read(
            request,
            StoredDispute.page(
                contract: contract, statement: statement, state: state, after: page.after,
                limit: page.limit + 1))
        return try .page(
            rows.map(StoredDispute.init(row:)), limit: page.limit,
            cursor: { $0.id.description }, item: { .object(JSONObject($0.head)) })
    }

    package func dispute(_ request: Request, _ id: DisputeID) async throws -> Answer {
        try await view(request) { transaction, _ in
            guard let row = try await transaction.query(StoredDispute.find(id)).atMostOne()
            else { throw Refusal(.notFound) }
            return try await transaction.answer(StoredDispute(row: row)).withoutRevision
        }
    }
}

extension Transaction {
    /// The dispute whole: with what both sides said.
    func answer(_ stored: StoredDispute) async throws -> Answer {
        let words = try await query(StoredDisputeWord.all(of: stored.id))
            .map(StoredDisputeWord.init(row:))
        return Answer(
            .object(JSONObject(stored.head + [("words", .array(words.map(\.json)))])),
            revision: stored.revision, location: "/v1/disputes/\(stored.id)")
    }
}

extension StoredDispute {
    /// What a list shows of a dispute.
    fileprivate var head: [(String, JSON)] {
        [
            ("id", JSON(id.description)),
            ("statement", JSON(statement.description)),
            ("period", JSON(period)),
            ("charge", JSON(charge.description)),
            ("contract", JSON(contract.description)),
            ("seller", JSON(seller.description)),
            ("buyer", JSON(buyer.description)),
            ("service", JSON(service)),
            ("cause", JSON(cause.rawValue)),
            ("served_on", JSON(servedOn.iso)),
            ("billable_seconds", JSON(billableSeconds)),
            ("reason", JSON(dispute.reason.rawValue)),
            ("state", JSON(dispute.state.rawValue)),
            ("turn", JSON(dispute.turn?.rawValue)),
            ("charged", JSON(dispute.charged.decimal)),
            ("claimed", JSON(dispute.claimed.net.decimal)),
            ("claimed_minutes", dispute.claimed.minutes.map { JSON($0) } ?? .null),
            ("proposed", JSON(dispute.proposed?.net.decimal)),
            ("proposed_minutes", dispute.proposed?.minutes.map { JSON($0) } ?? .null),
            ("outcome", JSON(dispute.outcome?.rawValue)),
            ("agreed", JSON(dispute.agreed?.net.decimal)),
            ("correction", JSON(correction?.description)),
            ("currency", JSON(dispute.charged.currency.rawValue)),
            ("opened_at", JSON(openedAt.rfc3339)),
            ("answer_by", JSON(answerBy.rfc3339)),
            ("escalated_at", JSON(escalatedAt?.rfc3339)),
            ("settled_at", JSON(settledAt?.rfc3339)),
            ("revision", JSON(revision)),
        ]
    }
}

extension StoredDisputeWord {
    fileprivate var json: JSON {
        [
            "number": JSON(number),
            "side": JSON(side),
            "act": JSON(act),
            "words": JSON(words),
            "evidence": .array(evidence.map { JSON($0) }),
            "net": JSON(net?.decimal),
            "minutes": minutes.map { JSON($0) } ?? .null,
            "said_at": JSON(saidAt.rfc3339),
        ]
    }
}

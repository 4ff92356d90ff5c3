import Postgres
import Storage
import StrictJSON

// How a use case reaches the database: `read` is one round trip, `change` is one transaction that
// answers a repeated request with its first answer.

extension Market {
    /// One question, in one round trip with the check of the credential.
    func read(_ request: Request, _ question: Query) async throws -> Rows {
        try await asRefusals {
            try await database.read([
                Caller.enter(request.credential, operation: request.operation), question,
            ])
        }
    }

    /// Several questions that must see one state, and who asks.
    func view<Result: Sendable>(
        _ request: Request, _ body: (Transaction, Caller) async throws -> Result
    ) async throws -> Result {
        try await asRefusals {
            try await database.transaction(
                TransactionOptions(isolation: .repeatableRead, readOnly: true)
            ) { transaction in
                try await body(transaction, enter(request, in: transaction))
            }
        }
    }

    /// A change and its answer, stored under the request's key in the same transaction. `redacted`
    /// is what is stored of an answer that holds a secret, or is large; `restored` makes of that
    /// what a repeated request is answered.
    func change(
        _ request: Request, redacted: (Answer) -> Answer = { $0 },
        restored: (Transaction, Answer) async throws -> Answer = { $1 },
        _ body: (Transaction, Caller) async throws -> Answer
    ) async throws -> Answer {
        try await asRefusals {
            try await database.transaction { transaction in
                let caller = try await enter(request, in: transaction)
                if let first = try await firstAnswer(to: request, in: transaction) {
                    return try await restored(transaction, first)
                }
                let answer = try await body(transaction, caller)
                if let key = request.idempotency {
                    try await transaction.query(
                        StoredAnswer(redacted(answer), to: request.operation, key: key)
                            .insert(for: caller))
                }
                return answer
            }
        }
    }

    private func enter(_ request: Request, in transaction: Transaction) async throws -> Caller {
        try await Caller(
            row: transaction.query(
                Caller.enter(request.credential, operation: request.operation)
            ).only())
    }

    private func firstAnswer(
        to request: Request, in transaction: Transaction
    ) async throws -> Answer? {
        guard let key = request.idempotency else { return nil }
        let rows = try await transaction.query(
            StoredAnswer.begin(operation: request.operation, key: key))
        return try rows.atMostOne().map { try StoredAnswer.answer(row: $0) }
    }

    /// Turns what the database says into the market's own errors.
    func asRefusals<Result>(_ body: () async throws -> Result) async throws -> Result {
        do {
            return try await body()
        } catch {
            if let refusal = SQLRefusal(error).flatMap(Refusal.init) { throw refusal }
            switch error as? PostgresError {
            case .deadlineExceeded: throw Unavailable.deadline
            case .connectionFailed, .connectionLost, .ended: throw Unavailable.database
            case .outcomeUnknown: throw Unavailable.outcomeUnknown
            default: throw error
            }
        }
    }
}

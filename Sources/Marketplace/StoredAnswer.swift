import Postgres
import Storage
import StrictJSON

/// The first answer to a request, as the `idempotency` table keeps it.
struct StoredAnswer {
    let answer: Answer
    let operation: String
    let key: IdempotencyKey

    init(_ answer: Answer, to operation: String, key: IdempotencyKey) {
        self.answer = answer
        self.operation = operation
        self.key = key
    }

    /// No row, the stored answer, or a refusal: in progress elsewhere, or another body.
    static func begin(operation: String, key: IdempotencyKey) -> Query {
        "select * from idempotency_begin(\(operation)::text, \(key.key)::text, \(key.bodyDigest))"
    }

    static func answer(row: Row) throws -> Answer {
        Answer(
            try JSON.parse(row["answer", String.self]),
            revision: try row["etag", String?.self].flatMap { Int64($0) },
            location: try row["location", String?.self])
    }

    func insert(for caller: Caller) -> Query {
        """
        insert into idempotency
            (organisation, operation, key, body_digest, status, answer, etag, location)
        values (\(caller.organisation), \(operation), \(key.key), \(key.bodyDigest), 200,
            \(answer.body.compactText), \(answer.revision.map { String($0) }),
            \(answer.location))
        """
    }
}

import MoneyAndTime
import Postgres
import Storage

extension Verification {
    /// What buyers' rooms and staff are taken for, beside the bookings that take them.
    static func resources(in transaction: Transaction) async throws -> [Finding] {
        let misplaced = try await transaction.query(ResourceRecords.misplaced).map { row in
            Finding(
                .resources, "\(try row["id", ResourceID.self])",
                "is taken otherwise than its visit says")
        }
        let twice = try await transaction.query(ResourceRecords.takenTwice).map { row in
            Finding(
                .resources, "\(try row["id", ResourceID.self])", "is taken twice at a time")
        }
        return misplaced + twice
    }
}

import MoneyAndTime
import Postgres
import Storage

extension Verification {
    static func groups(in transaction: Transaction) async throws -> [Finding] {
        let misplaced = try await transaction.query(GroupSessionRecords.misplaced).map { row in
            Finding(
                .groups, "\(try row["id", BookingID.self])",
                "has no place in the time of its session")
        }
        let unreserved = try await transaction.query(GroupSessionRecords.unreserved).map { row in
            Finding(
                .groups, "\(try row["id", GroupSessionID.self])",
                "holds another time than its own, or more bookings than places")
        }
        let unshared = try await transaction.query(GroupSessionRecords.unshared).map { row in
            Finding(
                .groups, "\(try row["id", ChargeID.self])",
                "is not the share of its place among those that were taken")
        }
        return misplaced + unreserved + unshared
    }
}

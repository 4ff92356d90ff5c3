import MoneyAndTime
import Postgres
import Storage

extension Verification {
    static func blocks(in transaction: Transaction) async throws -> [Finding] {
        let misplaced = try await transaction.query(BlockRecords.misplaced).map { row in
            Finding(
                .blocks, "\(try row["id", BookingID.self])",
                "is not alone in its place of its block")
        }
        let unreserved = try await transaction.query(BlockRecords.unreserved).map { row in
            Finding(
                .blocks, "\(try row["id", BlockID.self])",
                "holds another time than that of its buyer")
        }
        return misplaced + unreserved
    }
}

import MoneyAndTime
import Postgres
import Scheduling
import Storage

extension Verification {
    /// What search reads, beside the pure function of windows and reservations.
    static func startTimes(in transaction: Transaction) async throws -> [Finding] {
        var findings: [Finding] = []
        var last: WindowID?
        while true {
            let records = try await StartTimeRecord.read(
                after: last, limit: batch, in: transaction)
            for record in records {
                let free = try StartTimes.project(record.offered, occupied: record.occupied)
                guard free != record.found else { continue }
                let missing = Set(free).subtracting(record.found).count
                let wrong = Set(record.found).subtracting(free).count
                findings.append(
                    Finding(
                        .startTimes, "\(record.window)",
                        "\(missing) start times are missing, \(wrong) are wrong"))
            }
            last = records.last?.window
            if records.count < batch { return findings }
        }
    }
}

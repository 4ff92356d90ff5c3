import Contracts
import MoneyAndTime
import Postgres
import Storage
import Visits

extension Verification {
    /// The time of each signed version, beside what its document and the versions after it say.
    static func versions(in transaction: Transaction) async throws -> [Finding] {
        var findings: [Finding] = []
        for row in try await transaction.query(StoredContractVersion.allSigned) {
            let contract = try row["contract", ContractID.self]
            let subject = "\(contract) \(try row["number", Int64.self])"
            do {
                let version = try StoredContractVersion(row: row)
                let valid = try version.document.terms.validitySlot()
                let next: Instant? = try row.decode("next_from")
                let end = min(valid.end, next ?? valid.end)
                if version.effective.start != valid.start || version.effective.end != end {
                    findings.append(
                        Finding(
                            .versions, subject,
                            "rules from \(version.effective.start.rfc3339) to "
                                + "\(version.effective.end.rfc3339), and should from "
                                + "\(valid.start.rfc3339) to \(end.rfc3339)"))
                }
            } catch {
                findings.append(Finding(.versions, subject, unreadable: error))
            }
        }
        return findings
    }

    /// What is kept beside the messages of each handshake, and what they lead to.
    static func handshakes(in transaction: Transaction) async throws -> [Finding] {
        var findings: [Finding] = []
        var last: BookingID?
        while true {
            let rows = try await transaction.query(
                StoredHandshake.page(after: last, limit: batch))
            for row in rows {
                let booking = try row["booking", BookingID.self]
                last = booking
                let messages = try await transaction.query(StoredHandshakeMessage.all(of: booking))
                do {
                    let handshake = try StoredHandshake(row: row).replay(
                        messages.map(StoredHandshakeMessage.init(row:)))
                    let state: String = try row.decode("state")
                    let sequence: Int64 = try row.decode("sequence")
                    let replyBy: Instant? = try row.decode("reply_by")
                    let room = try StoredHandshake.room(row, "room")
                    if state != handshake.state.rawValue || sequence != handshake.sequence
                        || replyBy != handshake.deadline
                        || room != handshake.phase.agreement?.room
                    {
                        findings.append(
                            Finding(
                                .handshakes, "\(booking)",
                                "is kept as \(state) after \(sequence) messages, and is "
                                    + "\(handshake.state.rawValue) after \(handshake.sequence)"))
                    }
                } catch {
                    findings.append(Finding(.handshakes, "\(booking)", unreadable: error))
                }
            }
            if rows.count < batch { return findings }
        }
    }
}

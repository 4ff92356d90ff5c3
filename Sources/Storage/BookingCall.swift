import MoneyAndTime
import Postgres
import StrictJSON

/// One request to the booking function, and what it answers.
package struct BookingCall: Sendable {
    package let credential: CredentialDigest
    package let operation: String
    package let key: String
    package let bodyDigest: [UInt8]
    package let booking: BookingID
    package let reservation: ReservationID
    package let contract: ContractID
    package let service: String
    package let specialist: SpecialistID
    package let starts: Instant
    package let minutes: Int64
    package let hold: Bool
    package let handOver: HandOver

    package init(
        credential: CredentialDigest, operation: String, key: String, bodyDigest: [UInt8],
        booking: BookingID, reservation: ReservationID, contract: ContractID, service: String,
        specialist: SpecialistID, starts: Instant, minutes: Int64, hold: Bool,
        handOver: HandOver = .nothing
    ) {
        self.credential = credential
        self.operation = operation
        self.key = key
        self.bodyDigest = bodyDigest
        self.booking = booking
        self.reservation = reservation
        self.contract = contract
        self.service = service
        self.specialist = specialist
        self.starts = starts
        self.minutes = minutes
        self.hold = hold
        self.handOver = handOver
    }

    /// Books for all the requests in one call; a row comes back for each, by its ordinal.
    package static func book(_ calls: [BookingCall]) -> Query {
        let requests = JSON.array(calls.enumerated().map { $1.json(ordinal: $0) })
        return "select * from book(\(requests.compactText)::jsonb) order by ordinal"
    }

    private func json(ordinal: Int) -> JSON {
        let members: [(String, JSON)] = [
            ("ordinal", JSON(ordinal)),
            ("credential_digest", JSON(Self.bytea(credential.bytes))),
            ("operation", JSON(operation)),
            ("idempotency_key", JSON(key)),
            ("body_digest", JSON(Self.bytea(bodyDigest))),
            ("booking", JSON(booking.uuidString)),
            ("reservation", JSON(reservation.uuidString)),
            ("contract", JSON(contract.uuidString)),
            ("service", JSON(service)),
            ("specialist", JSON(specialist.uuidString)),
            ("starts", JSON(starts.rfc3339)),
            ("minutes", JSON(minutes)),
            ("hold", JSON(hold)),
        ]
        return .object(JSONObject(members + handOver.members))
    }

    /// The hex form of a `bytea` literal.
    private static func bytea(_ bytes: [UInt8]) -> String {
        let digits = Array("0123456789abcdef")
        return bytes.reduce(into: "\\x") { text, byte in
            text.append(digits[Int(byte >> 4)])
            text.append(digits[Int(byte & 15)])
        }
    }

    /// What `book` said to one request.
    package enum Outcome: Sendable {
        case booked(JSON)
        case refused(code: String, figures: JSON)

        package init(row: Row) throws {
            if let code = try row["refusal", String?.self] {
                self = .refused(code: code, figures: try JSON.parse(row["figures", String.self]))
            } else {
                self = .booked(try JSON.parse(row["answer", String.self]))
            }
        }
    }
}

import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

extension Market {
    /// What a buyer asks to have booked, or held for the time that its contract gives.
    package struct WantedTime: Sendable {
        package let contract: ContractID
        package let service: String
        package let specialist: SpecialistID
        package let starts: Instant
        package let minutes: Int64
        package let hold: Bool
        package let handOver: HandOver

        package init(
            contract: ContractID, service: String, specialist: SpecialistID, starts: Instant,
            minutes: Int64, hold: Bool, handOver: HandOver = .nothing
        ) {
            self.contract = contract
            self.service = service
            self.specialist = specialist
            self.starts = starts
            self.minutes = minutes
            self.hold = hold
            self.handOver = handOver
        }
    }

    /// Books or holds time by the one booking function, which decides under its locks.
    package func bookTime(_ request: Request, _ wanted: WantedTime) async throws -> Answer {
        guard let key = request.idempotency else {
            throw Refusal(.idempotencyKeyReused)
        }
        let call = BookingCall(
            credential: request.credential, operation: request.operation, key: key.key,
            bodyDigest: key.bodyDigest, booking: newID(), reservation: newID(),
            contract: wanted.contract, service: wanted.service, specialist: wanted.specialist,
            starts: wanted.starts, minutes: wanted.minutes, hold: wanted.hold,
            handOver: wanted.handOver)
        switch try await asRefusals({ try await bookings.book(call) }) {
        case .refused(let code, let figures):
            guard let code = RefusalCode(rawValue: code) else { throw UnnamedRefusal(code: code) }
            throw Refusal(code, figures: code.told(figures))
        case .booked(let stored):
            return try BookingSheet(answer: stored).answer
        }
    }

    /// The database refused with a word that this program does not know: a fault of ours.
    struct UnnamedRefusal: Error {
        let code: String
    }
}

extension RefusalCode {
    /// The database's figures of a refusal as they are told outside: amounts, which it counts in
    /// cents, as decimals, and rooms and staff by their identifiers.
    func told(_ figures: JSON) -> JSON {
        guard var members = figures.members else { return figures }
        switch self {
        case .overBudget:
            for key in ["ceiling", "quote", "left"] {
                guard let cents = members[key]?.integer else { continue }
                members[key] = JSON(Money(minorUnits: cents).decimal)
            }
        case .resourceTaken, .resourceClosed:
            let id = members["resource"]?.text.flatMap { try? ResourceID(uuid: $0) }
            members["resource"] = JSON(id?.description)
        default: break
        }
        return .object(members)
    }
}

import MoneyAndTime
import Visits

/// A visit as a bad line would leave it: some twenty minutes, up to two pages a side, facts
/// missing, doubled under one id, and out of place; instants are whole seconds.
enum RandomVisit {
    static func observations(_ random: inout Seeded, of visit: BookingID) -> [Observation] {
        (0..<Int.random(in: 0...40, using: &random)).map { number in
            let side = random.chance(50) ? Side.seller : .buyer
            return Observation(
                id: random.chance(5) ? "same" : "\(number)", visit: visit, side: side,
                participant: random.chance(75) ? "page-1" : "page-2", kind: kind(&random),
                at: second(.random(in: 0...1_200, using: &random)), source: .joinPage)
        }
    }

    private static func kind(_ random: inout Seeded) -> Observation.Kind {
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<4: return .join
        case 4..<16: return .heartbeat
        case 16..<19: return .leave
        default:
            let start = Int64.random(in: 0..<1_200, using: &random)
            let end = start + .random(in: 1...300, using: &random)
            guard let span = try? slot(start, end) else { return .heartbeat }
            return .word(span)
        }
    }
}

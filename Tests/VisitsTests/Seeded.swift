import MoneyAndTime

/// SplitMix64: the same seed gives the same run on every machine.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }
}

/// 2026-05-04T06:00:00Z, a Monday at nine in Helsinki.
let monday = Instant(microseconds: 1_777_874_400_000_000)

/// Seconds after that.
func second(_ seconds: Int64) -> Instant {
    Instant(microseconds: monday.microseconds + seconds * 1_000_000)
}

func slot(_ from: Int64, _ to: Int64) throws -> TimeSlot {
    try TimeSlot(start: second(from), end: second(to))
}

func booking(_ seed: UInt64) -> BookingID {
    var random = Seeded(seed)
    return BookingID(at: monday, using: &random)
}

import MoneyAndTime
import Scheduling

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

/// Minutes after that.
func minute(_ minutes: Int64) -> Instant {
    Instant(microseconds: monday.microseconds + minutes * 60_000_000)
}

func slot(_ from: Int64, _ to: Int64) throws -> TimeSlot {
    try TimeSlot(start: minute(from), end: minute(to))
}

func utc(_ from: String, _ to: String) throws -> TimeSlot {
    try TimeSlot(start: Instant(rfc3339: from), end: Instant(rfc3339: to))
}

func terms(
    services: Set<String>? = nil, contracts: Set<ContractID>? = nil, grid: StartGrid = .fifteen,
    shortest: Int64 = 15, longest: Int64 = 60, before: Int64 = 0, buffer: Int64 = 0
) throws -> OfferTerms {
    try OfferTerms(
        services: services, contracts: contracts, grid: grid, shortestMinutes: shortest,
        longestMinutes: longest, bufferBeforeMinutes: before, bufferAfterMinutes: buffer)
}

/// Two contracts of the seller's.
let contracts: (ContractID, ContractID) = {
    var random = Seeded(77)
    return (ContractID(at: monday, using: &random), ContractID(at: monday, using: &random))
}()

func rule(
    _ pattern: AvailabilityRule.Pattern, _ from: String, _ to: String,
    zone: String = "Europe/Helsinki", pauses: [(String, String)] = [],
    terms given: OfferTerms? = nil
) throws -> AvailabilityRule {
    var random = Seeded(1)
    return try AvailabilityRule(
        id: AvailabilityRuleID(at: monday, using: &random),
        specialist: SpecialistID(at: monday, using: &random), zone: WallClock(zone: zone),
        pattern: pattern, from: TimeOfDay(from), to: TimeOfDay(to),
        pauses: pauses.map { try .init(from: TimeOfDay($0.0), to: TimeOfDay($0.1)) },
        terms: given ?? terms())
}

func date(_ iso: String) throws -> CalendarDate { try CalendarDate(iso: iso) }

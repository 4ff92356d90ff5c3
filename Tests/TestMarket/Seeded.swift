import Foundation

/// SplitMix64: the same seed gives the same run on every machine.
package struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    package init(_ seed: UInt64) { state = seed }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var word = state
        word = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ (word >> 27)) &* 0x94D0_49BB_1331_11EB
        return word ^ (word >> 31)
    }

    package mutating func chance(_ percent: Int) -> Bool {
        Int.random(in: 0..<100, using: &self) < percent
    }

    package mutating func among(_ range: ClosedRange<Int64>) -> Int64 {
        .random(in: range, using: &self)
    }

    /// One of at least one.
    package mutating func one<Element>(of elements: [Element]) -> Element {
        elements[Int.random(in: elements.indices, using: &self)]
    }
}

/// The seeds of a property test; a failed test names the one it ran with.
package enum Seeds {
    /// So many, or fifty times as many in the long run of the tests.
    package static func first(_ count: UInt64) -> [UInt64] {
        let isLong = ProcessInfo.processInfo.environment["AIKATORI_TESTS"] == "long"
        return Array(1...(isLong ? 50 * count : count))
    }

    /// Runs a property with each seed, and adds up how often it saw what.
    package static func tally(
        _ count: UInt64, _ run: @escaping @Sendable (UInt64) async throws -> [String: Int]
    ) async throws -> [String: Int] {
        try await withThrowingTaskGroup(of: [String: Int].self) { group in
            for seed in first(count) { group.addTask { try await run(seed) } }
            return try await group.reduce(into: [:]) { $0.merge($1, uniquingKeysWith: +) }
        }
    }
}

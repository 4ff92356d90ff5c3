import Foundation
import Testing

/// A life of many organisations under a seed, with every invariant checked every simulated day: a
/// short one, and in the long run of the tests a year of forty.
@Suite("Whatever people do, the books are right") struct SimulationTests {
    private static var isLong: Bool {
        ProcessInfo.processInfo.environment["AIKATORI_TESTS"] == "long"
    }

    @Test func everyDay() async throws {
        let tally =
            try await Self.isLong
            ? Simulation.run(organisations: 40, days: 290, seed: 20_270_301)
            : Simulation.run(organisations: 7, days: 45, seed: 20_270_301)
        print(
            tally.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
        )
        // a life in which nothing of a kind happened has shown nothing of it
        let certain = [
            "booked", "refused", "cancelled free", "held", "not met", "contested and agreed",
            "contested for good", "statements", "invoices", "paid", "disputed", "concede",
        ]
        let inAYear = [
            "cancelled at a cost", "propose", "accept", "withdraw", "credited in part", "credited",
            "paid in part", "paid too much", "paid without a reference",
        ]
        for kind in Self.isLong ? certain + inAYear : certain {
            #expect(tally[kind, default: 0] > 0, "no \(kind)")
        }
    }
}

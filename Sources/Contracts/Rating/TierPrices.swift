import MoneyAndTime

/// Which price the billed seconds of a visit have, by the minutes of the period before them.
enum TierPrices {
    struct Part: Hashable {
        let seconds: Int64
        let perMinute: UnitPrice
    }

    /// The parts of a visit in their order; none is empty. Without tiers there is one.
    static func parts(
        of seconds: Int64, after secondsBefore: Int64, _ price: ServicePrice
    ) throws(ArithmeticFailure) -> [Part] {
        guard let tiers = price.tiers else {
            return [Part(seconds: seconds, perMinute: price.perMinute)]
        }
        let end = try secondsBefore.adding(seconds)
        switch tiers.kind {
        case .volume:
            // The step that the visit's last second lies in.
            let reached = tiers.steps.last { $0.fromMinutes * 60 < end }
            return [Part(seconds: seconds, perMinute: reached?.perMinute ?? price.perMinute)]
        case .graduated:
            var parts: [Part] = []
            let prices = [price.perMinute] + tiers.steps.map(\.perMinute)
            let edges = [0] + tiers.steps.map { $0.fromMinutes * 60 } + [Int64.max]
            for (index, perMinute) in prices.enumerated() {
                let from = max(edges[index], secondsBefore)
                let until = min(edges[index + 1], end)
                if from < until { parts.append(Part(seconds: until - from, perMinute: perMinute)) }
            }
            return parts
        }
    }
}

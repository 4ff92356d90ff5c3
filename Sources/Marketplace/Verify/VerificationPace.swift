/// How far a verification is.
package struct VerificationProgress: Hashable, Sendable {
    /// What is looked at now.
    package let rule: VerifiedRule
    /// How many of all that is looked at are done.
    package let done: Int64
    package let total: Int64

    package init(rule: VerifiedRule, done: Int64, total: Int64) {
        (self.rule, self.done, self.total) = (rule, done, total)
    }

    /// From 0 to 100, rounded down; 100 where there is nothing to look at.
    package var percent: Int { total == 0 ? 100 : Int(100 * min(done, total) / total) }
}

/// Counts what is done of each rule, never more than there was, and tells it.
final class VerificationPace {
    private let counts: [VerifiedRule: Int64]
    private let total: Int64
    private let tell: (VerificationProgress) -> Void
    private var done: [VerifiedRule: Int64] = [:]

    init(of counts: [VerifiedRule: Int64], tell: @escaping (VerificationProgress) -> Void) {
        self.counts = counts
        self.tell = tell
        total = counts.values.reduce(0, +)
    }

    /// After so many more rows of the first of these rules.
    func move(by rows: Int, in rules: [VerifiedRule]) {
        let rule = rules[0]
        done[rule] = min(done[rule, default: 0] + Int64(rows), counts[rule] ?? 0)
        say(rule)
    }

    func finish(_ rules: [VerifiedRule]) {
        for rule in rules { done[rule] = counts[rule] ?? 0 }
        say(rules[0])
    }

    private func say(_ rule: VerifiedRule) {
        tell(VerificationProgress(rule: rule, done: done.values.reduce(0, +), total: total))
    }
}

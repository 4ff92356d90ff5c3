import MoneyAndTime

/// The time of one version of a contract.
package struct ContractVersionSpan: Hashable, Sendable {
    /// Counted from 1 within the contract.
    package let number: Int
    /// In which visits may start.
    package let span: TimeSlot
    /// When the second party signed; nil for a version that is not signed by both.
    package let signedAt: Instant?

    package init(number: Int, span: TimeSlot, signedAt: Instant?) {
        self.number = number
        self.span = span
        self.signedAt = signedAt
    }
}

/// Which version of a contract applies when.
package enum ContractVersions {
    /// Two signed versions of one contract that would apply to the same visit.
    package struct Overlap: Error, Hashable, CustomStringConvertible {
        package let earlier: Int
        package let later: Int

        package var description: String { "versions \(earlier) and \(later) overlap in time" }
    }

    /// Signed versions of one contract never overlap in time. Throws the first two that do, by
    /// their start.
    package static func requireNoOverlap(_ versions: [ContractVersionSpan]) throws(Overlap) {
        let signed = versions.filter { $0.signedAt != nil }
            .sorted { ($0.span.start, $0.number) < ($1.span.start, $1.number) }
        for (earlier, later) in zip(signed, signed.dropFirst())
        where earlier.span.overlaps(later.span) {
            throw Overlap(earlier: earlier.number, later: later.number)
        }
    }

    /// The version that prices a visit: signed by both at the time of booking, with the visit's
    /// start in its span. Nil if there is none.
    package static func versionFor(
        visitStart: Instant, signedBy booking: Instant, in versions: [ContractVersionSpan]
    ) -> ContractVersionSpan? {
        versions.first { version in
            guard let signedAt = version.signedAt else { return false }
            return signedAt <= booking && version.span.contains(visitStart)
        }
    }
}

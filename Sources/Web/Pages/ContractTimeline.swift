import Contracts
import MoneyAndTime
import StrictJSON

/// The versions of a contract in time: which of them rules visits that start at an instant, which
/// is to come, and which both have not signed.
struct ContractTimeline {
    /// As the contract's own answer has them, in the order of their numbers.
    let versions: [JSON]
    /// Those that both have signed, in the order in which they rule.
    let signed: [ContractVersionSpan]

    init(_ sheet: JSON) throws {
        versions = sheet["versions"]?.elements ?? []
        signed = try versions.filter { $0["state"]?.text == "signed" }.map { version in
            ContractVersionSpan(
                number: Int(version["number"]?.integer ?? 0),
                span: try Self.span(of: version),
                signedAt: try Instant(rfc3339: version["signed_at"]?.text ?? ""))
        }.sorted { $0.span.start < $1.span.start }
    }

    /// When visits may start by a version.
    static func span(of version: JSON) throws -> TimeSlot {
        try TimeSlot(
            start: Instant(rfc3339: version["effective_from"]?.text ?? ""),
            end: Instant(rfc3339: version["effective_until"]?.text ?? ""))
    }

    /// The signed version by which a visit that starts then is priced; nil where there is none.
    func ruling(_ start: Instant, signedBy now: Instant) -> ContractVersionSpan? {
        ContractVersions.versionFor(visitStart: start, signedBy: now, in: signed)
    }

    /// The signed version that rules now; before the first one does, that; after the last, that.
    func inForce(_ now: Instant) -> ContractVersionSpan? {
        ruling(now, signedBy: now) ?? signed.first { $0.span.start > now } ?? signed.last
    }

    /// What both have signed and rules later.
    func toCome(_ now: Instant) -> [ContractVersionSpan] {
        let shown = inForce(now)?.number
        return signed.filter { $0.span.start > now && $0.number != shown }
    }

    /// What a contract's page shows to somebody who asks for no version: before one is signed by
    /// both, the newest that is neither withdrawn nor declined.
    func usual(_ now: Instant) -> Int64? {
        if let number = inForce(now)?.number { return Int64(number) }
        return (standing ?? versions.last)?["number"]?.integer
    }

    /// The newest that is neither withdrawn nor declined.
    var standing: JSON? {
        versions.last { ![.withdrawn, .declined].contains(Self.state(of: $0)) }
    }

    /// Drafts, and offers that both have not signed.
    var open: [JSON] {
        versions.filter { version in
            Self.state(of: version).map { $0 == .draft || $0.isOpen } ?? false
        }
    }

    /// What became of the version that was offered last; nil where none was.
    var lastOffer: VersionLife.State? {
        versions.last { $0["offered_at"]?.text != nil }.flatMap(Self.state(of:))
    }

    private static func state(of version: JSON) -> VersionLife.State? {
        version["state"]?.text.flatMap(VersionLife.State.init(rawValue:))
    }
}

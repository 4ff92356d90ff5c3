import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import Synchronization

/// What a buyer wants to know of a contract before it holds a time: the terms in short.
struct ShortTerms: Sendable {
    private let cancellation: CancellationTerms
    private let holdMinutes: Int64

    init(_ terms: Terms) {
        cancellation = terms.cancellation
        holdMinutes = terms.limits.holdMinutes
    }

    /// Of a visit that begins then.
    func json(starts: Instant) throws -> JSON {
        [
            "free_cancellation_until": JSON(
                try cancellation.freeUntil(starts: starts, by: .buyer)?.rfc3339),
            "highest_cancellation_percent": JSON(
                cancellation.buyer.last?.fee.decimal ?? "0"),
            "hold_minutes": JSON(holdMinutes),
        ]
    }
}

/// The short terms of versions that were asked for before. What both signed never changes, and only
/// whoever may see a version names it.
final class KnownTerms: Sendable {
    private static let most = 4_096
    private let known = Mutex<[FoundTime.Version: ShortTerms]>([:])

    func terms(of version: FoundTime.Version) -> ShortTerms? {
        known.withLock { $0[version] }
    }

    func keep(_ terms: ShortTerms, of version: FoundTime.Version) {
        known.withLock { known in
            if known.count >= Self.most { known.removeAll() }
            known[version] = terms
        }
    }
}

extension Market {
    /// The short terms of what was found, by version: read where they are not known yet.
    func shortTerms(
        of times: [FoundTime], read: (Query) async throws -> Rows
    ) async throws -> [FoundTime.Version: ShortTerms] {
        var found: [FoundTime.Version: ShortTerms] = [:]
        for version in Set(times.map(\.ofVersion)) {
            if let terms = knownTerms.terms(of: version) {
                found[version] = terms
                continue
            }
            let row = try await read(version.document)
            guard let bytes = try row.first?["document", [UInt8].self] else { continue }
            let terms = try ShortTerms(documents.document(bytes).terms)
            knownTerms.keep(terms, of: version)
            found[version] = terms
        }
        return found
    }
}

import Contracts
import Synchronization

/// Contract documents that were read before, by their bytes: reading one checks all of it, down to
/// its canonical form, and the same few are asked for at every visit. A version that somebody
/// signed never changes, and who may see one is decided where its bytes come from.
final class ReadDocuments: Sendable {
    private static let most = 256
    private let known = Mutex<[[UInt8]: ContractDocument]>([:])

    func document(_ bytes: [UInt8]) throws -> ContractDocument {
        if let document = known.withLock({ $0[bytes] }) { return document }
        let document = try ContractDocument(reading: bytes)
        known.withLock { known in
            if known.count >= Self.most { known.removeAll() }
            known[bytes] = document
        }
        return document
    }
}

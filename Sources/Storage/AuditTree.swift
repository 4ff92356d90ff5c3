import Crypto
import MoneyAndTime

/// The heads of all audit chains as the leaves of a Merkle tree (RFC 9162 §2.1), so that each
/// organisation can show that its own head is under a published root, and learns nothing of others.
package struct AuditTree: Sendable {
    /// The newest link of one organisation's chain.
    package struct Head: Hashable, Sendable {
        package let organisation: OrganisationID
        package let seal: AuditSeal

        package init(organisation: OrganisationID, seal: AuditSeal) {
            self.organisation = organisation
            self.seal = seal
        }

        /// RFC 9162 §2.1.1; the same as SQL's `audit_leaf`.
        var leaf: [UInt8] {
            let text = "\(organisation.uuidString)\u{1f}\(seal.number)\u{1f}"
            return AuditTree.hash([0] + Array(text.utf8) + seal.hash)
        }
    }

    package let heads: [Head]
    private let leaves: [[UInt8]]

    /// Nil without a head: there is no root of nothing here.
    package init?(_ heads: [Head]) {
        guard !heads.isEmpty else { return nil }
        self.heads = heads
        leaves = heads.map(\.leaf)
    }

    package var root: [UInt8] { Self.root(of: leaves[...]) }

    /// The hashes beside the way from a leaf up to the root, the lowest first (§2.1.3.1).
    package func path(from place: Int) -> [[UInt8]] {
        precondition(heads.indices.contains(place), "a leaf of this tree")
        return Self.path(from: place, in: leaves[...])
    }

    /// The root to which a leaf leads by these hashes (§2.1.3.2); nil where their number does not
    /// fit the place.
    package static func root(
        of head: Head, at place: Int, of leaves: Int, by path: [[UInt8]]
    ) -> [UInt8]? {
        guard (0..<leaves).contains(place) else { return nil }
        var (index, last, hash) = (place, leaves - 1, head.leaf)
        for beside in path {
            if last == 0 { return nil }
            if index % 2 == 1 || index == last {
                hash = node(beside, hash)
                while index % 2 == 0, index > 0 { (index, last) = (index / 2, last / 2) }
            } else {
                hash = node(hash, beside)
            }
            (index, last) = (index / 2, last / 2)
        }
        return last == 0 ? hash : nil
    }

    private static func root(of leaves: ArraySlice<[UInt8]>) -> [UInt8] {
        guard leaves.count > 1 else { return leaves.first ?? [] }
        let middle = leaves.startIndex + half(of: leaves.count)
        return node(root(of: leaves[..<middle]), root(of: leaves[middle...]))
    }

    private static func path(from place: Int, in leaves: ArraySlice<[UInt8]>) -> [[UInt8]] {
        guard leaves.count > 1 else { return [] }
        let middle = leaves.startIndex + half(of: leaves.count)
        return place < middle
            ? path(from: place, in: leaves[..<middle]) + [root(of: leaves[middle...])]
            : path(from: place, in: leaves[middle...]) + [root(of: leaves[..<middle])]
    }

    /// The largest power of two below `count`, which is above one.
    private static func half(of count: Int) -> Int {
        1 << (Int.bitWidth - 1 - (count - 1).leadingZeroBitCount)
    }

    private static func node(_ left: [UInt8], _ right: [UInt8]) -> [UInt8] {
        hash([1] + left + right)
    }

    private static func hash(_ bytes: [UInt8]) -> [UInt8] { Array(SHA256.hash(data: bytes)) }
}

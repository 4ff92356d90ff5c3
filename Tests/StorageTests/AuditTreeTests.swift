import MoneyAndTime
import Storage
import TestMarket
import Testing

/// RFC 9162 §2.1, as the heads of audit chains use it.
@Suite struct AuditTreeTests {
    private static func heads(_ count: Int) -> [AuditTree.Head] {
        (0..<count).map { place in
            AuditTree.Head(
                organisation: newID(),
                seal: AuditSeal(
                    number: Int64(place + 1), hash: .init(repeating: UInt8(place), count: 32)))
        }
    }

    @Test func everyLeafLeadsToTheRoot() throws {
        #expect(AuditTree([]) == nil)
        for count in 1...40 {
            let tree = try #require(AuditTree(Self.heads(count)))
            for place in 0..<count {
                let path = tree.path(from: place)
                func root(_ head: AuditTree.Head, at place: Int, of leaves: Int = count) -> [UInt8]?
                {
                    AuditTree.root(of: head, at: place, of: leaves, by: path)
                }
                let head = tree.heads[place]
                #expect(root(head, at: place) == tree.root)
                // another link, another place, another number of leaves, another way
                let later = AuditTree.Head(
                    organisation: head.organisation,
                    seal: AuditSeal(number: head.seal.number + 1, hash: head.seal.hash))
                #expect(root(later, at: place) != tree.root)
                #expect(count == 1 || root(head, at: (place + 1) % count) != tree.root)
                #expect(root(head, at: place, of: 2 * count + 1) != tree.root)
                #expect(
                    AuditTree.root(of: head, at: place, of: count, by: path + [tree.root]) == nil)
                #expect(root(head, at: count) == nil)
            }
        }
    }
}

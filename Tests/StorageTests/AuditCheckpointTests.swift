import Contracts
import MoneyAndTime
import Postgres
import Storage
import TestMarket
import Testing

/// Invariant 28: what is published of the audit chains, and what the database refuses.
@Suite struct AuditCheckpointTests {
    private static func key(_ byte: UInt8 = 7) throws -> SigningKey {
        try SigningKey(seed: .init(repeating: byte, count: 32))
    }

    private static func seal(_ test: TestMarket) async throws {
        try await test.horizonToPass()
        while try await test.app.write([AuditSeal.sealNext(1_000)]).only()["sealed", Int64.self] > 0
        {}
    }

    /// What the worker would keep next.
    private struct Next {
        var checkpoint: AuditCheckpoint
        var tree: AuditTree
        let sealedTo: Int64

        init(_ transaction: Transaction) async throws {
            let due = try await transaction.query(
                StoredAuditCheckpoint.due(everySeconds: 3_600)
            ).only()
            tree = try #require(
                AuditTree(
                    await transaction.query(StoredAuditCheckpoint.heads)
                        .map(AuditTree.Head.init(row:))))
            checkpoint = AuditCheckpoint(
                number: try due.decode("number"), madeAt: try due.decode("made_at"),
                leaves: tree.heads.count, root: tree.root, previous: try due.decode("previous"))
            sealedTo = try due.decode("sealed_to")
        }

        func keep(_ transaction: Transaction) async throws {
            let key = try AuditCheckpointTests.key()
            try await transaction.query(
                StoredAuditCheckpoint.publish(
                    SignedAuditCheckpoint(checkpoint, by: key), over: tree, by: key.verifyingKey,
                    sealedTo: sealedTo))
        }

        mutating func claim(
            number: Int64? = nil, leaves: Int? = nil, root: [UInt8]? = nil, previous: [UInt8]? = nil
        ) {
            checkpoint = AuditCheckpoint(
                number: number ?? checkpoint.number, madeAt: checkpoint.madeAt,
                leaves: leaves ?? checkpoint.leaves, root: root ?? checkpoint.root,
                previous: previous ?? checkpoint.previous)
        }
    }

    @Test func isMadeWhenItIsDue() async throws {
        try await TestMarket.withMarket { test in
            _ = try await test.addOrganisation("One")
            #expect(try await test.app.write([StoredAuditCheckpoint.due(everySeconds: 1)]).isEmpty)
            try await Self.seal(test)
            try await test.app.transaction { try await Next($0).keep($0) }
            // nothing new, and then too early
            #expect(try await test.app.write([StoredAuditCheckpoint.due(everySeconds: 0)]).isEmpty)
            _ = try await test.addOrganisation("Two")
            try await Self.seal(test)
            #expect(
                try await test.app.write([StoredAuditCheckpoint.due(everySeconds: 3_600)]).isEmpty)
            try await test.clock.advance(seconds: 3_600)
            try await test.app.transaction { try await Next($0).keep($0) }
            let rows = try await test.app.read([
                StoredAuditCheckpoint.page(before: nil, limit: 10)
            ])
            let made = try rows.map(StoredAuditCheckpoint.init(row:)).map(\.signed)
            #expect(made.map(\.checkpoint.number) == [2, 1])
            #expect(made[0].checkpoint.previous == made[1].digest)
            #expect(made.map(\.checkpoint.leaves) == [2, 1])
            let trusted = [PublishedKey(try Self.key().verifyingKey)]
            for each in made { _ = try each.verify(trusting: trusted) }
        }
    }

    struct Lie: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let tell: @Sendable (inout AuditCheckpointTests.Told) -> Void
    }

    /// What may be told falsely of the next checkpoint.
    struct Told {
        var number: Int64?
        var leaves: Int?
        var root: [UInt8]?
        var previous: [UInt8]?
        var withoutLast = false
    }

    @Test(arguments: [
        Lie(testDescription: "a number is left out") { $0.number = 3 },
        Lie(testDescription: "another root") { $0.root = .init(repeating: 1, count: 32) },
        Lie(testDescription: "another number of leaves") { $0.leaves = 9 },
        Lie(testDescription: "it follows nothing") { $0.previous = .init(repeating: 1, count: 32) },
        Lie(testDescription: "a chain is left out") { $0.withoutLast = true },
    ])
    func refusesWhatIsNotSo(_ lie: Lie) async throws {
        try await TestMarket.withMarket { test in
            _ = try await test.addOrganisation("One")
            try await Self.seal(test)
            try await test.app.transaction { try await Next($0).keep($0) }
            _ = try await test.addOrganisation("Two")
            try await Self.seal(test)
            try await test.clock.advance(seconds: 3_600)
            var told = Told()
            lie.tell(&told)
            let refusal = await refused {
                try await test.app.transaction { transaction in
                    var next = try await Next(transaction)
                    if told.withoutLast {
                        next.tree = try #require(AuditTree(next.tree.heads.dropLast()))
                    }
                    next.claim(
                        number: told.number, leaves: told.leaves, root: told.root,
                        previous: told.previous)
                    try await next.keep(transaction)
                }
            }
            #expect(refusal != nil, "\(lie.testDescription)")
        }
    }
}

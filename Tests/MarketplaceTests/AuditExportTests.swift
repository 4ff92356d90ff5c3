import Contracts
import Marketplace
import MoneyAndTime
import Storage
import TestMarket
import Testing

/// Invariant 28: what one organisation takes home is checked without the market.
@Suite struct AuditExportTests {
    private static func seal(_ test: TestMarket) async throws {
        try await test.horizonToPass()
        while try await test.market.sealAudit(most: 1_000) > 0 {}
    }

    /// Neither a later checkpoint nor a chain changes what an export shows.
    @Test func anExportIsCheckedAlone() async throws {
        try await TestMarket.withMarket { test in
            let one = try await test.addOrganisation("One")
            _ = try await test.addOrganisation("Two")
            try await Self.seal(test)
            #expect(try await test.market.publishAuditCheckpoint(every: .seconds(3_600)))
            #expect(try await !test.market.publishAuditCheckpoint(every: .seconds(3_600)))
            let whole = try await test.market.exportAudit(
                one.admin.request("exportAudit"), after: 0, limit: 10_000)
            let lines = whole.bytes.split(separator: 0x0a).map(Array.init)
            #expect(lines.count > 3)
            var reading = AuditExportReading()
            for line in lines { try reading.take(line) }
            let head = try #require(reading.published.first)
            #expect(reading.chain?.length == head.seal.number)
            let keys = try PublishedKey.set(await test.market.publishedKeys().body)
            _ = try head.signed.verify(trusting: keys)
            // in portions it is the same
            var portions = AuditExportReading()
            for after in 0..<Int64(lines.count - 2) {
                let portion = try await test.market.exportAudit(
                    one.admin.request("exportAudit"), after: after, limit: 1)
                for line in portion.bytes.split(separator: 0x0a) {
                    try portions.take(Array(line))
                }
            }
            #expect(portions.chain?.head == reading.chain?.head)
            // whoever changes a word, leaves out or exchanges lines is found out
            for place in lines.indices where place > 0 {
                var without = lines
                without.remove(at: place)
                #expect(Self.problem(without) != nil || place >= lines.count - 2)
                var changed = lines
                changed[place] = Array(
                    String(decoding: lines[place], as: UTF8.self)
                        .replacing("addOrganisation", with: "addOrganisations").utf8)
                if changed[place] != lines[place] { #expect(Self.problem(changed) != nil) }
            }
            #expect(throws: (any Error).self) {
                try head.signed.verify(trusting: [
                    PublishedKey(SigningKey(seed: .init(repeating: 9, count: 32)).verifyingKey)
                ])
            }
        }
    }

    private static func problem(_ lines: [[UInt8]]) -> AuditExportProblem? {
        var reading = AuditExportReading()
        do throws(AuditExportProblem) {
            for line in lines { try reading.take(line) }
            return nil
        } catch {
            return error
        }
    }
}

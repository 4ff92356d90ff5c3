import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// What the database holds of blocks, whoever asks: attacked by its owner.
@Suite struct BlockTableTests {
    /// Half past ten and eleven are placed.
    private func withPlaced(
        _ body: (Reception, BlockID, [BookingID]) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            let reception = try await Reception(test)
            let block = try await reception.made()[0]
            let placed = try await reception.placed(["10:30", "11:00"], in: block)
            try await body(reception, block, placed)
        }
    }

    private func refused(_ reception: Reception, _ attack: Query) async -> String? {
        await reception.seller.refusal(of: attack, in: reception.test)
    }

    @Test func aVisitStaysInItsPlace() async throws {
        try await withPlaced { reception, block, placed in
            let outside = await refused(
                reception,
                """
                update booking set planned = tstzrange('2027-03-10 07:45Z', '2027-03-10 08:15Z')
                where id = \(placed[0])
                """)
            #expect(outside == "outside_block")
            let overlapping = await refused(
                reception,
                """
                update booking set planned = tstzrange('2027-03-10 09:15Z', '2027-03-10 09:45Z')
                where id = \(placed[0])
                """)
            #expect(overlapping == "23P01")
            let another = await refused(
                reception, "update booking set block = null where id = \(placed[0])")
            #expect(another == "booking_frozen")
            try await reception.test.clock.set(to: Instant(rfc3339: "2027-03-09T08:00:00Z"))
            let late = await refused(
                reception,
                """
                insert into booking (id, reservation, contract, version, service, seller, buyer,
                    specialist, planned, period, quote, state, block)
                select uuid_v7(), reservation, contract, version, service, seller, buyer,
                    specialist, tstzrange('2027-03-10 08:00Z', '2027-03-10 08:30Z'), period,
                    quote, state, block
                from booking where id = \(placed[0])
                """)
            #expect(late == "placing_closed")
        }
    }

    @Test func aBlockIsMadeOnceAndNeverOpensAgain() async throws {
        try await withPlaced { reception, block, _ in
            let twice = await refused(
                reception,
                """
                insert into block (id, contract, version, term, service, seller, buyer, specialist,
                    during, period, nurse, place_until, unused_fee, reoffer)
                select uuid_v7(), contract, version, term, service, seller, buyer, specialist,
                    during, period, nurse, place_until, unused_fee, reoffer
                from block where id = \(block)
                """)
            #expect(twice == "23505")
            try await reception.worked(at: "2027-03-09T08:00:00Z")
            let again = await refused(
                reception, "update block set state = 'open' where id = \(block)")
            #expect(again == "illegal_transition")
            let gone = await refused(reception, "delete from block where id = \(block)")
            #expect(gone == "append_only")
        }
    }

    private func charge(_ block: BlockID) -> Query {
        """
        insert into charge (id, block, seller, buyer, contract, version, service, cause, period,
            served_on, billable_seconds, billed_seconds, seconds_before, net, document, digest)
        select uuid_v7(), id, seller, buyer, contract, version, service, 'unused_block', period,
            '2027-03-10', 0, 0, 0, 100, 'x', sha256('x')
        from block where id = \(block)
        """
    }

    @Test func onlyWhatIsOverIsCharged() async throws {
        try await withPlaced { reception, block, _ in
            #expect(await refused(reception, charge(block)) == "block_not_chargeable")
            try await reception.worked(at: "2027-03-09T08:00:00Z")
            #expect(await refused(reception, charge(block)) == "block_not_chargeable")
            try await reception.worked(at: "2027-03-11T10:00:00Z")
            #expect(await refused(reception, charge(block)) == "block_not_chargeable")
            #expect(try await reception.block(block)["charge"] != .null)
        }
    }

    private func found(_ reception: Reception, _ change: Query) async throws -> [String] {
        try await reception.test.findings(after: [change])
            .filter { $0.rule == .blocks }.map(\.subject)
    }

    /// What `verify` is for: rows that no rule has seen.
    @Test func verifyNamesWhatIsWrong() async throws {
        try await withPlaced { reception, block, placed in
            #expect(try await found(reception, "select 1") == [])
            let outside = try await found(
                reception,
                """
                update booking set planned = tstzrange('2027-03-10 07:00Z', '2027-03-10 07:30Z')
                where id = \(placed[0])
                """)
            #expect(outside == [placed[0].description])
            let free = try await found(
                reception, "update reservation set live = false where block = \(block)")
            #expect(free.contains(block.description))
        }
    }
}

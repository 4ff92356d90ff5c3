import Documents
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// A call log beside what was measured.
@Suite struct CallLogTests {
    /// A visit in the seller's own video service, from 08:00 to 08:10 by the join page.
    private func withVisit(
        _ body: (RoomWorld, BookingID, String) async throws -> Void
    ) async throws {
        try await RoomWorld.with { world in
            try await world.sets(world.seller, ownLink: "https://video.example/r-{visit}")
            let booking = try await world.agreed(WantedRoom(provider: .ownLink, link: nil))
            let link = try await world.handshake(booking)["agreement"]?["room"]?["link"]?.text
            try await world.clock("07:50:00")
            try await world.life.attended(
                booking, from: Instant(rfc3339: RoomWorld.starts), minutes: 10)
            try await world.clock("08:20:00")
            try await body(world, booking, String(try #require(link).suffix(34)))
        }
    }

    private func log(_ rows: String...) -> [UInt8] {
        Array((["visit,side,joined,left"] + rows).joined(separator: "\r\n").utf8)
    }

    private func row(_ visit: String, _ side: String, _ from: String, _ to: String) -> String {
        "\(visit),\(side),2027-03-08T\(from)Z,2027-03-08T\(to)Z"
    }

    private func imports(
        _ world: RoomWorld, _ organisation: TestOrganisation, _ bytes: [UInt8]
    ) async throws -> JSON {
        try await world.market.importCallLog(
            organisation.scheduler.request("importCallLog"), bytes
        ).body
    }

    private func visit(_ world: RoomWorld, _ booking: BookingID) async throws -> JSON {
        try await world.market.visit(world.buyer.scheduler.request("getVisit"), booking).body
    }

    @Test func isShownBesideAndCountsNothing() async throws {
        try await withVisit { world, booking, room in
            let before = try await visit(world, booking)
            let bytes = log(
                row(room, "seller", "08:00:00", "08:12:00"),
                row("\(booking)", "buyer", "08:00:00", "08:11:30"),
                row(room, "buyer", "08:00:00", "08:11:30"))
            let preview = try await world.market.previewCallLog(
                world.seller.scheduler.request("previewCallLog"), bytes
            ).body
            #expect(preview["new_stays"] == 2, "the same stay twice is one")
            let planned = preview["visits"]?[0]
            #expect(planned?["log_seconds"] == 690)
            // the clock goes on between two requests
            #expect((590...610).contains(planned?["measured_seconds"]?.integer ?? 0))
            #expect(try await visit(world, booking) == before, "nothing is changed by asking")
            #expect(try await imports(world, world.seller, bytes)["new_stays"] == 2)
            #expect(try await imports(world, world.seller, bytes)["new_stays"] == 0)
            let after = try await visit(world, booking)
            #expect(after["billable"] == before["billable"])
            #expect(after["attendance"] == before["attendance"])
            let logs = after["call_logs"]?.elements ?? []
            #expect(logs.count == 1 && logs[0]["by"] == "seller" && logs[0]["seconds"] == 690)
            // told once, to both
            let events = try await world.test.owner.read([
                "select from event where kind = 'visit.call_log' and subject = \(booking)"
            ])
            #expect(events.count == 1)
            // each side's own stands beside the other's
            let confirming = log(
                row(room, "seller", "08:00:00", "08:10:00"),
                row(room, "buyer", "07:59:00", "08:10:00"))
            _ = try await imports(world, world.buyer, confirming)
            let both = try await visit(world, booking)["call_logs"]?.elements ?? []
            #expect(both.map { $0["seconds"] } == [690, 600])
        }
    }

    @Test func aFigureFromItHoldsWhenBothSayIt() async throws {
        try await withVisit { world, booking, room in
            _ = try await imports(
                world, world.buyer,
                log(
                    row(room, "seller", "08:00:00", "08:12:00"),
                    row(room, "buyer", "08:00:00", "08:12:00")))
            let contest = Attestation.Word.contests(
                Attestation.Figures(seconds: 720, extra: .none, lineFailed: false),
                reason: "By the call log.")
            try await world.life.says(.buyer, contest, of: booking)
            let agreed = try await world.life.says(
                .seller, .attests(seconds: 720), of: booking)
            #expect(agreed.body["state"] == "agreed")
            let late = await mistakes {
                _ = try await imports(
                    world, world.buyer, log(row(room, "buyer", "08:00:00", "08:12:00")))
            }
            #expect(late == ["2:1 minutes_agreed"])
        }
    }

    @Test func nobodyTouchesAVisitOfOthers() async throws {
        try await withVisit { world, booking, room in
            let other = try await world.test.addOrganisation("Other")
            let good = row(room, "seller", "08:00:00", "08:12:00")
            for name in ["\(booking)", room] {
                let found = await mistakes {
                    _ = try await imports(
                        world, other, log(row(name, "seller", "08:00:00", "08:12:00")))
                }
                #expect(found == ["2:1 visit_unknown"])
            }
            // one line that is wrong keeps all of the file out
            let unknown = "booking_01j0000000e008000000000099"
            let partly = await mistakes {
                _ = try await imports(
                    world, world.seller,
                    log(good, row(unknown, "seller", "08:00:00", "08:12:00")))
            }
            #expect(partly == ["3:1 visit_unknown"])
            #expect(try await visit(world, booking)["call_logs"] == [])
        }
    }

    @Test func onlyWhatCanHaveBeen() async throws {
        try await withVisit { world, booking, room in
            let open = try await world.life.booked("2027-03-09", at: "11:00")
            for (wrong, expected) in [
                (row(room, "buyer", "07:30:00", "07:45:00"), "2:4 outside_join_window"),
                (row(room, "buyer", "09:45:00", "09:50:00"), "2:3 outside_join_window"),
                (row(room, "buyer", "08:10:00", "08:50:00"), "2:4 time_in_the_future"),
                (row("\(open)", "buyer", "08:10:00", "08:20:00"), "2:1 visit_not_agreed"),
            ] {
                let found = await mistakes {
                    _ = try await imports(world, world.seller, log(wrong))
                }
                #expect(found == [expected])
            }
        }
    }

    /// Where a file is refused, and why.
    private func mistakes(_ body: () async throws -> Void) async -> [String] {
        do {
            try await body()
            return []
        } catch let refused as CallLogFile.Refused {
            return refused.problems.map { "\($0.line):\($0.column) \($0.mistake.rawValue)" }
        } catch {
            return ["\(error)"]
        }
    }
}

import Foundation
import Glibc
import Marketplace
import MoneyAndTime
import Storage
import Synchronization
import TestMarket
import Testing

@testable import Postgres

/// Invariant 30: what was acknowledged is there after the server was killed.
@Suite struct DurabilityTests {
    /// What concurrent writers were told; the server is killed by whoever is told enough.
    private final class Told: Sendable {
        private let bookings = Mutex<[BookingID]>([])
        private let server: pid_t
        var all: [BookingID] { bookings.withLock { $0 } }

        init(server: pid_t) { self.server = server }

        func booked(_ id: BookingID) {
            bookings.withLock {
                $0.append(id)
                if $0.count == 25 { kill(server, SIGKILL) }
            }
        }
    }

    @Test(.timeLimit(.minutes(30))) func acknowledgedBookingsSurviveAKill() async throws {
        try await TestMarket.withOwnCluster { test in
            let life = try await LifeOfAVisit(
                under: test.signedContract(
                    seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer")))
            let times = ["09:00", "09:45", "10:30", "11:15", "12:00", "12:45", "13:30", "14:15"]
            let days = [8, 9, 10, 11, 12, 15, 16, 17, 18, 19].map { $0 < 10 ? "0\($0)" : "\($0)" }
            let calls = try days.flatMap { day in
                try times.map { time in
                    try life.contract.call(
                        life.specialist, at: life.instant("2027-03-\(day)", time))
                }
            }
            let server = try await server(of: test)
            let told = Told(server: server.pid)
            try await test.withConnections(4) { app in
                await withTaskGroup(of: Void.self) { group in
                    for worker in 0..<4 {
                        let own = calls.indices.filter { $0 % 4 == worker }.map { calls[$0] }
                        group.addTask { await Self.book(own, on: app, telling: told) }
                    }
                }
            }
            _ = try await server.start.run()
            let acknowledged = Set(told.all)
            let found = try await test.owner.read(["select id from booking where state = 'booked'"])
                .map { try $0["id", BookingID.self] }
            #expect(acknowledged.count >= 25)
            #expect(acknowledged.count < calls.count, "the server was killed too late")
            #expect(acknowledged.isSubset(of: found))
            // what was under way at most is there unsaid
            #expect(found.count <= acknowledged.count + 4)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// One after the other, until the server is gone.
    private static func book(
        _ calls: [BookingCall], on app: Database, telling told: Told
    ) async {
        for call in calls {
            let outcome = try? await app.pool.withConnection(within: .seconds(20)) { session in
                try BookingCall.Outcome(row: await session.query(BookingCall.book([call])).only())
            }
            guard let outcome else { return }
            if outcome.code == nil { told.booked(call.booking) }
        }
    }

    /// The server's process, and how to start another in its place.
    private func server(of test: TestMarket) async throws -> (pid: pid_t, start: ClusterStart) {
        let row = try await test.superuser.read([
            """
            select current_setting('data_directory') as data,
                current_setting('unix_socket_directories') as socket
            """
        ]).only()
        let data = try row["data", String.self]
        let base = URL(filePath: data).deletingLastPathComponent()
        var configuration = ClusterConfiguration(folder: base)
        configuration.endsWithParent = true
        configuration.extraSettings = [
            "fsync": "off", "full_page_writes": "off", "shared_buffers": "64MB",
            "max_connections": "200",
        ]
        let socket = try row["socket", String.self].trimmingCharacters(
            in: CharacterSet(charactersIn: "\""))
        let place = ClusterFolder(
            base: base, user: geteuid() == 0 ? OrdinaryUser.find() : nil, socket: socket)
        let start = try await ClusterStart(
            place: place, programs: ServerPrograms.find(), configuration: configuration)
        let postmaster = try #require(Postmaster(data: data))
        return (postmaster.pid, start)
    }
}

import Logging
import Marketplace
import MoneyAndTime
import Postgres
import Storage

/// The demo in the private cluster: loaded at the first start, found as it was at every other.
struct DemoMarket: Sendable {
    let setup: DatabaseSetup
    let keys: ServerKeys
    let tokens: DemoTokens
    /// What its clock shows.
    let now: Instant

    static func makeReady(
        in cluster: PrivateCluster, _ settings: Settings, logger: Logger
    ) async throws -> DemoMarket {
        let name = PrivateDatabase.name
        let keys = try MasterKey.given(in: settings) ?? MasterKey.kept(in: cluster.folder)
        if try await !DatabaseSetup.isThere(name, in: cluster) {
            try await load(into: cluster, keys, settings, logger)
        }
        let setup = try await DatabaseSetup.prepare(cluster: cluster, database: name, message: say)
        let now = try await withDatabase(settings.database(setup.owner, logger: logger)) { owner in
            try await DemoClock(owner.pool).now()
        }
        return DemoMarket(
            setup: setup, keys: keys,
            tokens: try DemoTokens(reading: DemoTokens.file(in: cluster.folder)), now: now)
    }

    /// Loads into a database of another name, which gets its own when it is complete: a start that
    /// was interrupted begins anew.
    private static func load(
        into cluster: PrivateCluster, _ keys: ServerKeys, _ settings: Settings, _ logger: Logger
    ) async throws {
        let fresh = PrivateDatabase.name + "_loading"
        try await cluster.dropDatabase(fresh)
        let setup = try await DatabaseSetup.prepare(
            cluster: cluster, database: fresh, message: say)
        let plan = DemoPlan(settings.demo)
        let started = ContinuousClock.now
        // An interrupted loading begins anew, so that no commit needs to wait for the disk; neither
        // do the many movements of the clock.
        let hasty = {
            settings.database($0 + " options='-c synchronous_commit=off'", logger: logger)
        }
        let tokens = try await withDatabase(hasty(setup.owner)) { owner in
            let clock = try await DemoClock.install(owner.pool)
            return try await withDatabase(hasty(setup.app)) { app in
                let market = Market(database: app, keys: keys, logger: logger)
                return try await DemoLoading(
                    market: market, owner: owner, clock: clock, plan: plan
                ).run()
            }
        }
        say("the demo took \(Teller.seconds(since: started)) s")
        try tokens.write(to: DemoTokens.file(in: cluster.folder))
        try await cluster.renameDatabase(fresh, to: PrivateDatabase.name)
    }
}

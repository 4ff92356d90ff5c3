import API
import Organisations
import StrictJSON
import TestMarket
import TestServer
import Testing

/// The bucket: exact figures of what is left and when more is allowed.
@Suite struct RateBucketTests {
    private static let second: Int64 = 1_000_000_000

    @Test func aMinuteMayComeAtOnceAndThenEvenly() {
        let limit = RateLimit("a", requests: 60)
        var bucket = RateBucket()
        for left in (0..<60).reversed() {
            let state = bucket.take(under: limit, at: 0)
            #expect(state.isAllowed && state.remaining == Int64(left))
            #expect(state.secondsToAll == Int64(60 - left))
            #expect(state.secondsToNext == (left == 0 ? 1 : 0))
        }
        for instant in [0, 1, Self.second - 1] {
            let refused = bucket.take(under: limit, at: instant)
            #expect(!refused.isAllowed && refused.remaining == 0 && refused.secondsToNext == 1)
        }
        #expect(bucket.take(under: limit, at: Self.second).isAllowed)
        #expect(!bucket.take(under: limit, at: Self.second).isAllowed)
        #expect(bucket.take(under: limit, at: 62 * Self.second).remaining == 59)
    }

    /// A seventh of a minute is no whole number of nanoseconds: it is rounded up, never down.
    @Test(arguments: [(1, 60_000_000_000), (7, 8_571_428_572), (1_000_000, 60_000)])
    func aShareOfTheMinuteIsExact(requests: Int, nanoseconds: Int64) {
        let limit = RateLimit("a", requests: requests)
        var bucket = RateBucket()
        for _ in 0..<requests { #expect(bucket.take(under: limit, at: 5).isAllowed) }
        #expect(!bucket.take(under: limit, at: 5 + nanoseconds - 1).isAllowed)
        #expect(bucket.take(under: limit, at: 5 + nanoseconds).isAllowed)
    }

    @Test func aFailureCountsMoreButNotBelowNothing() {
        let limit = RateLimit("a", requests: 100)
        var bucket = RateBucket()
        _ = bucket.take(under: limit, at: 0)
        #expect(bucket.charge(9, under: limit, at: 0).remaining == 90)
        let emptied = bucket.charge(1_000_000, under: limit, at: 0)
        #expect(emptied.remaining == 0 && emptied.secondsToAll == 60)
        #expect(!bucket.take(under: limit, at: 599_999_999).isAllowed)
        #expect(bucket.take(under: limit, at: 600_000_000).isAllowed)
    }

    @Test func aClockThatStepsBackGivesNothing() {
        let limit = RateLimit("a", requests: 1)
        var bucket = RateBucket()
        #expect(bucket.take(under: limit, at: 100 * Self.second).isAllowed)
        #expect(!bucket.take(under: limit, at: 0).isAllowed)
        #expect(!bucket.take(under: limit, at: 159 * Self.second).isAllowed)
        #expect(bucket.take(under: limit, at: 160 * Self.second).isAllowed)
        #expect(bucket.take(under: limit, at: .max).isAllowed)
    }

    @Test(arguments: [(0, 1), (-5, 1), (2_000_000, 1_000_000), (17, 17)])
    func aLimitIsWithinWhatIsPossible(wanted: Int, held: Int64) {
        #expect(RateLimit("a", requests: wanted).requests == held)
    }

    @Test func manyCallersDoNotMakeItGrow() {
        let limit = RateLimit("a", requests: 2)
        var buckets = RateBuckets(most: 100)
        let busy = RateKey(high: .max, low: .max)
        var allowed = 0
        for number in 0..<10_000 {
            _ = buckets.change(RateKey(high: 1, low: UInt64(number))) {
                $0.take(under: limit, at: 0)
            }
            if buckets.change(busy, { $0.take(under: limit, at: 0) }).isAllowed { allowed += 1 }
            #expect(buckets.count <= 200)
        }
        // The busy one was never forgotten in the crowd.
        #expect(allowed == 2)
    }
}

/// The limits over HTTP.
@Suite struct RateLimitTests {
    private static func limits(perToken: Int, perAddress: Int) -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.requestsPerToken = perToken
        configuration.requestsPerAddress = perAddress
        return configuration
    }

    @Test func aTokenHasItsOwn() async throws {
        try await TestServer.withServer(Self.limits(perToken: 2, perAddress: 100)) { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            for left in [1, 0] {
                let answer = try await server.client.get("/v1/units", as: hospital.admin)
                #expect(answer.status == 200, "\(answer.summary)")
                let rate = try #require(answer.headers["ratelimit"])
                #expect(rate.hasSuffix("\"token\";r=\(left);t=\(left == 1 ? 30 : 60)"), "\(rate)")
                #expect(
                    answer.headers["ratelimit-policy"]
                        == "\"address\";q=100;w=60, \"token\";q=2;w=60")
            }
            let over = try await server.client.get("/v1/members", as: hospital.admin)
            #expect(over.status == 429 && over.code == "too_many_requests", "\(over.summary)")
            #expect(over.json?["figures"]?["limit"]?.text == "token")
            let wait = try #require(over.headers["retry-after"].flatMap { Int($0) })
            #expect((1...30).contains(wait))
            let other = try await server.client.get("/v1/units", as: hospital.scheduler)
            #expect(other.status == 200, "\(other.summary)")
        }
    }

    @Test func anAddressHasItsOwnWithoutAnyToken() async throws {
        try await TestServer.withServer(Self.limits(perToken: 100, perAddress: 2)) { server in
            for _ in 0..<2 { #expect(try await server.client.get("/healthz").status == 200) }
            for target in ["/healthz", "/v1/units", "/nothing"] {
                let over = try await server.client.get(target)
                #expect(over.status == 429, "\(over.summary)")
                #expect(over.json?["figures"]?["limit"]?.text == "address")
                #expect(over.headers["ratelimit"]?.hasPrefix("\"address\";r=0;t=") == true)
            }
        }
    }

    /// Somebody who tries tokens is stopped ten times as soon, whichever of them they try.
    @Test func tokensThatAreNotAcceptedCountTenfold() async throws {
        try await TestServer.withServer(Self.limits(perToken: 100, perAddress: 30)) { server in
            let hospital = try await server.test.addOrganisation("Example Hospital")
            let wrong = try await WrongTokens(of: hospital, in: server.test)
            let missing = try await server.client.get("/v1/units")
            #expect(missing.headers["ratelimit"]?.hasPrefix("\"address\";r=29;") == true)
            let tokens = wrong.refusals.compactMap(\.token)
            for (token, left) in zip(tokens, [19, 9, 0]) {
                let answer = try await server.client.send(
                    "GET", "/v1/units", headers: ["Authorization": "Bearer \(token)"])
                #expect(answer.status == 401, "\(answer.summary)")
                let rate = answer.headers["ratelimit"] ?? ""
                #expect(rate.hasPrefix("\"address\";r=\(left);"), "\(rate)")
            }
            let over = try await server.client.get("/v1/units", as: hospital.admin)
            #expect(over.status == 429, "\(over.summary)")
        }
    }
}

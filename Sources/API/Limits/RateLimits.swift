import Outgoing
import Storage
import Synchronization

/// What each token and each address has used of its limit, kept by this process alone. Whoever asks
/// with many made-up tokens or from many addresses makes it grow to its bound and no further.
final class RateLimits: Sendable {
    /// A request with a token that is not accepted counts as so many more for its address.
    static let failureCost: Int64 = 9

    private let token: RateLimit
    private let address: RateLimit
    private let started = ContinuousClock.now
    private let tokens = Mutex(RateBuckets())
    private let addresses = Mutex(RateBuckets())

    init(perToken: Int, perAddress: Int) {
        token = RateLimit("token", requests: perToken)
        address = RateLimit("address", requests: perAddress)
    }

    /// Counts a request, for its address first; the limits that it was held against.
    func count(_ address: IPAddress?, _ digest: CredentialDigest?) -> [RateState] {
        let now = nanoseconds()
        let own = addresses.withLock {
            $0.change(RateKey(address)) { $0.take(under: self.address, at: now) }
        }
        guard own.isAllowed, let digest else { return [own] }
        let ofToken = tokens.withLock {
            $0.change(RateKey(digest)) { $0.take(under: token, at: now) }
        }
        return [own, ofToken]
    }

    /// Counts more for the address of a request whose token was not accepted.
    func chargeFailure(_ address: IPAddress?) -> RateState {
        let now = nanoseconds()
        return addresses.withLock {
            $0.change(RateKey(address)) {
                $0.charge(Self.failureCost, under: self.address, at: now)
            }
        }
    }

    private func nanoseconds() -> Int64 {
        let passed = (ContinuousClock.now - started).components
        return passed.seconds * 1_000_000_000 + passed.attoseconds / 1_000_000_000
    }
}

/// Whom a bucket belongs to, in 128 bits.
package struct RateKey: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    package init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Half of a SHA-256 does: nobody finds another token with it.
    init(_ digest: CredentialDigest) {
        self.init(digest.bytes[...])
    }

    /// One network of IPv6, a /64, is one caller: all of its addresses are usually one machine's.
    init(_ address: IPAddress?) {
        let bytes = address?.bytes ?? []
        self.init(bytes.count == 16 ? bytes.prefix(8) : bytes[...])
    }

    private init(_ bytes: ArraySlice<UInt8>) {
        high = Self.number(bytes.prefix(8))
        low = Self.number(bytes.dropFirst(8).prefix(8))
    }

    private static func number(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.reduce(0) { $0 << 8 | UInt64($1) }
    }
}

/// Buckets by key, in two generations: when the young one is full, the old one is forgotten and the
/// young becomes old. What is asked for again becomes young, so those who ask often stay.
package struct RateBuckets: Sendable {
    private let most: Int
    private var young: [RateKey: RateBucket] = [:]
    private var old: [RateKey: RateBucket] = [:]

    /// At most this many in each generation. An idle bucket is full after a minute anyway, and says
    /// nothing any more.
    package init(most: Int = 65_536) {
        self.most = most
    }

    package var count: Int { young.count + old.count }

    package mutating func change<Result>(
        _ key: RateKey, _ body: (inout RateBucket) -> Result
    ) -> Result {
        var bucket = young[key] ?? old.removeValue(forKey: key) ?? RateBucket()
        let result = body(&bucket)
        young[key] = bucket
        if young.count >= most {
            old = young
            young = [:]
        }
        return result
    }
}

/// At most so many requests a minute: a bucket that holds a minute's worth and fills evenly, so
/// that after a quiet minute all of them may come at once.
package struct RateLimit: Hashable, Sendable {
    package static let possible = 1...1_000_000
    /// The window of `RateLimit-Policy`.
    package static let windowSeconds: Int64 = 60
    fileprivate static let window = windowSeconds * 1_000_000_000

    /// Under which the headers name it.
    package let name: String
    package let requests: Int64

    /// `requests` is brought into the possible range.
    package init(_ name: String, requests: Int) {
        self.name = name
        let range = Self.possible
        self.requests = Int64(min(max(requests, range.lowerBound), range.upperBound))
    }

    /// What the bucket holds, in the bucket's own measure.
    fileprivate var whole: Int64 { requests * Self.window }
}

/// What one caller has used of a limit. Instants are nanoseconds of one steady clock.
///
/// A request counts as the nanoseconds of the window, and each nanosecond gives back `requests`: so
/// the arithmetic is exact, and at most 6 × 10^16.
package struct RateBucket: Hashable, Sendable {
    private var used: Int64 = 0
    private var at: Int64 = 0

    package init() {}

    /// Counts a request where the limit allows it; a refused one costs nothing.
    package mutating func take(under limit: RateLimit, at now: Int64) -> RateState {
        refill(under: limit, at: now)
        let isAllowed = used <= limit.whole - RateLimit.window
        if isAllowed { used += RateLimit.window }
        return state(under: limit, isAllowed: isAllowed)
    }

    /// Counts a request that was allowed as so many more; below nothing it does not go.
    package mutating func charge(_ more: Int64, under limit: RateLimit, at now: Int64) -> RateState
    {
        refill(under: limit, at: now)
        let most = (limit.whole - used) / RateLimit.window
        used = more > most ? limit.whole : used + more * RateLimit.window
        return state(under: limit, isAllowed: true)
    }

    private mutating func refill(under limit: RateLimit, at now: Int64) {
        let passed = min(max(now - at, 0), RateLimit.window)
        used = max(used - passed * limit.requests, 0)
        at = max(at, now)
    }

    private func state(under limit: RateLimit, isAllowed: Bool) -> RateState {
        let missing = used - (limit.whole - RateLimit.window)
        return RateState(
            limit: limit, isAllowed: isAllowed,
            remaining: (limit.whole - used) / RateLimit.window,
            secondsToNext: Self.seconds(until: missing, givenBackBy: limit),
            secondsToAll: Self.seconds(until: used, givenBackBy: limit))
    }

    /// Rounded up to whole seconds.
    private static func seconds(until amount: Int64, givenBackBy limit: RateLimit) -> Int64 {
        let second = limit.requests * 1_000_000_000
        return amount <= 0 ? 0 : (amount - 1) / second + 1
    }
}

/// How a caller stands with a limit after a request.
package struct RateState: Hashable, Sendable {
    package let limit: RateLimit
    package let isAllowed: Bool
    /// How many requests are left at once.
    package let remaining: Int64
    /// Until one request is allowed; 0 where one is.
    package let secondsToNext: Int64
    /// Until the bucket is full.
    package let secondsToAll: Int64
}

extension RateState {
    /// An item of `RateLimit-Policy` (draft-ietf-httpapi-ratelimit-headers-10 §3): so many in so
    /// many seconds. Both headers are lists of RFC 9651, of strings with parameters.
    var policyItem: String {
        "\"\(limit.name)\";q=\(limit.requests);w=\(RateLimit.windowSeconds)"
    }

    /// An item of `RateLimit` (§4): what is left, and when all of it is back.
    var item: String { "\"\(limit.name)\";r=\(remaining);t=\(secondsToAll)" }
}

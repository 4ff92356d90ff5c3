/// A number of seconds or minutes that cannot be a duration here.
package enum InvalidDuration: Error, Hashable {
    case negative
    case tooLong
}

extension InvalidDuration: CustomStringConvertible {
    package var description: String {
        switch self {
        case .negative: "a duration cannot be negative"
        case .tooLong: "the duration is too long"
        }
    }
}

/// A duration in whole seconds, never negative.
package struct Seconds: Hashable, Sendable {
    package let count: Int64

    package init(_ count: Int64) throws(InvalidDuration) {
        if count < 0 { throw .negative }
        self.count = count
    }

    package static let zero = Seconds(unchecked: 0)

    private init(unchecked count: Int64) { self.count = count }

    /// Minutes always fit, because `Minutes` is bounded by what fits in seconds.
    package init(_ minutes: Minutes) {
        self.init(unchecked: minutes.count * 60)
    }

    package func adding(_ other: Seconds) throws(ArithmeticFailure) -> Seconds {
        Seconds(unchecked: try count.adding(other.count))
    }

    /// The difference; one below zero is an `overflow`, for a duration has no such value.
    package func subtracting(_ other: Seconds) throws(ArithmeticFailure) -> Seconds {
        if other.count > count { throw .overflow }
        return Seconds(unchecked: count - other.count)
    }
}

extension Seconds: Comparable {
    package static func < (left: Seconds, right: Seconds) -> Bool { left.count < right.count }
}

/// A duration in whole minutes, never negative, whose seconds fit in 64 bits.
package struct Minutes: Hashable, Sendable {
    package let count: Int64

    package init(_ count: Int64) throws(InvalidDuration) {
        if count < 0 { throw .negative }
        if count > Int64.max / 60 { throw .tooLong }
        self.count = count
    }

    package var seconds: Seconds { Seconds(self) }
}

extension Minutes: Comparable {
    package static func < (left: Minutes, right: Minutes) -> Bool { left.count < right.count }
}

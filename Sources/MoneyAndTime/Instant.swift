/// A text that is no instant.
package enum InvalidInstant: Error, Hashable {
    case form
    case noSuchTime
}

extension InvalidInstant: CustomStringConvertible {
    package var description: String {
        switch self {
        case .form: "not an instant such as 2026-03-29T09:00:00Z (RFC 3339)"
        case .noSuchTime: "there is no such day, time or offset"
        }
    }
}

/// A point of time in microseconds since 1970-01-01T00:00:00Z: PostgreSQL's own resolution.
package struct Instant: Hashable, Sendable {
    package static let microsecondsPerSecond: Int64 = 1_000_000

    package let microseconds: Int64

    package init(microseconds: Int64) { self.microseconds = microseconds }

    /// Whole seconds since 1970-01-01T00:00:00Z; any second within some 290,000 years.
    package init(secondsSince1970 seconds: Int64) throws(ArithmeticFailure) {
        microseconds = try seconds.multiplied(by: Self.microsecondsPerSecond)
    }

    package func adding(seconds: Int64) throws(ArithmeticFailure) -> Instant {
        let step = try seconds.multiplied(by: Self.microsecondsPerSecond)
        return Instant(microseconds: try microseconds.adding(step))
    }

    /// Whole seconds from `other` to this instant, rounded towards minus infinity.
    package func seconds(since other: Instant) throws(ArithmeticFailure) -> Int64 {
        try microseconds.subtracting(other.microseconds)
            .flooredDivision(by: Self.microsecondsPerSecond).quotient
    }

    /// Seconds since 1970-01-01T00:00:00Z, rounded towards minus infinity.
    package var secondsSince1970: Int64 {
        microseconds.flooredDivision(by: Self.microsecondsPerSecond).quotient
    }
}

extension Instant: Comparable {
    package static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }
}

// MARK: - RFC 3339

extension Instant {
    private static let secondsPerDay = 86_400
    private static let readable = firstDay(of: 1)..<firstDay(of: 9_999)

    private static func firstDay(of year: Int) -> Int {
        CivilDay(year: year, month: 1, day: 1).dayNumber
    }

    /// Reads `2026-03-29T09:00:00.5+03:00` (RFC 3339 §5.6), in UTC from the year 1 to 9998, so
    /// that what is reckoned from it can still be written: seconds and an offset are required.
    /// What is finer than a microsecond is cut off. Leap seconds are refused.
    package init(rfc3339 text: String) throws(InvalidInstant) {
        var scanner = ASCIIScanner(text)
        guard let year = scanner.digits(4), scanner.take("-") != nil,
            let month = scanner.digits(2), scanner.take("-") != nil,
            let day = scanner.digits(2), scanner.take("T", "t") != nil,
            let hour = scanner.digits(2), scanner.take(":") != nil,
            let minute = scanner.digits(2), scanner.take(":") != nil,
            let second = scanner.digits(2),
            let fraction = Self.fraction(&scanner),
            let offset = Self.offset(&scanner), scanner.isAtEnd
        else { throw .form }
        guard (try? CalendarDate(year: year, month: month, day: day)) != nil,
            hour < 24, minute < 60, second < 60, abs(offset.hour) < 24, offset.minute < 60
        else { throw .noSuchTime }
        let days = CivilDay(year: year, month: month, day: day).dayNumber
        let local = days * Self.secondsPerDay + hour * 3_600 + minute * 60 + second
        let ahead = offset.sign * (offset.hour * 3_600 + offset.minute * 60)
        let seconds = local - ahead
        guard Self.readable.contains(seconds.flooredDivision(by: Self.secondsPerDay).quotient)
        else { throw .noSuchTime }
        self.init(microseconds: Int64(seconds) * Self.microsecondsPerSecond + fraction)
    }

    /// UTC with `Z`, and a fraction only when it is not zero: `2026-03-29T06:00:00Z`.
    package var rfc3339: String {
        let (seconds, fraction) = microseconds.flooredDivision(by: Self.microsecondsPerSecond)
        let (day, secondOfDay) = Int(seconds).flooredDivision(by: Self.secondsPerDay)
        let civil = CivilDay(dayNumber: day)
        guard fraction == 0, (0...9_999).contains(civil.year) else {
            return Self.text(civil, secondOfDay, fraction: Int(fraction))
        }
        // answers hold hundreds of these, nearly all of this form
        return String(unsafeUninitializedCapacity: 20) { text in
            func put(_ number: Int, _ place: Int, _ mark: Unicode.Scalar) {
                text[place] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number / 10)
                text[place + 1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: number % 10)
                text[place + 2] = UInt8(ascii: mark)
            }
            put(civil.year % 100, 2, "-")
            let century = civil.year / 100
            text[0] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: century / 10)
            text[1] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: century % 10)
            put(civil.month, 5, "-")
            put(civil.day, 8, "T")
            put(secondOfDay / 3_600, 11, ":")
            put(secondOfDay / 60 % 60, 14, ":")
            put(secondOfDay % 60, 17, "Z")
            return 20
        }
    }

    private static func text(_ day: CivilDay, _ secondOfDay: Int, fraction: Int) -> String {
        var bytes: [UInt8] = []
        day.write(to: &bytes)
        bytes.append(UInt8(ascii: "T"))
        bytes.append(digitsOf: secondOfDay / 3_600, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(digitsOf: secondOfDay / 60 % 60, width: 2)
        bytes.append(UInt8(ascii: ":"))
        bytes.append(digitsOf: secondOfDay % 60, width: 2)
        if fraction != 0 {
            bytes.append(UInt8(ascii: "."))
            bytes.append(digitsOf: fraction, width: 6)
            while bytes.last == UInt8(ascii: "0") { bytes.removeLast() }
        }
        bytes.append(UInt8(ascii: "Z"))
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Microseconds; zero without a point; nil when the point has no digits.
    private static func fraction(_ scanner: inout ASCIIScanner) -> Int64? {
        if scanner.take(".") == nil { return 0 }
        guard let first = scanner.digit() else { return nil }
        var unit: Int64 = microsecondsPerSecond / 10
        var value = Int64(first) * unit
        while let digit = scanner.digit() {
            unit /= 10
            value += Int64(digit) * unit
        }
        return value
    }

    private static func offset(
        _ scanner: inout ASCIIScanner
    ) -> (sign: Int, hour: Int, minute: Int)? {
        if scanner.take("Z", "z") != nil { return (1, 0, 0) }
        guard let sign = scanner.take("+", "-"),
            let hour = scanner.digits(2), scanner.take(":") != nil,
            let minute = scanner.digits(2)
        else { return nil }
        return (sign == "-" ? -1 : 1, hour, minute)
    }
}

extension Instant: CustomStringConvertible {
    package var description: String { rfc3339 }
}

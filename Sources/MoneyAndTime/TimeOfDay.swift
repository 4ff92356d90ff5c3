/// A text or number that is no time of a day.
package struct InvalidTimeOfDay: Error, Hashable, CustomStringConvertible {
    package init() {}

    package var description: String { "not a time such as 09:30, from 00:00 to 24:00" }
}

/// A wall-clock time in minutes since midnight, 0 to 1440: `24:00` is the end of a day.
package struct TimeOfDay: Hashable, Sendable {
    package let minuteOfDay: Int

    package init(minuteOfDay: Int) throws(InvalidTimeOfDay) {
        guard (0...1440).contains(minuteOfDay) else { throw InvalidTimeOfDay() }
        self.minuteOfDay = minuteOfDay
    }

    /// Reads `09:30`.
    package init(_ text: String) throws(InvalidTimeOfDay) {
        var scanner = ASCIIScanner(text)
        guard let hour = scanner.digits(2), scanner.take(":") != nil,
            let minute = scanner.digits(2), minute < 60, scanner.isAtEnd
        else { throw InvalidTimeOfDay() }
        try self.init(minuteOfDay: hour * 60 + minute)
    }

    /// The minute in which the given second of a day lies.
    init(secondOfDay: Int) { minuteOfDay = secondOfDay / 60 }
}

extension TimeOfDay: Comparable {
    package static func < (left: TimeOfDay, right: TimeOfDay) -> Bool {
        left.minuteOfDay < right.minuteOfDay
    }
}

extension TimeOfDay: CustomStringConvertible {
    package var description: String {
        let hour = CivilDay.padded(minuteOfDay / 60, to: 2)
        return "\(hour):\(CivilDay.padded(minuteOfDay % 60, to: 2))"
    }
}

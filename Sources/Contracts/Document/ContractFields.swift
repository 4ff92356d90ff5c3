import MoneyAndTime
import StrictJSON

extension JSONReader {
    /// A line of text, as people and invoices use it: no control characters, nor the two code
    /// points that no XML document may hold (XML 1.0 §2.2).
    func line(max: Int = 200) throws -> String {
        let text = try string(min: 1, max: max)
        let isLine = text.unicodeScalars.allSatisfy {
            $0.isReadable && $0 != "\t" && $0 != "\n"
        }
        if !isLine {
            throw ContractProblem(.text, at: pointer, "must not hold control characters")
        }
        return text
    }
}

/// Readers of the values that contracts are made of, each with the rule that it breaks.
extension JSONFields {
    mutating func line(_ key: String, max: Int = 200) throws -> String {
        try required(key).line(max: max)
    }

    mutating func optionalLine(_ key: String) throws -> String? { try optional(key)?.line() }

    /// A text of a named form.
    mutating func form(
        _ key: String, _ rule: ContractRule, _ form: String, max: Int,
        _ fits: (String) -> Bool
    ) throws -> String {
        let text = try string(key, max: max)
        if !fits(text) { throw breach(key, rule, "must be \(form)") }
        return text
    }

    /// What a reader makes of a member, or nil where the member is not there.
    mutating func ifThere<Value>(
        _ key: String, _ read: (inout JSONFields, String) throws -> Value
    ) throws -> Value? {
        optional(key) == nil ? nil : try read(&self, key)
    }

    /// A list in which nothing is there twice.
    mutating func uniqueArray<Element: Hashable>(
        _ key: String, min: Int = 0, max: Int, twice rule: ContractRule = .valueTwice,
        _ read: (JSONReader) throws -> Element
    ) throws -> [Element] {
        var known: Set<Element> = []
        return try array(key, min: min, max: max) { reader in
            let element = try read(reader)
            guard known.insert(element).inserted else {
                throw ContractProblem(rule, at: reader.pointer, "is there twice")
            }
            return element
        }
    }

    /// A text that another type reads and writes back unchanged.
    mutating func value<Value>(
        _ key: String, _ rule: ContractRule, as read: (String) throws -> Value,
        writing write: (Value) -> String
    ) throws -> Value {
        let text = try string(key, max: 64)
        let value: Value
        do { value = try read(text) } catch { throw breach(key, rule, "\(error)") }
        if write(value) != text {
            throw breach(key, rule, "must be written as \(write(value))")
        }
        return value
    }

    mutating func slug(_ key: String) throws -> String {
        try form(key, .slug, "lower-case letters, digits and single hyphens", max: 64, Form.slug)
    }

    mutating func date(_ key: String) throws -> CalendarDate {
        try value(key, .date, as: CalendarDate.init(iso:), writing: \.iso)
    }

    /// Euros with exactly two decimals; negative only where that is asked for.
    mutating func amount(_ key: String, signed: Bool = false) throws -> Money {
        let text = try string(key, max: 16)
        let isNegative = signed && text.hasPrefix("-")
        guard Form.amount(isNegative ? String(text.dropFirst()) : text),
            let money = try? Money(decimal: text), !isNegative || money.minorUnits != 0
        else {
            throw breach(key, .amount, "must be euros with two decimals, such as 61.20")
        }
        return money
    }

    /// Euros for one minute, with up to four decimals.
    mutating func unitPrice(_ key: String) throws -> UnitPrice {
        let text = try form(
            key, .price, "euros with up to four decimals, such as 2.4533", max: 10, Form.price)
        return try UnitPrice(decimal: text)
    }

    /// `18:00`; 24:00 only as an end.
    mutating func timeOfDay(_ key: String, isEnd: Bool = false) throws -> TimeOfDay {
        let text = try string(key, max: 5)
        guard let time = try? TimeOfDay(text), isEnd || time.minuteOfDay < 1440 else {
            throw breach(key, .time, "must be a time such as 18:00")
        }
        return time
    }

    /// From a time to a later one of the same day.
    mutating func hours() throws -> (from: TimeOfDay, until: TimeOfDay) {
        let from = try timeOfDay("from")
        let until = try timeOfDay("until", isEnd: true)
        if until <= from {
            throw breach("until", .hoursOrder, "must be later than from, on the same day")
        }
        return (from, until)
    }

    mutating func percent(_ key: String) throws -> Percentage {
        let text = try string(key, max: 6)
        guard let percentage = try? Percentage(decimal: text), !text.hasPrefix("-"),
            percentage.basisPoints <= 10_000
        else {
            throw breach(key, .percent, "must be 0 to 100 with up to two decimals, such as 25.5")
        }
        return percentage
    }

    /// An integer number of seconds that billed minutes can show with two decimals.
    mutating func billedSeconds(_ key: String, in range: ClosedRange<Int64>) throws -> Int64 {
        let seconds = try integer(key, in: range)
        if seconds % 3 != 0 {
            throw breach(key, .secondsNotOfThree, "must be a multiple of three seconds")
        }
        return seconds
    }

    /// A local date and time, `2027-03-09T09:00` or with seconds, as an instant.
    mutating func localTime(_ key: String, _ clock: WallClock) throws -> Instant {
        let text = try string(key, max: 19)
        let parts = text.split(separator: "T", omittingEmptySubsequences: false)
        let seconds = parts.last.map { $0.dropFirst(5) } ?? ""
        guard parts.count == 2, let date = try? CalendarDate(iso: String(parts[0])),
            let time = try? TimeOfDay(String(parts[1].prefix(5))), time.minuteOfDay < 1440,
            let second = seconds.isEmpty ? 0 : Form.seconds(seconds)
        else {
            throw breach(key, .localTime, "must be a local time such as 2027-03-09T09:00")
        }
        let instant = clock.instant(date, time)
        // A time that daylight saving skips is the first instant after the gap, seconds and all.
        return clock.timeOfDay(of: instant) == time ? try instant.adding(seconds: second) : instant
    }

    /// A rule that a member breaks.
    func breach(_ key: String, _ rule: ContractRule, _ message: String) -> ContractProblem {
        ContractProblem(rule, at: pointer.appending(key), message)
    }

    /// A rule that this object breaks.
    func breach(_ rule: ContractRule, _ message: String) -> ContractProblem {
        ContractProblem(rule, at: pointer, message)
    }
}

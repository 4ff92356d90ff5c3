import MoneyAndTime

/// How long something has been due, as ageing reports group it. The raw values are the words in
/// JSON and the pages.
package enum AgeBucket: String, CaseIterable, Hashable, Sendable {
    case notDue = "not_due"
    case upTo30 = "days_1_30"
    case upTo60 = "days_31_60"
    case upTo90 = "days_61_90"
    case over90 = "days_over_90"

    /// What is due on the day itself is not overdue yet.
    package init(dueOn: CalendarDate, on day: CalendarDate) {
        switch day.days(since: dueOn) {
        case ...0: self = .notDue
        case 1...30: self = .upTo30
        case 31...60: self = .upTo60
        case 61...90: self = .upTo90
        default: self = .over90
        }
    }
}

/// Amounts by how long they have been due.
package struct Ageing: Hashable, Sendable {
    package private(set) var amounts: [AgeBucket: Money] = [:]
    package private(set) var total: Money = .zero

    package init() {}

    package mutating func add(_ amount: Money, in bucket: AgeBucket) throws(ArithmeticFailure) {
        amounts[bucket] = try self[bucket].adding(amount)
        total = try total.adding(amount)
    }

    package subscript(bucket: AgeBucket) -> Money { amounts[bucket] ?? .zero }
}

/// Why time cannot be published as asked.
package enum AvailabilityRefusal: Error, Hashable, Sendable {
    case daysMissing
    case datesReversed
    case intervalOutOfRange(longestWeeks: Int)
    case countOutOfRange(most: Int)
    case timesOutOfRange
    case servicesMissing
    case contractsMissing
    case lengthsOutOfRange(longestMinutes: Int64)
    case bufferBeforeOutOfRange(longestMinutes: Int64)
    case bufferAfterOutOfRange(longestMinutes: Int64)
    /// The pauses are not in order, touch one another, or do not lie between `from` and `to`.
    case pausesOutOfRange
    case tooManyPauses(limit: Int)
    /// The shortest visit and its buffers do not fit between `from` and `to`, nor between two
    /// pauses.
    case windowTooShort
    case tooManyExceptions(limit: Int)
    case tooManyExtraDates(limit: Int)
    /// An extra date is before the first day, or an exception as well.
    case extraDateNotPossible
    /// More days at once than one expansion may have.
    case horizonTooLong(limitDays: Int)

    /// The stable code that the outside sees.
    package var code: String {
        switch self {
        case .daysMissing: "days_missing"
        case .datesReversed: "dates_reversed"
        case .intervalOutOfRange: "interval_out_of_range"
        case .countOutOfRange: "count_out_of_range"
        case .timesOutOfRange: "times_out_of_range"
        case .servicesMissing: "services_missing"
        case .contractsMissing: "contracts_missing"
        case .lengthsOutOfRange: "lengths_out_of_range"
        case .bufferBeforeOutOfRange, .bufferAfterOutOfRange: "buffer_out_of_range"
        case .pausesOutOfRange: "pauses_out_of_range"
        case .tooManyPauses: "too_many_pauses"
        case .windowTooShort: "window_too_short"
        case .tooManyExceptions: "too_many_exceptions"
        case .tooManyExtraDates: "too_many_extra_dates"
        case .extraDateNotPossible: "extra_date_not_possible"
        case .horizonTooLong: "horizon_too_long"
        }
    }
}

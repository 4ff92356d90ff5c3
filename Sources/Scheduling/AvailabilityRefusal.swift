/// Why time cannot be published as asked.
package enum AvailabilityRefusal: Error, Hashable, Sendable {
    case daysMissing
    case datesReversed
    case timesOutOfRange
    case servicesMissing
    case lengthsOutOfRange(longestMinutes: Int64)
    case bufferOutOfRange(longestMinutes: Int64)
    /// The shortest visit and its buffer do not fit between `from` and `to`.
    case windowTooShort
    case tooManyExceptions(limit: Int)
    /// More days at once than one expansion may have.
    case horizonTooLong(limitDays: Int)

    /// The stable code that the outside sees.
    package var code: String {
        switch self {
        case .daysMissing: "days_missing"
        case .datesReversed: "dates_reversed"
        case .timesOutOfRange: "times_out_of_range"
        case .servicesMissing: "services_missing"
        case .lengthsOutOfRange: "lengths_out_of_range"
        case .bufferOutOfRange: "buffer_out_of_range"
        case .windowTooShort: "window_too_short"
        case .tooManyExceptions: "too_many_exceptions"
        case .horizonTooLong: "horizon_too_long"
        }
    }
}

import Scheduling
import StrictJSON

extension JSONProblem {
    /// Where in the body of `publishAvailability` the rule was broken, and what would do.
    init(_ refusal: AvailabilityRefusal) {
        let (pointer, message) =
            switch refusal {
            case .daysMissing:
                ("/pattern/weekdays", "name at least one weekday")
            case .datesReversed:
                ("/pattern/until", "must not be before starts_on")
            case .timesOutOfRange:
                ("/from", "must be a time of day from 00:00 to 23:59")
            case .servicesMissing:
                ("/services", "name at least one service, or leave it out for any")
            case .lengthsOutOfRange(let longest):
                (
                    "/longest_minutes",
                    "must be at least shortest_minutes and at most \(longest)"
                )
            case .bufferOutOfRange(let longest):
                ("/buffer_minutes", "must be from 0 to \(longest)")
            case .windowTooShort:
                ("/to", "the shortest visit and its buffer do not fit between from and to")
            case .tooManyExceptions(let limit):
                ("/pattern/exceptions", "must be at most \(limit) dates")
            case .horizonTooLong(let limit):
                ("/pattern/until", "must be at most \(limit) days away")
            }
        self.init(pointer: pointer, code: refusal.code, message: message)
    }
}

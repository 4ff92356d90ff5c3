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
            case .intervalOutOfRange(let longest):
                ("/pattern/interval_weeks", "must be from 1 to \(longest)")
            case .countOutOfRange(let most):
                ("/pattern/count", "must be from 1 to \(most)")
            case .timesOutOfRange:
                ("/from", "must be a time of day from 00:00 to 23:59")
            case .servicesMissing:
                ("/services", "name at least one service, or leave it out for any")
            case .contractsMissing:
                ("/contracts", "name at least one contract, or leave it out for all")
            case .lengthsOutOfRange(let longest):
                (
                    "/longest_minutes",
                    "must be at least shortest_minutes and at most \(longest)"
                )
            case .bufferBeforeOutOfRange(let longest):
                ("/buffer_before_minutes", "must be from 0 to \(longest)")
            case .bufferAfterOutOfRange(let longest):
                ("/buffer_after_minutes", "must be from 0 to \(longest)")
            case .pausesOutOfRange:
                ("/pauses", "must lie between from and to, in order, with time between them")
            case .tooManyPauses(let limit):
                ("/pauses", "must be at most \(limit)")
            case .windowTooShort:
                ("/to", "the shortest visit and its buffers do not fit between from and to")
            case .tooManyExceptions(let limit):
                ("/pattern/exceptions", "must be at most \(limit) dates")
            case .tooManyExtraDates(let limit):
                ("/pattern/extra", "must be at most \(limit) dates")
            case .extraDateNotPossible:
                ("/pattern/extra", "must not be before starts_on, nor among exceptions")
            case .horizonTooLong(let limit):
                ("/pattern/until", "must be at most \(limit) days away")
            }
        self.init(pointer: pointer, code: refusal.code, message: message)
    }
}

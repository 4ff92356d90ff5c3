import Documents
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

extension JSONProblem {
    /// Where in a roster something is wrong; never what stands there.
    init(_ problem: RosterFile.Problem) {
        self.init(
            pointer: "/file", code: problem.mistake.rawValue,
            message: "line \(problem.line), column \(problem.column): "
                + (Self.rosterWords[problem.mistake] ?? "cannot be read"))
    }

    private static let rosterWords: [RosterFile.Mistake: String] = [
        .notText: "must be text in UTF-8",
        .tooManyLines: "must be at most \(RosterFile.mostLines) lines",
        .badQuote: "a quoted cell has no end, or something stands behind it",
        .columnMissing: "must name the columns specialist, date, from and to",
        .columnUnknown: "is no column of a roster",
        .columnTwice: "names a column again",
        .cellCount: "must have as many cells as the first line",
        .nothing: "has no lines below the names of the columns",
        .specialistUnknown: "must be the identifier or the label of one of your specialists",
        .specialistNotClear: "is the label of more than one specialist",
        .dateUnreadable: "must be a date such as 2027-03-01 or 1.3.2027",
        .dateOutside: "must be from first_day through last_day",
        .timeUnreadable: "must be a time of day such as 08:00",
        .serviceUnreadable: "must be codes of services, with blanks between them",
        .numberUnreadable: "must be a number of minutes that can be",
        .lengthsOutOfRange: "must be a length that can be, not below the shortest",
        .tooShort: "the shortest visit and its buffers do not fit",
        .twice: "is there already, in an earlier line",
    ]
}

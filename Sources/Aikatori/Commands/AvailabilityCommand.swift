import API
import ArgumentParser
import Documents
import Marketplace
import MoneyAndTime
import Scheduling
import StrictJSON

struct AvailabilityCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "availability", abstract: "Patterns of a specialist's time as files.",
        subcommands: [Windows.self, Busy.self])

    /// The windows that a pattern gives, without a server.
    struct Windows: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says which windows of time a pattern gives.",
            discussion: """
                Each line of the file is what a seller would publish, as in api/openapi.yaml, with \
                the time zone on whose wall clock it is: {"time_zone": "Europe/Helsinki", \
                "offered": {…}}. The answers are JSON, one on each line: the windows of the days \
                from the first through the last, in UTC.
                """)

        @Argument(help: "A file with a pattern on each line.") var file: String

        @Option(help: "The first day, such as 2026-10-01.") var first: String

        @Option(help: "The last day.") var last: String

        func run() throws {
            guard let first = try? CalendarDate(iso: first),
                let last = try? CalendarDate(iso: last), first <= last
            else { throw ValidationError("--first and --last are days such as 2026-10-01") }
            let lines = try ContractCommand.bytes(of: file).split(separator: UInt8(ascii: "\n"))
            for (index, line) in lines.enumerated() {
                do {
                    let windows = try Recurrence.expand(rule(of: Array(line)), over: first...last)
                    let answer = JSON.array(
                        windows.map {
                            ["from": JSON($0.start.rfc3339), "until": JSON($0.end.rfc3339)]
                        })
                    say(String(decoding: try answer.canonical(), as: UTF8.self))
                } catch {
                    say("\(file):\(index + 1): \(error)")
                    throw ExitCode.failure
                }
            }
        }

        private func rule(of line: [UInt8]) throws -> AvailabilityRule {
            let reader = JSONReader(try JSON.parse(line))
            let (zone, offered) = try reader.object { fields in
                try (
                    fields.parsed("time_zone", WallClock.init(zone:)),
                    fields.nested("offered", Market.OfferedTime.init(fields:))
                )
            }
            var random = SystemRandomNumberGenerator()
            return try AvailabilityRule(
                id: AvailabilityRuleID(at: Instant(microseconds: 0), using: &random),
                specialist: offered.specialist, zone: zone, pattern: offered.pattern,
                from: offered.from, to: offered.to, pauses: offered.pauses, terms: offered.terms)
        }
    }

    /// The busy times of a calendar, without a server.
    struct Busy: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Says which times are busy in an iCalendar file.",
            discussion: """
                The answer is JSON on one line: the busy times in UTC, and how many events could \
                not be read.
                """)

        @Argument(help: "An iCalendar file, or - for the standard input.") var file: String

        @Option(help: "From when on, such as 2027-03-01T00:00:00Z.") var from: String

        @Option(help: "Until when.") var until: String

        @Option(help: "The zone of times that name none.") var zone = "Europe/Helsinki"

        func run() throws {
            guard let start = try? Instant(rfc3339: from), let end = try? Instant(rfc3339: until),
                let stretch = try? TimeSlot(start: start, end: end)
            else { throw ValidationError("--from and --until are such as 2027-03-01T00:00:00Z") }
            guard let zone = try? WallClock(zone: zone) else {
                throw ValidationError("--zone is such as Europe/Helsinki")
            }
            do {
                let calendar = try BusyCalendar(
                    ContractCommand.bytes(of: file), in: stretch, floating: zone)
                let answer: JSON = [
                    "busy": .array(
                        calendar.busy.map {
                            ["from": JSON($0.start.rfc3339), "until": JSON($0.end.rfc3339)]
                        }),
                    "unread": JSON(Int64(calendar.unread)),
                ]
                say(String(decoding: try answer.canonical(), as: UTF8.self))
            } catch let problem as BusyCalendar.Problem {
                say("\(file): \(problem)")
                throw ExitCode.failure
            }
        }
    }
}

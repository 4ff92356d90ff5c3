import ArgumentParser
import MoneyAndTime
import Postgres
import Storage

struct ClockCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "clock", abstract: "Shows or shifts the clock of a demo's database.",
        discussion: """
            Everything that the market decides follows this clock; tokens keep real time. A \
            database of your own has no such clock, and the command is refused there.
            """)

    @Option(
        help: ArgumentHelp("Moves the clock on by a time such as 90m or 30d.", valueName: "time"),
        transform: { text in
            guard let time = TimeText.read(text) else { throw NotATime() }
            return time
        }) var advance: Duration?
    @Option(
        name: .customLong("set"),
        help: ArgumentHelp(
            "Sets the clock to an instant such as 2027-03-28T03:30:00+03:00.",
            valueName: "instant"),
        transform: { try Instant(rfc3339: $0) }) var instant: Instant?
    @OptionGroup var source: ConfigurationOption

    struct NotATime: Error, CustomStringConvertible {
        let description = "must be a whole number with ms, s, m, h or d"
    }

    func validate() throws {
        if advance != nil, instant != nil {
            throw ValidationError("--advance and --set exclude each other")
        }
    }

    func run() async throws {
        let logger = ConfigurationOption.quietLogger
        try await DatabaseDoor.open(as: .owner, source.settings(), logger: logger) { owner in
            guard let clock = try await DemoClock.find(owner.pool) else { throw NoDemoClock() }
            if let advance { try await clock.advance(seconds: advance.components.seconds) }
            if let instant { try await clock.set(to: instant) }
            say("The demo's clock shows \(try await clock.now()).")
        }
    }
}

struct NoDemoClock: Error, CustomStringConvertible {
    let description = "this database has no demo clock: its time is real, and stays so"
}

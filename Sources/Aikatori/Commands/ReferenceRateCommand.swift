import ArgumentParser
import Billing
import MoneyAndTime
import Postgres
import Storage

struct ReferenceRateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "reference-rate",
        abstract: "Adds the reference rate of a half-year, for late interest.",
        discussion: """
            The Bank of Finland announces it each December and June (Interest Act 633/1982, § 12). \
            Interest by the Act is not computed for a half-year whose rate is missing. A rate that \
            was added stays.
            """)

    @Argument(
        help: "The first day of the half-year, such as 2027-01-01.",
        transform: { try CalendarDate(iso: $0) }) var startsOn: CalendarDate
    @Argument(
        help: "The rate in per cent, such as 2.5.",
        transform: { try Percentage(decimal: $0) }) var rate: Percentage
    @Option(help: "Where it was announced.") var source: String
    @OptionGroup var configuration: ConfigurationOption

    func validate() throws {
        guard startsOn.day == 1, [1, 7].contains(startsOn.month) else {
            throw ValidationError("a half-year begins on 1 January or 1 July")
        }
        guard (1...500).contains(source.count) else {
            throw ValidationError("--source has 1 to 500 characters")
        }
    }

    func run() async throws {
        let logger = ConfigurationOption.quietLogger
        try await DatabaseDoor.open(as: .owner, configuration.settings(), logger: logger) {
            owner in
            _ = try await owner.write([
                StoredLateInterest.add(
                    ReferenceRate(startsOn: startsOn, rate: rate), source: source)
            ])
        }
        say("From \(startsOn) the reference rate is \(rate).")
    }
}

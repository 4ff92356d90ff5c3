import ArgumentParser
import Logging

struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves the API over HTTP until it is stopped.",
        discussion: """
            Without DATABASE_URL it keeps a PostgreSQL cluster of its own, with demo organisations.

            \(Setting.help)
            """)

    @OptionGroup var source: ConfigurationOption

    func run() async throws {
        let settings = try source.settings()
        LoggingSystem.bootstrap { _ in JSONLines(level: settings.logLevel) }
        let logger = Logger(label: "aikatori")
        try await StopSignals.run(
            ServeProgram(settings: settings, logger: logger), named: "serve", logger: logger)
    }
}

import ArgumentParser
import Logging

/// Where the settings come from, the same for every command.
struct ConfigurationOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A file of KEY=VALUE lines with settings.", valueName: "file"))
    var config: String?

    func settings() throws -> Settings { try Settings.read(config: config) }

    /// A logger for commands that a person waits for: only what went wrong.
    static var quietLogger: Logger {
        Logger(label: "aikatori") { _ in JSONLines(level: .error) }
    }
}

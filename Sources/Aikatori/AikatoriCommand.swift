import ArgumentParser

@main
struct AikatoriCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "aikatori",
        abstract: "A marketplace for specialists' time between organisations.",
        subcommands: [
            Serve.self, Demo.self, Migrate.self, Roles.self, OrganisationCommand.self,
            Verify.self, ContractCommand.self, AvailabilityCommand.self, ClockCommand.self,
            ReferenceRateCommand.self,
        ])
}

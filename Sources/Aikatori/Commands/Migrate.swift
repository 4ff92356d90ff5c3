import ArgumentParser
import Storage

struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Brings a database of your own to the newest schema.",
        discussion: """
            It is reached by MIGRATION_DATABASE_URL, as the role aikatori_owner. The private \
            cluster's database is migrated by `aikatori serve`.
            """)

    @OptionGroup var source: ConfigurationOption

    func run() async throws {
        let settings = try source.settings()
        guard let owner = settings.migrationDatabaseURL else {
            throw SettingProblem(
                "\(Setting.migrationDatabaseURL.name) is required: it must be "
                    + Setting.migrationDatabaseURL.form)
        }
        let logger = ConfigurationOption.quietLogger
        try await withDatabase(settings.database(owner, logger: logger)) { database in
            try await DatabaseRole.owner.require(of: database)
        }
        try await DatabaseSetup.migrate(owner, message: say)
        say("The schema is the newest.")
    }
}

struct Roles: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Prints the SQL that makes the roles of a database of your own.",
        discussion: "A superuser runs it once for each PostgreSQL cluster; it may be run again.")

    func run() throws {
        print(try DatabaseSetup.rolesScript(), terminator: "")
    }
}

import Logging
import Postgres
import Storage

/// How a command other than serve comes to the market's database: to one of one's own by the
/// setting for the role, else to the demo's.
enum DatabaseDoor {
    static func open<Result>(
        as role: DatabaseRole, _ settings: Settings, logger: Logger,
        _ body: (Database) async throws -> Result
    ) async throws -> Result {
        let setting: Setting = role == .reader ? .readerDatabaseURL : .migrationDatabaseURL
        let given = role == .reader ? settings.readerDatabaseURL : settings.migrationDatabaseURL
        if let given {
            return try await withDatabase(settings.database(given, logger: logger)) { database in
                try await role.require(of: database)
                return try await body(database)
            }
        }
        let others = [
            settings.databaseURL, settings.migrationDatabaseURL, settings.readerDatabaseURL,
        ]
        guard others.allSatisfy({ $0 == nil }) else {
            throw SettingProblem(
                "\(setting.name) is required for a database of your own: it must be "
                    + setting.form)
        }
        return try await PrivateDatabase.withSetup(in: settings) { setup in
            let connection = role == .reader ? setup.reader : setup.owner
            return try await withDatabase(
                settings.database(connection, logger: logger), body)
        }
    }
}

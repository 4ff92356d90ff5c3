import Logging
import MoneyAndTime
import Postgres
import Storage

/// What every use case stands on. One file per use case extends it.
package struct Market: Sendable {
    package let database: Database
    package let keys: ServerKeys
    package let logger: Logger

    package init(database: Database, keys: ServerKeys, logger: Logger) {
        self.database = database
        self.keys = keys
        self.logger = logger
    }

    /// A new identifier, ordered by real time (UUIDv7, RFC 9562).
    func newID<Tag: IDTag>(_: Tag.Type = Tag.self) -> ID<Tag> {
        var random = SystemRandomNumberGenerator()
        return ID(at: Self.realTime(), using: &random)
    }
}

import Logging
import MoneyAndTime
import Postgres
import SignIn
import Storage

/// What every use case stands on. One file per use case extends it.
package struct Market: Sendable {
    package let database: Database
    package let keys: ServerKeys
    package let logger: Logger
    package let surroundings: Surroundings
    let documents = ReadDocuments()
    let knownTerms = KnownTerms()
    let bookings: BookingWriters

    package init(
        database: Database, keys: ServerKeys, logger: Logger,
        surroundings: Surroundings = Surroundings()
    ) {
        self.database = database
        self.keys = keys
        self.logger = logger
        self.surroundings = surroundings
        bookings = BookingWriters(database)
    }

    /// Opens and closes what is kept under the master key for signing in.
    var seals: SecretSeal { SecretSeal(key: keys.secrets) }

    /// A new identifier, ordered by real time (UUIDv7, RFC 9562).
    func newID<Tag: IDTag>(_: Tag.Type = Tag.self) -> ID<Tag> {
        var random = SystemRandomNumberGenerator()
        return ID(at: Self.realTime(), using: &random)
    }
}

import FoundationEssentials

/// One numbered folder of SQL.
package struct Migration: Sendable, Hashable {
    package let number: Int
    /// The folder's whole name, `0001_organisations`.
    package let name: String
    let up: String
    /// Must return no rows and raise nothing; empty when the folder has none.
    let after: String
}

package enum MigrationError: Error, Sendable {
    /// A folder or file could not be read.
    case unreadable(String)
    /// A folder is not called `NNNN_name`.
    case badName(String)
    /// Two folders have one number.
    case duplicate(String)
    /// The folder was changed after it had been applied.
    case changed(String)
    /// The database has a migration that these folders do not have: the program is too old.
    case missing(String)
    /// A new folder has a number below one that was applied already.
    case outOfOrder(String)
    /// A statement was refused; nothing of the folder took effect.
    case failed(String, PostgresError)
    /// `after.sql` returned rows; nothing of the folder took effect.
    case checkFailed(String, rows: Int)
    /// The folder's text ends the transaction in which it runs.
    case endedTransaction(String)
}

extension MigrationError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .unreadable(let path): "\(path) cannot be read"
        case .badName(let name): "the migration \(name) is not named NNNN_name"
        case .duplicate(let name): "there are two migrations with the number of \(name)"
        case .changed(let name): "the migration \(name) was changed after it had been applied"
        case .missing(let name):
            "the database has the migration \(name), which this program does not know: a newer "
                + "program has been here"
        case .outOfOrder(let name):
            "the migration \(name) comes before one that was applied already"
        case .failed(let name, let error): "the migration \(name) was refused: \(error)"
        case .checkFailed(let name, let rows):
            "the check after the migration \(name) found \(rows) rows"
        case .endedTransaction(let name): "the migration \(name) ends its own transaction"
        }
    }
}

/// Brings a database to the state that numbered folders describe. Each is applied in a transaction
/// of its own, once, under a lock that all programs share, and may never be changed afterwards.
package struct Migrator: Sendable {
    package let migrations: [Migration]

    /// Any number that no other use of advisory locks in the database has.
    private static let lock: Int64 = 0x41_6B_61_74_6F_72_69
    private static let longest = Duration.seconds(3600)

    /// Reads `NNNN_name/{up,after}.sql`; what is no folder, or begins with a dot, is left alone.
    package init(folder: URL) throws(MigrationError) {
        let manager = FileManager.default
        guard let names = try? manager.contentsOfDirectory(atPath: folder.path) else {
            throw .unreadable(folder.path)
        }
        var found: [Int: Migration] = [:]
        for name in names.sorted() where !name.hasPrefix(".") {
            let place = folder.appending(path: name)
            var isFolder = false
            guard manager.fileExists(atPath: place.path, isDirectory: &isFolder), isFolder else {
                continue
            }
            let digits = name.prefix(4)
            guard digits.count == 4, digits.allSatisfy({ $0.isASCII && $0.isNumber }),
                name.dropFirst(4).first == "_", name.count > 5, let number = Int(digits)
            else { throw .badName(name) }
            guard found[number] == nil else { throw .duplicate(name) }
            let check = place.appending(path: "after.sql")
            found[number] = Migration(
                number: number, name: name,
                up: try Self.text(of: place.appending(path: "up.sql")),
                after: manager.fileExists(atPath: check.path) ? try Self.text(of: check) : "")
        }
        migrations = found.values.sorted { $0.number < $1.number }
    }

    private static func text(of file: URL) throws(MigrationError) -> String {
        guard let text = try? String(contentsOf: file, encoding: .utf8) else {
            throw .unreadable(file.path)
        }
        return text
    }

    /// Applies what is new, and returns it. `message` gets a line for each folder.
    @discardableResult
    package func migrate(
        _ pool: ConnectionPool, message: @Sendable (String) -> Void = { _ in }
    ) async throws -> [Migration] {
        try await pool.withConnection(within: Self.longest) { session in
            // A large migration takes its time, and so does waiting for another program's.
            try await session.script("set statement_timeout = 0; set lock_timeout = 0")
            try await session.query("select pg_advisory_lock(\(Self.lock))")
            try await session.script(
                """
                set client_min_messages = warning;
                create table if not exists public.schema_migration (
                    number integer primary key check (number >= 0),
                    name text not null,
                    digest bytea not null,
                    applied_at timestamptz not null default clock_timestamp())
                """)
            let new = try await pending(session)
            for migration in new {
                message("applying \(migration.name)")
                try await apply(migration, session)
            }
            return new
        }
    }

    /// What a database still lacks. It is enough to be allowed to read `schema_migration`.
    package func pending(_ pool: ConnectionPool) async throws -> [Migration] {
        try await pool.withConnection { session in
            let isThere: Bool = try await session.query(
                "select to_regclass('public.schema_migration') is not null"
            ).only().decode(0)
            return isThere ? try await pending(session) : migrations
        }
    }

    /// What is not applied yet, after a look at what is.
    private func pending(_ session: Session) async throws -> [Migration] {
        let rows = try await session.query(
            "select number, name, digest from public.schema_migration order by number")
        var applied: [Int: (name: String, digest: [UInt8])] = [:]
        for row in rows {
            let (number, name, digest) = try row.decode((Int, String, [UInt8]).self)
            applied[number] = (name, digest)
        }
        for (number, entry) in applied where !migrations.contains(where: { $0.number == number }) {
            throw MigrationError.missing(entry.name)
        }
        let last = applied.keys.max() ?? -1
        var new: [Migration] = []
        for migration in migrations {
            guard let entry = applied[migration.number] else {
                guard migration.number > last else {
                    throw MigrationError.outOfOrder(migration.name)
                }
                new.append(migration)
                continue
            }
            let digest: [UInt8] = try await session.query(
                "select \(migration.digest)"
            ).only().decode(0)
            guard entry.digest == digest, entry.name == migration.name else {
                throw MigrationError.changed(migration.name)
            }
        }
        return new
    }

    private func apply(_ migration: Migration, _ session: Session) async throws {
        do {
            try await session.script("begin")
            try await session.query(
                """
                insert into public.schema_migration (number, name, digest)
                values (\(migration.number), \(migration.name), \(migration.digest))
                """)
            try await session.script(migration.up)
            let found = migration.after.isEmpty ? [] : try await session.script(migration.after)
            let rows = found.reduce(0) { $0 + $1.count }
            guard rows == 0 else {
                throw MigrationError.checkFailed(migration.name, rows: rows)
            }
            // Outside of the transaction COMMIT would only warn, and half of the folder would stay.
            guard session.isInTransaction else {
                throw MigrationError.endedTransaction(migration.name)
            }
            // Settings of one folder are not to reach the next.
            try await session.script("commit")
            try await session.script("reset role; reset search_path")
        } catch let error as PostgresError {
            throw MigrationError.failed(migration.name, error)
        }
    }
}

extension Migration {
    /// SHA-256 over both texts, computed by the server; the length keeps them apart.
    fileprivate var digest: Query {
        let text = Array("\(up.utf8.count)\n\(up)\(after)".utf8)
        return "sha256(\(text))"
    }
}

import CPostgres
import Glibc

/// How connections are opened.
struct LinkSettings: Sendable {
    var connection: String
    var applicationName: String
    var statementTimeout: Duration
    var connectTimeout: Duration

    /// Settings of the session. The server ends statements that run too long, and looks every
    /// second whether the client is still there; the text forms do not depend on its defaults.
    fileprivate var options: String {
        let (seconds, attoseconds) = statementTimeout.components
        let milliseconds = seconds * 1000 + attoseconds / 1_000_000_000_000_000
        return """
            -c statement_timeout=\(milliseconds) -c client_connection_check_interval=1s \
            -c TimeZone=UTC -c DateStyle=ISO -c bytea_output=hex -c IntervalStyle=iso_8601
            """
    }
}

/// One open connection of libpq, used by one thread, never blocking.
final class Link {
    let connection: OpaquePointer
    private let notices: NoticeBox
    var statements: StatementCache

    private final class NoticeBox {
        var collected: [ServerError] = []
    }

    private init(_ connection: OpaquePointer, statementLimit: Int) {
        self.connection = connection
        notices = NoticeBox()
        statements = StatementCache(limit: statementLimit)
        PQsetNoticeReceiver(
            connection,
            { raw, result in
                guard let raw, let result else { return }
                let box = Unmanaged<NoticeBox>.fromOpaque(raw).takeUnretainedValue()
                // What nobody collects must not grow without end.
                if box.collected.count < 64 {
                    box.collected.append(ServerError(result: result))
                }
            }, Unmanaged.passUnretained(notices).toOpaque())
    }

    deinit {
        // The server has to notice at once, whatever state the protocol is in.
        if PQsocket(connection) >= 0 { shutdown(PQsocket(connection), Int32(SHUT_RDWR)) }
        PQfinish(connection)
    }

    var socket: Int32 { PQsocket(connection) }
    var isBroken: Bool { PQstatus(connection) != CONNECTION_OK }
    var isIdle: Bool { PQtransactionStatus(connection) == PQTRANS_IDLE }

    /// libpq's last message, on one line.
    var lastMessage: String { Self.message(of: connection) }

    /// The warnings and notices since the last call.
    func takeNotices() -> [ServerError] {
        defer { notices.collected = [] }
        return notices.collected
    }

    /// Opens a connection, in pipeline mode. `tick` runs while it waits; false ends the attempt.
    static func open(
        _ settings: LinkSettings, statementLimit: Int, waker: Waker, tick: () -> Bool
    ) -> Result<Link, LinkFailure> {
        guard let connection = start(settings) else { return .failure(LinkFailure("no memory")) }
        let end = Deadline.now + settings.connectTimeout
        var state = PGRES_POLLING_WRITING
        while PQstatus(connection) != CONNECTION_BAD && state != PGRES_POLLING_OK {
            guard Deadline.now < end, tick() else {
                PQfinish(connection)
                return .failure(LinkFailure("the server does not answer"))
            }
            let ready = poll(
                socket: PQsocket(connection), reading: state == PGRES_POLLING_READING,
                writing: state == PGRES_POLLING_WRITING, waker: waker,
                until: min(end, .now + .milliseconds(20)))
            if ready.socketIsReadable || ready.socketIsWritable {
                state = PQconnectPoll(connection)
            }
            if state == PGRES_POLLING_FAILED { break }
        }
        guard state == PGRES_POLLING_OK, PQsetnonblocking(connection, 1) == 0,
            PQenterPipelineMode(connection) == 1
        else {
            defer { PQfinish(connection) }
            return .failure(LinkFailure(message(of: connection)))
        }
        return .success(Link(connection, statementLimit: statementLimit))
    }

    private static func start(_ settings: LinkSettings) -> OpaquePointer? {
        // Later words win over those of the connection string in `dbname`.
        let words = [
            ("dbname", settings.connection), ("application_name", settings.applicationName),
            ("client_encoding", "UTF8"),
            ("options", settings.options + " " + ownOptions(of: settings.connection)),
        ]
        var keys: [UnsafePointer<CChar>?] = words.map { UnsafePointer(strdup($0.0)) }
        var values: [UnsafePointer<CChar>?] = words.map { UnsafePointer(strdup($0.1)) }
        defer {
            for pointer in keys + values { free(UnsafeMutableRawPointer(mutating: pointer)) }
        }
        keys.append(nil)
        values.append(nil)
        return PQconnectStartParams(keys, values, 1)
    }

    /// The `options` that the connection string itself has, which win over ours.
    private static func ownOptions(of connection: String) -> String {
        guard let words = PQconninfoParse(connection, nil) else { return "" }
        defer { PQconninfoFree(words) }
        var word = words
        while let keyword = word.pointee.keyword {
            if String(cString: keyword) == "options", let value = word.pointee.val {
                return String(cString: value)
            }
            word += 1
        }
        return ""
    }

    private static func message(of connection: OpaquePointer) -> String {
        let text = PQerrorMessage(connection).map { String(cString: $0) } ?? ""
        return text.split(whereSeparator: \.isNewline).joined(separator: "; ")
    }
}

/// Why a connection could not be opened.
struct LinkFailure: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
}

/// The names of the statements that a connection has prepared; the least recently used one goes.
struct StatementCache {
    struct Key: Hashable {
        let sql: String
        let types: [UInt32]
    }

    private var entries: [Key: (name: String, used: Int)] = [:]
    private var clock = 0
    private let limit: Int

    init(limit: Int) {
        self.limit = max(1, limit)
    }

    var count: Int { entries.count }

    mutating func name(of key: Key) -> String? {
        guard let entry = entries[key] else { return nil }
        clock += 1
        entries[key] = (entry.name, clock)
        return entry.name
    }

    /// Names a new statement. Names are never used twice on a connection.
    mutating func insert(_ key: Key) -> String {
        clock += 1
        let name = "s\(clock)"
        entries[key] = (name, clock)
        return name
    }

    mutating func remove(_ key: Key) {
        entries[key] = nil
    }

    mutating func removeAll() {
        entries = [:]
    }

    /// Takes out what is over the limit, and returns the names to deallocate.
    mutating func evict() -> [String] {
        guard entries.count > limit else { return [] }
        let oldest = entries.sorted { $0.value.used < $1.value.used }
            .prefix(entries.count - limit * 3 / 4)
        for (key, _) in oldest { entries[key] = nil }
        return oldest.map { $0.value.name }
    }
}

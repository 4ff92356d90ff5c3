import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket

/// The word, or the SQLSTATE, with which the database refuses; nil when it does not.
func refused(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch is Undone {
        return nil
    } catch {
        if let refusal = SQLRefusal(error) { return refusal.code }
        return (error as? PostgresError)?.state?.rawValue ?? "\(error)"
    }
}

/// The code with which a use case refuses; nil when it does not.
func refusalCode(_ body: () async throws -> Void) async -> String? {
    do {
        try await body()
        return nil
    } catch {
        return (error as? Refusal)?.code.rawValue ?? "\(error)"
    }
}

func newID<Tag: IDTag>(_: Tag.Type = Tag.self) -> ID<Tag> {
    var random = SystemRandomNumberGenerator()
    return ID(at: Instant(microseconds: 0), using: &random)
}

/// Thrown by tests to undo a transaction whose outcome they have seen.
struct Undone: Error {}

extension ConnectionPool {
    /// What `body` returns, with everything as it was before.
    @discardableResult
    func undone<Value>(_ body: (Transaction) async throws -> Value) async throws -> Value {
        var value: Value?
        do {
            try await transaction { transaction in
                value = try await body(transaction)
                throw Undone()
            }
        } catch is Undone {}
        guard let value else { throw Undone() }
        return value
    }
}

extension ConnectionPool {
    /// The word with which what `body` does is refused; either way nothing of it stays.
    func refusal(_ body: (Transaction) async throws -> Void) async -> String? {
        await refused {
            try await transaction { transaction in
                try await body(transaction)
                throw Undone()
            }
        }
    }
}

extension TestCaller {
    /// First in a transaction of the application. The operation is one that everybody may do.
    func entering(_ operation: String = "getOrganisation") -> Query {
        Caller.enter(request(operation).credential, operation: operation)
    }
}

extension TestMarket {
    /// What the application gets to see and do for a caller, in one transaction of its own: the
    /// rows of the last statement.
    @discardableResult
    func asked(by caller: TestCaller, _ queries: Query...) async throws -> Rows {
        try await app.write(Segment([caller.entering()] + queries))
    }

    /// Runs statements as a superuser, with all triggers and foreign keys out of force: to put rows
    /// where only the rules under test are to judge them.
    func withoutTriggers(_ queries: Query...) async throws {
        try await superuser.pool.transaction { transaction in
            try await transaction.query("set local session_replication_role = replica")
            for query in queries { try await transaction.query(query) }
        }
    }

    /// Many connections of the application, closed afterwards.
    func withConnections<Value>(
        _ count: Int, _ body: (Database) async throws -> Value
    ) async throws -> Value {
        var configuration = DatabaseConfiguration(setup.app, applicationName: "test")
        configuration.pipelineConnections = 1
        configuration.poolConnections = count
        let database = Database(configuration)
        do {
            let value = try await body(database)
            await database.close()
            return value
        } catch {
            await database.close()
            throw error
        }
    }
}

extension TestContract {
    /// A request to the booking function, for the shortest visit unless told otherwise; every one
    /// has a key of its own.
    func call(
        _ specialist: SpecialistID, at starts: Instant, minutes: Int64? = nil, hold: Bool = false,
        by caller: TestCaller? = nil
    ) -> BookingCall {
        let service = terms.rateCard.services[0]
        let booking: BookingID = newID()
        return BookingCall(
            credential: (caller ?? buyer.scheduler).request("bookTime").credential,
            operation: "bookTime", key: "\(booking)", bodyDigest: [UInt8](repeating: 1, count: 32),
            booking: booking, reservation: newID(), contract: id, service: service.code,
            specialist: specialist, starts: starts,
            minutes: minutes ?? service.plannedLengths.minimum, hold: hold)
    }
}

extension BookingCall.Outcome {
    /// The word of the refusal; nil when it was booked.
    var code: String? {
        if case .refused(let code, _) = self { code } else { nil }
    }

    func booking() throws -> BookingID {
        guard case .booked(let answer) = self else { throw Undone() }
        return try BookingID(uuid: answer["id"]?.text ?? "")
    }
}

extension Database {
    /// One call, on a connection of the pool.
    func book(_ call: BookingCall) async throws -> BookingCall.Outcome {
        try await pool.withConnection { session in
            try BookingCall.Outcome(row: await session.query(BookingCall.book([call])).only())
        }
    }
}

extension LifeOfAVisit {
    /// When the contract's clock shows this.
    func instant(_ day: String, _ time: String = "10:00") throws -> Instant {
        try contract.clock.instant(CalendarDate(iso: day), TimeOfDay(time))
    }

    /// A booking, or a hold, of the shortest visit.
    func made(_ day: String, _ time: String = "10:00", hold: Bool = false) async throws -> BookingID
    {
        let call = try contract.call(specialist, at: instant(day, time), hold: hold)
        return try await test.app.book(call).booking()
    }
}

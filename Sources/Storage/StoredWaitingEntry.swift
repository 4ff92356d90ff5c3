import MoneyAndTime
import Organisations
import Postgres

/// A row of `waiting_entry` of the caller's: a visit that it waits for.
package struct StoredWaitingEntry: Sendable {
    package enum State: String, Sendable, CaseIterable {
        case waiting
        /// Time is held for it, until the hold runs out.
        case offered
        /// The offered time was taken.
        case served
        /// Given up by its buyer.
        case left
        /// Nothing came in time.
        case lapsed
    }

    /// What is waited for.
    package struct Details: Sendable {
        package let contract: ContractID
        package let service: String
        /// Nil is whoever has the service's specialty.
        package let specialist: SpecialistID?
        package let minutes: Int64
        /// Within which the visit starts.
        package let wanted: TimeSlot
        /// A place in this session alone; nil where the service is no group session, or is waited
        /// for in any of them.
        package let groupSession: GroupSessionID?
        /// In which the specialist serves; nil is any.
        package let language: String?
        /// Days of the week by the contract's zone; empty is all.
        package let weekdays: Set<Weekday>
        /// Within which the whole visit lies, by the contract's zone.
        package let hours: FoundTime.Hours?
        package let handOver: HandOver

        package init(
            contract: ContractID, service: String, specialist: SpecialistID?, minutes: Int64,
            wanted: TimeSlot, language: String? = nil, weekdays: Set<Weekday> = [],
            hours: FoundTime.Hours? = nil, groupSession: GroupSessionID? = nil,
            handOver: HandOver = .nothing
        ) {
            self.contract = contract
            self.service = service
            self.specialist = specialist
            self.minutes = minutes
            self.wanted = wanted
            self.language = language
            self.weekdays = weekdays
            self.hours = hours
            self.groupSession = groupSession
            self.handOver = handOver
        }
    }

    package let id: WaitingEntryID
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let details: Details
    package let state: State
    /// The hold that is offered, or that was taken.
    package let booking: BookingID?
    /// How many are asked before it; nil where it does not wait.
    package let ahead: Int64?
    package let revision: Int64
    package let createdAt: Instant

    package init(row: Row) throws {
        guard let state = State(rawValue: try row.decode("state")) else {
            throw CellError.malformed("the state of a waiting entry")
        }
        id = try row.decode("id")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        details = try Details(
            contract: row.decode("contract"), service: row.decode("service"),
            specialist: row.decode("specialist"),
            minutes: Int64(row["minutes", Int32.self]),
            wanted: TimeSlot(start: row.decode("wanted_from"), end: row.decode("wanted_until")),
            language: row.decode("language"), weekdays: Self.weekdays(row),
            hours: Self.hours(row), groupSession: row.decode("group_session"),
            handOver: HandOver(
                patient: row["patient_reference", String?.self].map { try PatientReference($0) },
                record: row.decode("record_reference"),
                authorisation: row.decode("authorisation_reference"),
                diary: row.decode("diary_reference"), unit: row.decode("buyer_unit"),
                onBehalfOf: row.decode("on_behalf_of")))
        self.state = state
        booking = try row.decode("booking")
        ahead = try row.decode("ahead")
        revision = try row.decode("revision")
        createdAt = try row.decode("created_at")
    }

    private static func weekdays(_ row: Row) throws -> Set<Weekday> {
        Set((try row["weekdays", [Int64]?.self] ?? []).compactMap { Weekday(rawValue: Int($0)) })
    }

    private static func hours(_ row: Row) throws -> FoundTime.Hours? {
        guard let from = try row["from_minute", Int32?.self],
            let until = try row["until_minute", Int32?.self]
        else { return nil }
        return FoundTime.Hours(
            from: try TimeOfDay(minuteOfDay: Int(from)),
            until: try TimeOfDay(minuteOfDay: Int(until)))
    }

    private static let columns: Query = """
        select id, contract, seller, buyer, service, specialist, minutes,
            lower(wanted) as wanted_from, upper(wanted) as wanted_until, language,
            weekdays::bigint[] as weekdays, from_minute, until_minute, group_session,
            patient_reference, record_reference, authorisation_reference, diary_reference,
            buyer_unit, on_behalf_of, state, booking, p.ahead, revision, created_at
        from waiting_entry w left join waiting_places() p on p.entry = w.id
        """

    package static func find(_ id: WaitingEntryID) -> Query { "\(columns) where id = \(id)" }

    package static func lock(_ id: WaitingEntryID) -> Query {
        "\(columns) where id = \(id) for update of w"
    }

    /// Oldest first.
    package static func page(state: State?, after: WaitingEntryID?, limit: Int) -> Query {
        """
        \(columns) where (\(state?.rawValue)::text is null or state = \(state?.rawValue)::text)
            and (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    /// Of which kind a service is: its specialty, and whether it is sold as places in sessions.
    package struct Kind: Sendable {
        package let specialty: String
        package let isInSessions: Bool

        package init(specialty: String, isInSessions: Bool) {
            self.specialty = specialty
            self.isInSessions = isInSessions
        }
    }

    /// The entry, and the deadlines at which it is looked after and at which it lapses.
    package static func insert(
        _ id: WaitingEntryID, _ details: Details, _ kind: Kind, until end: Instant,
        seller: OrganisationID, buyer: OrganisationID
    ) -> [Query] {
        let weekdays = details.weekdays.map { Int64($0.rawValue) }.sorted()
        return [
            """
            insert into waiting_entry (id, contract, seller, buyer, service, specialty, specialist,
                minutes, in_sessions, group_session, wanted, language, weekdays, from_minute,
                until_minute, patient_reference, record_reference, authorisation_reference,
                diary_reference, buyer_unit, on_behalf_of)
            values (\(id), \(details.contract), \(seller), \(buyer), \(details.service),
                \(kind.specialty), \(details.specialist), \(Int32(clamping: details.minutes)),
                \(kind.isInSessions), \(details.groupSession),
                tstzrange(\(details.wanted.start), \(details.wanted.end)), \(details.language),
                \(weekdays.isEmpty ? nil : weekdays)::smallint[],
                \(details.hours?.from.minuteOfDay)::int, \(details.hours?.until.minuteOfDay)::int,
                \(details.handOver.patient?.text), \(details.handOver.record),
                \(details.handOver.authorisation), \(details.handOver.diary),
                \(details.handOver.unit), \(details.handOver.onBehalfOf))
            """,
            """
            insert into deadline (due_at, kind, subject, organisation)
            values (\(end), 'waiting_end', \(id), \(buyer)),
                (market_now(), 'waiting_look', \(id), \(buyer))
            """,
        ]
    }

    /// Given up, or lapsed; returns the revision.
    package static func end(_ id: WaitingEntryID, as state: State) -> Query {
        """
        update waiting_entry set state = \(state.rawValue), revision = revision + 1
        where id = \(id) returning revision
        """
    }

    /// What the contract says of a service at some time of a range: the lengths that it can have,
    /// in the versions that are valid then, and the hand-over that it asks for.
    package static func service(_ details: Details) -> Query {
        """
        select s.specialty, s.minimum_minutes, s.maximum_minutes, s.step_minutes, s.capacity,
            s.required
        from contract_service s
        join contract_version v on v.contract = s.contract and v.number = s.number
        where s.contract = \(details.contract) and s.service = \(details.service)
            and v.signed_at is not null
            and v.effective && tstzrange(\(details.wanted.start), \(details.wanted.end))
        order by s.number desc
        """
    }
}

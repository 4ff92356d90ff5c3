import MoneyAndTime
import Postgres
import Scheduling
import StrictJSON

/// A row of `booking`.
package struct StoredBooking: Sendable {
    package let id: BookingID
    package let contract: ContractID
    package let version: Int64
    package let service: String
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let specialist: SpecialistID
    /// What the seller says of the specialist; both parties may read it.
    package let specialistLabel: String
    package let planned: TimeSlot
    package let period: String
    package let quote: Money
    package let state: BookingLife.Name
    package let holdExpiresAt: Instant?
    package let patientReference: String?
    package let recordReference: String?
    package let authorisationReference: String?
    package let diaryReference: String?
    /// The buyer's unit for which, and the member for whom, it was booked.
    package let buyerUnit: UnitID?
    package let onBehalfOf: MemberID?
    /// What it was booked together with.
    package let series: SeriesID?
    /// In which it was placed.
    package let block: BlockID?
    /// The session with others in which it has a place.
    package let groupSession: GroupSessionID?
    package let cancelledBy: OrganisationID?
    package let cancellationFee: Money?
    package let cancellationReason: String?
    package let icalSequence: Int64
    package let revision: Int64
    package let createdAt: Instant
    /// The buyer's own rooms and staff that it takes, `{id, kind, name}` each; empty for others.
    package let resources: [StoredResource.Named]
    /// In each language, what the contract's service asks to be done before the visit.
    package let instructions: JSON

    package init(row: Row) throws {
        id = try row.decode("id")
        contract = try row.decode("contract")
        version = try row.decode("version")
        service = try row.decode("service")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        specialist = try row.decode("specialist")
        specialistLabel = try row.decode("specialist_label")
        planned = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        period = try row.decode("period")
        quote = try row.decode("quote")
        guard let state = BookingLife.Name(rawValue: try row.decode("state")) else {
            throw CellError.malformed("a booking's state")
        }
        self.state = state
        holdExpiresAt = try row.decode("hold_expires_at")
        patientReference = try row.decode("patient_reference")
        recordReference = try row.decode("record_reference")
        authorisationReference = try row.decode("authorisation_reference")
        diaryReference = try row.decode("diary_reference")
        buyerUnit = try row.decode("buyer_unit")
        onBehalfOf = try row.decode("on_behalf_of")
        series = try row.decode("series")
        block = try row.decode("block")
        groupSession = try row.decode("group_session")
        cancelledBy = try row.decode("cancelled_by")
        cancellationFee = try row.decode("cancellation_fee")
        cancellationReason = try row.decode("cancellation_reason")
        icalSequence = try row.decode("ical_sequence")
        revision = try row.decode("revision")
        createdAt = try row.decode("created_at")
        resources = try StoredResource.Named.list(row["resources", String.self])
        instructions = try row["instructions", String?.self].map { try JSON.parse($0) } ?? .null
    }

    /// The booking as the rules of `Scheduling` see it.
    package var life: BookingLife {
        get throws {
            let state: BookingLife.State =
                switch self.state {
                case .held:
                    .held(until: holdExpiresAt ?? planned.start)
                case .booked: .booked
                case .closed: .closed
                case .released: .released
                case .expired: .expired
                case .cancelled: .cancelled
                }
            return BookingLife(state: state, planned: planned)
        }
    }

    static let names: Query = """
        id, contract, version, service, seller, buyer, specialist,
            specialist_label(id) as specialist_label, lower(planned) as starts,
            upper(planned) as ends, period, quote, state, hold_expires_at, patient_reference,
            record_reference, authorisation_reference, diary_reference, buyer_unit, on_behalf_of,
            series, block, group_session, cancelled_by, cancellation_fee, cancellation_reason,
            ical_sequence, revision, created_at, booking_resources(id)::text as resources,
            (select s.instructions::text from contract_service s where s.contract = booking.contract
                and s.number = booking.version and s.service = booking.service) as instructions
        """

    private static let columns: Query = "select \(names) from booking"

    package static func find(_ id: BookingID) -> Query {
        "\(columns) where id = \(id)"
    }

    package static func find(_ ids: [BookingID]) -> Query {
        "\(columns) where id = any (\(ids))"
    }

    /// Locks the booking; its budget counter is to be locked before (`BudgetCounter.lock`).
    package static func lock(_ id: BookingID) -> Query {
        "\(columns) where id = \(id) for update"
    }

    package static func page(
        state: BookingLife.Name?, from: Instant?, until: Instant?, series: SeriesID?,
        after: BookingID?, limit: Int
    ) -> Query {
        """
        \(columns) where (\(state?.rawValue)::text is null or state = \(state?.rawValue)::text)
            and (\(from)::timestamptz is null or lower(planned) >= \(from)::timestamptz)
            and (\(until)::timestamptz is null or lower(planned) < \(until)::timestamptz)
            and (\(series)::uuid is null or series = \(series)::uuid)
            and (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    /// Along a legal transition; the database refuses any other (invariant 6).
    package static func move(_ id: BookingID, to state: BookingLife.Name) -> Query {
        """
        update booking set state = \(state.rawValue), revision = revision + 1 where id = \(id)
        returning revision
        """
    }

    package static func cancel(
        _ id: BookingID, by organisation: OrganisationID?, fee: Money, reason: String?
    ) -> Query {
        """
        update booking set state = 'cancelled', cancelled_by = \(organisation),
            cancellation_fee = \(fee), cancellation_reason = \(reason),
            revision = revision + 1
        where id = \(id) returning revision
        """
    }

    /// The reservation ends and its time can be found again.
    package static func freeReservation(of id: BookingID) -> Query {
        "select free_reservation(\(id))"
    }

    /// The handshake of a visit that has just been booked.
    package static func openHandshake(of id: BookingID) -> Query {
        "select open_handshake(\(id))"
    }

    /// An accepted counter-proposal; refused with everything as it was. The counters of both
    /// periods are locked before (`BudgetCounter.lock`).
    package static func move(_ id: BookingID, toStart start: Instant) -> Query {
        "select move_booking(\(id), \(start))"
    }

    /// The same by the buyer alone, to the time of one of the seller's specialists: the contract
    /// must open booking, and its notice and horizon bind.
    package static func move(
        _ id: BookingID, toStart start: Instant, of specialist: SpecialistID
    ) -> Query {
        "select move_booking(\(id), \(start), \(specialist), true)"
    }
}

import MoneyAndTime
import Organisations
import Postgres
import StrictJSON
import Visits

/// A request for someone at once, as one who has a part in it sees it: its buyer all of it, a
/// seller what it was asked itself.
package struct StoredDemand: Sendable {
    package enum State: String, Sendable, CaseIterable {
        case open, accepted
        /// Taken back by its buyer.
        case withdrawn
        case expired
        /// What a seller reads of what was withdrawn, or is somebody else's.
        case ended
    }

    /// What is asked of one seller.
    package struct Ask: Sendable {
        package let contract: ContractID
        package let service: String
        package let seller: OrganisationID
        package let state: ResponseTime.Ending
        package let endedAt: Instant?
        package let booking: BookingID?
        /// How many of its specialists are at hand for it now; nil for the seller itself.
        package let atHand: Int64?
    }

    package let id: DemandID
    package let buyer: OrganisationID
    package let minutes: Int64
    package let language: String?
    package let askedAt: Instant
    package let expiresAt: Instant
    package let state: State
    /// Nothing of it is told to a seller.
    package let handOver: HandOver
    package let asks: [Ask]
    package let revision: Int64

    package var booking: BookingID? { asks.lazy.compactMap(\.booking).first }

    /// From the rows of one request.
    private init?(_ rows: [Row]) throws {
        guard let first = rows.first else { return nil }
        asks = try rows.map(Ask.init(row:))
        let whole = try first["whole", String?.self]
        guard let state = State(rawValue: whole ?? asks[0].state.rawValue) else {
            throw CellError.malformed("the state of a request")
        }
        self.state = state
        id = try first.decode("demand")
        buyer = try first.decode("buyer")
        minutes = Int64(try first["minutes", Int32.self])
        language = try first.decode("language")
        askedAt = try first.decode("asked_at")
        expiresAt = try first.decode("expires_at")
        handOver = try HandOver(
            patient: first["patient_reference", String?.self].map { try PatientReference($0) },
            record: first.decode("record_reference"),
            authorisation: first.decode("authorisation_reference"),
            diary: first.decode("diary_reference"), unit: first.decode("buyer_unit"),
            onBehalfOf: first.decode("on_behalf_of"))
        revision = try first["revision", Int64?.self] ?? 0
    }

    /// From rows in which those of one request follow each other.
    package static func all(_ rows: Rows) throws -> [StoredDemand] {
        var grouped: [(id: DemandID, rows: [Row])] = []
        for row in rows {
            let id: DemandID = try row.decode("demand")
            if grouped.last?.id == id {
                grouped[grouped.count - 1].rows.append(row)
            } else {
                grouped.append((id, [row]))
            }
        }
        return try grouped.compactMap { try StoredDemand($0.rows) }
    }

    private static func lines(of demands: Query) -> Query {
        """
        with chosen as materialized (\(demands))
        select a.demand, a.buyer, a.minutes, a.language, a.asked_at, a.expires_at, a.contract,
            a.service, a.seller, demand_state(a.state, a.expires_at) as state, a.booking,
            coalesce(a.ended_at, case when a.expires_at <= market_now() then a.expires_at end)
                as ended_at, h.at_hand,
            demand_state(d.state, d.expires_at) as whole, d.patient_reference, d.record_reference,
            d.authorisation_reference, d.diary_reference, d.buyer_unit, d.on_behalf_of, d.revision
        from chosen c join demand_ask a on a.demand = c.demand
        left join demand d on d.id = a.demand
        left join demand_at_hand(array(select demand from chosen)) h
            on h.demand = a.demand and h.contract = a.contract
        order by a.demand desc, a.contract
        """
    }

    package static func find(_ id: DemandID) -> Query {
        lines(of: "select \(id)::uuid as demand")
    }

    /// Newest first.
    package static func page(state: State?, after: DemandID?, limit: Int) -> Query {
        lines(
            of: """
                select distinct a.demand from demand_ask a left join demand d on d.id = a.demand
                where (\(after)::uuid is null or a.demand < \(after)::uuid)
                    and (\(state?.rawValue)::text is null or \(state?.rawValue)::text
                        = demand_state(coalesce(d.state, a.state), a.expires_at))
                order by a.demand desc limit \(limit)
                """)
    }

    /// What a buyer asks of whom.
    package struct Wanted: Sendable {
        package let asks: [(contract: ContractID, service: String)]
        package let minutes: Int64
        /// By when somebody accepts, from now.
        package let answerMinutes: Int64
        package let language: String?
        package let handOver: HandOver

        package init(
            asks: [(contract: ContractID, service: String)], minutes: Int64, answerMinutes: Int64,
            language: String? = nil, handOver: HandOver = .nothing
        ) {
            self.asks = asks
            self.minutes = minutes
            self.answerMinutes = answerMinutes
            self.language = language
            self.handOver = handOver
        }
    }

    package static func ask(_ id: DemandID, _ wanted: Wanted) -> Query {
        let asks = JSON.array(
            wanted.asks.map {
                ["contract": JSON($0.contract.uuidString), "service": JSON($0.service)]
            })
        let given = wanted.handOver
        return """
            select ask_now(\(id), \(asks.compactText)::jsonb,
                \(Int32(clamping: wanted.minutes)), \(Int32(clamping: wanted.answerMinutes)),
                \(wanted.language)::text, \(given.patient?.text)::text, \(given.record)::text,
                \(given.authorisation)::text, \(given.diary)::text, \(given.unit)::uuid,
                \(given.onBehalfOf)::uuid)
            """
    }

    package static func accept(
        _ id: DemandID, _ specialist: SpecialistID, booking: BookingID, reservation: ReservationID
    ) -> Query {
        "select accept_demand(\(id), \(specialist), \(booking), \(reservation))"
    }

    package static func withdraw(_ id: DemandID) -> Query { "select withdraw_demand(\(id))" }

    package static func expire(_ id: DemandID) -> Query { "select expire_demand(\(id))" }
}

extension StoredDemand.Ask {
    fileprivate init(row: Row) throws {
        guard let state = ResponseTime.Ending(rawValue: try row.decode("state")) else {
            throw CellError.malformed("the state of a request")
        }
        contract = try row.decode("contract")
        service = try row.decode("service")
        seller = try row.decode("seller")
        self.state = state
        endedAt = state == .open ? nil : try row.decode("ended_at")
        booking = try row.decode("booking")
        atHand = try row.decode("at_hand")
    }
}

/// What was asked under one contract, with what came of it.
package struct StoredResponseTime: Sendable {
    package let demand: DemandID
    package let service: String
    package let minutes: Int64
    package let time: ResponseTime
    package let booking: BookingID?
    /// Of the visit that was made of it.
    package let specialistLabel: String?

    package init(row: Row) throws {
        guard let ending = ResponseTime.Ending(rawValue: try row.decode("state")) else {
            throw CellError.malformed("the state of a request")
        }
        demand = try row.decode("demand")
        service = try row.decode("service")
        minutes = Int64(try row["minutes", Int32.self])
        time = try ResponseTime(
            asked: row.decode("asked_at"), ending: ending, accepted: row.decode("ended_at"),
            met: row.decode("met_at"))
        booking = try row.decode("booking")
        specialistLabel = try row.decode("specialist_label")
    }

    /// Of a month on the wall of the contract's zone, in the order in which they were asked.
    package static func all(
        under contract: ContractID, first: CalendarDate, last: CalendarDate, limit: Int
    ) -> Query {
        """
        select a.demand, a.service, a.minutes, a.asked_at, a.ended_at, a.booking,
            demand_state(a.state, a.expires_at) as state,
            (select (m.intervals -> 0 ->> 'from')::timestamptz from visit_minutes m
                where m.booking = a.booking) as met_at,
            case when a.booking is not null then specialist_label(a.booking) end
                as specialist_label
        from demand_ask a
        join contract_version v on v.contract = a.contract and v.number = a.version
        where a.contract = \(contract)
            and (a.asked_at at time zone v.time_zone)::date between \(first) and \(last)
        order by a.asked_at, a.demand limit \(limit)
        """
    }
}

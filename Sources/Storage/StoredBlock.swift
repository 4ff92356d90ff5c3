import MoneyAndTime
import Postgres
import Scheduling
import StrictJSON

/// A row of `block`: a stretch of a specialist's time that a contract sells whole.
package struct StoredBlock: Sendable {
    package let id: BlockID
    package let contract: ContractID
    package let version: Int64
    /// Which of the blocks of the contract's version, from nought.
    package let term: Int64
    package let service: String
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let specialist: SpecialistID
    /// What the seller says of the specialist; both parties may read it.
    package let specialistLabel: String
    package let during: TimeSlot
    /// The key of the billing period in which it begins.
    package let period: String
    /// The buyer's.
    package let room: String?
    package let nurse: Bool
    package let placeUntil: Instant
    /// The share of its price that unused time costs.
    package let unusedFee: Percentage
    package let reoffer: Bool
    package let state: Block.State
    /// Whether what no visit takes is for sale to everyone.
    package let isOnSale: Bool
    package let settledAt: Instant?
    package let revision: Int64

    package init(row: Row) throws {
        guard let state = Block.State(rawValue: try row.decode("state")) else {
            throw CellError.malformed("a block's state")
        }
        id = try row.decode("id")
        contract = try row.decode("contract")
        version = try row.decode("version")
        term = try row.decode("term")
        service = try row.decode("service")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        specialist = try row.decode("specialist")
        specialistLabel = try row.decode("specialist_label")
        during = try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
        period = try row.decode("period")
        room = try row.decode("room")
        nurse = try row.decode("nurse")
        placeUntil = try row.decode("place_until")
        unusedFee = try Percentage(basisPoints: row.decode("unused_fee"))
        reoffer = try row.decode("reoffer")
        self.state = state
        isOnSale = try row.decode("on_sale")
        settledAt = try row.decode("settled_at")
        revision = try row.decode("revision")
    }

    /// As the rules of `Scheduling` see it, with the places that are taken.
    package func block(taken: [TimeSlot]) -> Block {
        Block(during: during, placeUntil: placeUntil, state: state, taken: taken)
    }

    private static let columns: Query = """
        select id, contract, version::bigint as version, term::bigint as term, service, seller,
            buyer, specialist, block_specialist_label(id) as specialist_label,
            lower(during) as starts, upper(during) as ends, period, room, nurse, place_until,
            unused_fee::bigint as unused_fee, reoffer, state, on_sale, settled_at, revision
        """

    package static func find(_ id: BlockID) -> Query { "\(columns) from block where id = \(id)" }

    package static func find(_ ids: [BlockID]) -> Query {
        "\(columns) from block where id = any (\(ids)) order by lower(during), id"
    }

    /// Oldest first.
    package static func page(
        contract: ContractID?, from: Instant?, until: Instant?, after: BlockID?, limit: Int
    ) -> Query {
        """
        \(columns) from block
        where (\(contract)::uuid is null or contract = \(contract)::uuid)
            and (\(from)::timestamptz is null or upper(during) > \(from)::timestamptz)
            and (\(until)::timestamptz is null or lower(during) < \(until)::timestamptz)
            and (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    /// Those that an absence would give up, in order.
    package static func touched(
        of specialists: [SpecialistID], in slot: TimeSlot, now: Instant
    ) -> Query {
        """
        \(columns) from block
        where specialist = any (\(specialists))
          and during && tstzrange(\(slot.start), \(slot.end))
          and state <> 'withdrawn' and settled_at is null and upper(during) > \(now)
        order by lower(during), id
        """
    }

    /// Locks the counter of its period, then the block; `notFound` for who is no party of it.
    package static func lock(_ id: BlockID) -> Query { "\(columns) from lock_block(\(id))" }

    /// Ends placing; the block as it is then.
    package static func endPlacing(_ id: BlockID, as state: Block.State) -> Query {
        "\(columns) from end_placing(\(id), \(state.rawValue))"
    }

    /// Whether it is to be settled later, since minutes of its visits are not known yet.
    package static func waitsForMinutes(_ id: BlockID) -> Query {
        "select waits_for_minutes(\(id)) as waits"
    }

    /// It is over, and its charge written; returns the revision.
    package static func settle(_ id: BlockID) -> Query {
        "select settle_block(\(id)) as revision"
    }

    /// The stretches that are paid by no visit, in order.
    package static func unused(of id: BlockID) -> Query {
        "select starts, ends from unused_of_block(\(id))"
    }

    /// The visits that have a place in these blocks, in order.
    package static func visits(of ids: [BlockID]) -> Query {
        """
        select \(StoredBooking.names) from booking
        where block = any (\(ids)) and state in ('held', 'booked', 'closed')
        order by lower(planned), id
        """
    }
}

/// The calls that make blocks and place visits in them.
package enum BlockCall {
    /// A visit to be placed.
    package struct Visit: Sendable {
        package let booking: BookingID
        package let starts: Instant
        package let minutes: Int64
        package let handOver: HandOver

        package init(
            booking: BookingID, starts: Instant, minutes: Int64, handOver: HandOver
        ) {
            self.booking = booking
            self.starts = starts
            self.minutes = minutes
            self.handOver = handOver
        }

        fileprivate func json(ordinal: Int) -> JSON {
            let members: [(String, JSON)] = [
                ("ordinal", JSON(ordinal)), ("booking", JSON(booking.uuidString)),
                ("starts", JSON(starts.rfc3339)), ("minutes", JSON(minutes)),
            ]
            return .object(JSONObject(members + handOver.members))
        }
    }

    /// One row: `is_done`, and `decisions`, each `{ordinal, booking}` or `{ordinal, refusal,
    /// figures}`. Nothing is placed unless all are.
    package static func place(_ visits: [Visit], in block: BlockID) -> Query {
        let requests = JSON.array(visits.enumerated().map { $1.json(ordinal: $0) })
        return """
            select is_placed as is_done, decisions::text as decisions
            from place_visits(\(block), \(requests.compactText)::jsonb)
            """
    }

    /// One row: `is_done`, and `decisions` in the order of the slots, each `{block}` or
    /// `{refusal, figures}`. Nothing is made unless all are.
    package static func make(
        _ blocks: [(id: BlockID, slot: TimeSlot)], of contract: ContractID, term: Int64,
        specialist: SpecialistID
    ) -> Query {
        let wanted = JSON.array(
            blocks.map { block in
                [
                    "id": JSON(block.id.uuidString), "starts": JSON(block.slot.start.rfc3339),
                    "ends": JSON(block.slot.end.rfc3339),
                ]
            })
        return """
            select is_made as is_done, decisions::text as decisions
            from make_blocks(\(contract), \(Int32(clamping: term)), \(specialist),
                \(wanted.compactText)::jsonb)
            """
    }
}

/// What `verify` reads of blocks: every query is empty when all is in order.
package enum BlockRecords {
    /// Visits that are not within the block that they are placed in, or take its time otherwise.
    package static let misplaced: Query = """
        select b.id from booking b join block k on k.id = b.block
        join reservation r on r.id = b.reservation
        where b.state in ('held', 'booked', 'closed') and (r.block is not null
            and (r.block <> k.id or not k.during @> b.planned or b.state = 'booked' and not r.live
                or b.specialist <> k.specialist)
            or exists (select from booking o where o.block = k.id and o.id <> b.id
                and o.state in ('held', 'booked', 'closed') and o.planned && b.planned))
        order by b.id
        """

    /// Blocks that do not hold the time that is still their buyer's, or hold what is on sale.
    package static let unreserved: Query = """
        select k.id from block k
        where case when k.on_sale
            then exists (select from reservation r where r.block = k.id and r.live
                and not exists (select from booking b where b.block = k.id
                    and b.state in ('booked', 'closed') and r.occupied @> b.planned))
            else not exists (select from reservation r where r.block = k.id and r.live
                and r.specialist = k.specialist and r.occupied @> k.during) end
        order by k.id
        """
}

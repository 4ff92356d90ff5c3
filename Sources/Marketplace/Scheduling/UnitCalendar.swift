import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON

extension Market {
    /// The time of every active specialist of one of the caller's units in a stretch of time: what
    /// is for sale, taken, in blocks and group sessions, and why it is not for sale.
    package func unitCalendar(
        _ request: Request, of unit: UnitID, from: Instant, until: Instant
    ) async throws -> Answer {
        let asked = try Self.askedStretch(from, until)
        return try await view(request) { transaction, caller in
            guard let row = try await transaction.query(StoredUnit.find(unit)).atMostOne() else {
                throw Refusal(.notFound)
            }
            let people = try await transaction.query(StoredSpecialist.active(of: unit))
                .map { try StoredSpecialist(row: $0).specialist }
            let week = try await Week(
                of: people.map(\.id), in: asked, now: caller.now, transaction)
            let stored = try StoredUnit(row: row)
            return Answer([
                "unit": JSON(unit.description), "name": JSON(stored.name),
                "time_zone": JSON(stored.timeZone),
                "from": JSON(from.rfc3339), "until": JSON(until.rfc3339),
                "specialists": .array(
                    people.map { person in
                        let own: [(String, JSON)] = [
                            ("specialist", JSON(person.id.description)),
                            ("label", JSON(person.displayLabel)),
                            ("windows", week.windows(of: person.id)),
                            ("taken", week.taken(of: person.id)),
                        ]
                        return .object(JSONObject(own + week.around(person.id)))
                    }),
            ])
        }
    }

    /// Blocks, group sessions, and why a specialist is not for sale, as the calendar of one shows
    /// them.
    func around(
        _ specialist: SpecialistID, in slot: TimeSlot, _ transaction: Transaction
    ) async throws -> [(String, JSON)] {
        try await Week.Around(of: [specialist], in: slot, transaction).json(of: specialist)
    }

    /// Stretches of many specialists, each under whose it is.
    private struct Week: Sendable {
        private let windows: [SpecialistID: [StoredCalendar.Window]]
        private let taken: [SpecialistID: [StoredWeek.Piece]]
        private let around: Around

        init(
            of specialists: [SpecialistID], in slot: TimeSlot, now: Instant,
            _ transaction: Transaction
        ) async throws {
            windows = Dictionary(
                grouping: try await transaction.query(
                    StoredCalendar.windows(of: specialists, in: slot)
                ).map(StoredCalendar.Window.init(row:)), by: \.specialist)
            taken = Dictionary(
                grouping: try await transaction.query(
                    StoredWeek.taken(of: specialists, in: slot, now: now)
                ).map(StoredWeek.Piece.init(row:)), by: \.specialist)
            around = try await Around(of: specialists, in: slot, transaction)
        }

        func windows(of id: SpecialistID) -> JSON {
            windows[id, default: []].map(\.slot).json
        }

        func taken(of id: SpecialistID) -> JSON {
            .array(
                taken[id, default: []].map {
                    .object(JSONObject($0.slot.members + [("state", JSON($0.kind))]))
                })
        }

        func around(_ id: SpecialistID) -> [(String, JSON)] { around.json(of: id) }

        /// What is neither for sale nor a visit.
        struct Around: Sendable {
            private let blocks: [SpecialistID: [StoredWeek.Named<BlockTag>]]
            private let sessions: [SpecialistID: [StoredWeek.Named<GroupSessionTag>]]
            private let away: [SpecialistID: [StoredWeek.Named<SalePauseTag>]]

            init(
                of specialists: [SpecialistID], in slot: TimeSlot, _ transaction: Transaction
            ) async throws {
                blocks = Dictionary(
                    grouping: try await transaction.query(
                        StoredWeek.blocks(of: specialists, in: slot)
                    ).map(StoredWeek.Named<BlockTag>.init(row:)), by: \.piece.specialist)
                sessions = Dictionary(
                    grouping: try await transaction.query(
                        StoredWeek.sessions(of: specialists, in: slot)
                    ).map(StoredWeek.Named<GroupSessionTag>.init(row:)), by: \.piece.specialist)
                away = Dictionary(
                    grouping: try await transaction.query(
                        StoredWeek.away(of: specialists, in: slot)
                    ).map(StoredWeek.Named<SalePauseTag>.init(row:)), by: \.piece.specialist)
            }

            func json(of id: SpecialistID) -> [(String, JSON)] {
                let blocks = blocks[id, default: []].map { block -> JSON in
                    .object(
                        JSONObject(
                            block.piece.slot.members + [
                                ("block", JSON(block.id?.description)),
                                ("state", JSON(block.piece.kind)),
                            ]))
                }
                let sessions = sessions[id, default: []].map { session -> JSON in
                    .object(
                        JSONObject(
                            session.piece.slot.members + [
                                ("group_session", JSON(session.id?.description))
                            ]))
                }
                let away = away[id, default: []].map { away -> JSON in
                    .object(
                        JSONObject(
                            away.piece.slot.members + [
                                ("why", JSON(away.piece.kind)),
                                ("sale_pause", JSON(away.id?.description)),
                            ]))
                }
                return [
                    ("blocks", .array(blocks)), ("group_sessions", .array(sessions)),
                    ("away", .array(away)),
                ]
            }
        }
    }
}

import Contracts
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import StrictJSON

extension Market {
    /// The most blocks that are made at once, and the most days that are looked through for them.
    package static let mostBlocks = 60
    package static let longestBlockDays: Int64 = 366

    /// Which of a contract's blocks a seller makes, with whom, and on which days: every one from
    /// the first to the last that has the block's weekday.
    package struct WantedBlocks: Sendable {
        package let contract: ContractID
        /// Which of the contract's blocks, from nought.
        package let term: Int64
        package let specialist: SpecialistID
        package let from: CalendarDate
        package let through: CalendarDate

        package init(
            contract: ContractID, term: Int64, specialist: SpecialistID, from: CalendarDate,
            through: CalendarDate
        ) {
            self.contract = contract
            self.term = term
            self.specialist = specialist
            self.from = from
            self.through = through
        }
    }

    /// Makes all of them or none (`blocks_refused`, with the reason of each day). The days are
    /// expanded here, each by the version that rules it; the database decides.
    package func makeBlocks(_ request: Request, _ wanted: WantedBlocks) async throws -> Answer {
        try await change(request) { transaction, _ in
            let days = try await days(of: wanted, in: transaction)
            let blocks = days.map { (id: newID(BlockTag.self), slot: $0.slot) }
            let result = try await transaction.query(
                BlockCall.make(
                    blocks, of: wanted.contract, term: wanted.term,
                    specialist: wanted.specialist)
            ).only()
            let decisions = try Decision.all(of: result)
            guard try result["is_done", Bool.self] else {
                throw Refusal(
                    .blocksRefused,
                    figures: [
                        "days": .array(
                            zip(days, decisions).map {
                                ["day": JSON($0.day.iso), "refusal": $1.refusal]
                            })
                    ])
            }
            var sheets: [JSON] = []
            for block in blocks {
                sheets.append(try await blockSheet(of: block.id, in: transaction).body)
            }
            return Answer(
                ["blocks": .array(sheets)], location: "/v1/blocks?contract=\(wanted.contract)")
        }
    }

    private func days(
        of wanted: WantedBlocks, in transaction: Transaction
    ) async throws -> [(day: CalendarDate, slot: TimeSlot)] {
        let count = wanted.through.days(since: wanted.from)
        guard (0..<Int(Self.longestBlockDays)).contains(count) else {
            throw InvalidInput(
                pointer: "/through", code: "out_of_range",
                message: "must be from 0 to \(Self.longestBlockDays - 1) days after from")
        }
        let rows = try await transaction.query(
            """
            select v.document, lower(v.effective) as starts, upper(v.effective) as ends
            from contract c join contract_version v on v.contract = c.id
            where c.id = \(wanted.contract) and c.seller = current_organisation()
              and v.signed_at is not null
            order by v.number
            """)
        guard !rows.isEmpty else { throw Refusal(.notFound) }
        let versions = try rows.map { row in
            (
                terms: try documents.document(row["document", [UInt8].self]).terms,
                effective: try TimeSlot(start: row.decode("starts"), end: row.decode("ends"))
            )
        }
        var days: [(day: CalendarDate, slot: TimeSlot)] = []
        for step in 0...count {
            let day = try wanted.from.adding(days: step)
            for version in versions where version.terms.blocks.indices.contains(Int(wanted.term)) {
                let block = version.terms.blocks[Int(wanted.term)]
                guard let slot = block.slot(on: day, version.terms.clock),
                    version.effective.contains(slot.start)
                else { continue }
                days.append((day, slot))
            }
        }
        guard !days.isEmpty else { throw Refusal(.blockNotInContract) }
        guard days.count <= Self.mostBlocks else {
            throw InvalidInput(
                pointer: "/through", code: "out_of_range",
                message: "must leave at most \(Self.mostBlocks) blocks")
        }
        return days
    }

    /// What the database decided on one of several things that are done together.
    struct Decision {
        let ordinal: Int64?
        /// `{code, figures}`, or null.
        let refusal: JSON

        init(_ decision: JSON) throws {
            ordinal = decision["ordinal"]?.integer
            guard let code = decision["refusal"]?.text else {
                refusal = .null
                return
            }
            guard let known = RefusalCode(rawValue: code) else {
                throw UnnamedRefusal(code: code)
            }
            let figures = decision["figures"] ?? .object([:])
            refusal = [
                "code": JSON(known.rawValue),
                "figures": known.told(figures),
            ]
        }

        static func all(of row: Row) throws -> [Decision] {
            try (JSON.parse(row["decisions", String.self]).elements ?? []).map(Decision.init)
        }
    }
}

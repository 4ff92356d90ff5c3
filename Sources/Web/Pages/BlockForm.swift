import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Making blocks of a contract: which one, with whom, from when to when.
enum BlockForm {
    /// One of the blocks of the visitor's contracts as a seller.
    private struct Offered {
        let contract: String
        let term: Int
        let text: String

        var value: String { "\(contract) \(term)" }
    }

    static func show(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        return try await show(visitor, visitor.request.query, FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ typed: FormFields, _ errors: FieldErrors, status: Int,
        refused: [[String: Any]] = []
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let offered = try await offered(visitor)
        let own = try await OwnSpecialist.all(visitor)
        let today = login.zone.date(of: login.now)
        func question(_ id: String, _ choices: [Choice]) -> [String: Any] {
            Choice.field(
                id, visitor.say(id == "specialist" ? "specialist" : "blocks_which"), choices,
                selected: typed.text(id),
                error: errors.message(of: id).map { visitor.say($0) })
        }
        func day(_ id: String, _ value: String) -> [String: Any] {
            TypedField(
                id: id, label: "blocks_\(id)", kind: .date, value: typed.text(id) ?? value
            ).fields(visitor, errors)
        }
        var fields: [String: Any] = ["refused": refused]
        if !refused.isEmpty { fields["some_refused"] = true }
        if !offered.isEmpty, !own.isEmpty {
            fields["making"] = [
                "block": question("block", offered.map { Choice($0.value, $0.text) }),
                "specialist": question("specialist", own.choices),
                "from": day("from", today.iso),
                "through": day("through", try today.adding(days: 27).iso),
            ]
        }
        return try visitor.page(
            "block_new", title: visitor.say("blocks_new_title"), fields, status: status,
            errors: errors)
    }

    private static func offered(_ visitor: Visitor) async throws -> [Offered] {
        let own = try visitor.signedIn.organisation.description
        return try await visitor.market.signedContracts(visitor.asking("getContractVersion"))
            .filter { $0["document"]?["seller"]?["organisation"]?.text == own }
            .flatMap { contract -> [Offered] in
                let document = contract["document"]
                let sold = SoldInContract.all(of: contract, in: visitor.language)
                return (document?["blocks"]?.elements ?? []).enumerated().map { index, block in
                    let code = block["service"]?.text
                    let service = sold.first { $0.code == code }?.name ?? code ?? ""
                    let weekday = visitor.say("weekday_\(block["weekday"]?.text ?? "")")
                    let from = visitor.language.clock(block["from"]?.text ?? "")
                    let until = visitor.language.clock(block["until"]?.text ?? "")
                    let buyer = document?["buyer"]?["name"]?.text ?? ""
                    return Offered(
                        contract: contract["contract"]?.text ?? "", term: index,
                        text: "\(buyer): \(service), \(weekday) \(from)–\(until)")
                }
            }
    }

    static func make(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let form = visitor.request.form
        guard
            let block = try await offered(visitor).first(where: {
                $0.value == form.text("block")
            }),
            let specialist = try await OwnSpecialist.all(visitor)
                .chosen(by: form.text("specialist"))
        else { throw InvalidLink() }
        var errors = FieldErrors()
        func day(_ id: String) -> CalendarDate? {
            errors.read(id, "error_date") { try CalendarDate(iso: form.text(id) ?? "") }
        }
        let (from, through) = (day("from"), day("through"))
        guard let from, let through, errors.isEmpty else {
            return try await show(visitor, form, errors, status: 422)
        }
        do {
            _ = try await visitor.market.makeBlocks(
                visitor.asking("makeBlocks"),
                Market.WantedBlocks(
                    contract: ContractID(typeID: block.contract), term: Int64(block.term),
                    specialist: specialist.id, from: from, through: through))
            return .see("/blocks?done=made")
        } catch is InvalidInput {
            errors.add("through", "error_blocks_through")
        } catch let refusal as Refusal where refusal.code == .blockNotInContract {
            errors.add("through", "error_blocks_none")
        } catch let refusal as Refusal where refusal.code == .blocksRefused {
            let refused = try (refusal.figures["days"]?.elements ?? []).compactMap {
                day -> [String: Any]? in
                guard let code = day["refusal"]?["code"]?.text.flatMap(RefusalCode.init(rawValue:))
                else { return nil }
                let reason = Refusal(code, figures: day["refusal"]?["figures"] ?? .object([:]))
                return [
                    "day": try visitor.day(day["day"]), "reason": visitor.reason(reason),
                ]
            }
            return try await show(visitor, form, errors, status: 409, refused: refused)
        }
        return try await show(visitor, form, errors, status: 422)
    }
}

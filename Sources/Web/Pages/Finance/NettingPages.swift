import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Rounds in which organisations set off what they owe one another: proposing one, one's own list
/// and net figure, one's consent, and what remains to be paid.
enum NettingPages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        try await list(visitor, errors: FieldErrors(), status: 200)
    }

    private static func list(
        _ visitor: Visitor, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let rounds = try await visitor.every {
            try await visitor.market.listNettingRounds(
                visitor.asking("listNettingRounds"), page: $0)
        }
        var fields: [String: Any] = [:]
        let rows = try rounds.reversed().map { round -> [String: Any] in
            [
                "address": "/netting/\(round["id"]?.text ?? "")",
                "made": try visitor.moment(round["created_at"]),
                "until": try visitor.moment(round["consent_by"]),
                "state": visitor.say("netting_\(round["state"]?.text ?? "")"),
                "is_live": round["state"]?.text == "posted",
                "answer": visitor.say("netting_answer_\(round["answer"]?.text ?? "none")"),
            ]
        }
        if !rows.isEmpty { fields["rounds"] = ["rows": rows] }
        if try visitor.signedIn.roles.contains(.finance) {
            let others = try await partners(visitor)
            fields["propose"] = [
                "with": Choice.field(
                    "with", visitor.say("netting_with"),
                    [Choice("", visitor.say("netting_all"))] + others,
                    selected: visitor.request.form.text("with"),
                    error: errors.message(of: "with").map { visitor.say($0) })
            ]
        }
        return try visitor.page(
            "netting", title: visitor.say("netting_title"), fields, status: status,
            errors: errors)
    }

    /// With whom something is open.
    private static func partners(_ visitor: Visitor) async throws -> [Choice] {
        let open = try await visitor.market.listOpenAmounts(
            visitor.asking("listOpenAmounts")
        ).body
        let names = try await ContractPages.organisationNames(visitor)
        let others = (open["invoices"]?.elements ?? []).filter { $0["open"]?.text != "0.00" }
            .compactMap { $0["counterparty"]?.text }
        return Set(others).map { Choice($0, names[$0] ?? "") }.sorted { $0.text < $1.text }
    }

    static func propose(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.finance])
        let chosen = visitor.request.form.text("with")
        let other = chosen.flatMap { try? OrganisationID(typeID: $0) }
        guard chosen == nil || other != nil else { throw InvalidLink() }
        var errors = FieldErrors()
        do {
            let made = try await visitor.market.proposeNetting(
                visitor.asking("proposeNetting"), with: other)
            return .see("/netting/\(made.body["id"]?.text ?? "")?done=proposed")
        } catch let refusal as Refusal where refusal.code == .nothingToNet {
            errors.add("with", "refusal_nothing_to_net")
            return try await list(visitor, errors: errors, status: 409)
        }
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(visitor, NettingRoundID(inPath: parameter), refused: nil, status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ id: NettingRoundID, refused: RefusalCode?, status: Int
    ) async throws -> PageReply {
        let round = try await visitor.market.nettingRound(
            visitor.asking("getNettingRound"), id
        ).body
        let state = round["state"]?.text ?? ""
        var fields: [String: Any] = [
            "address": "/netting/\(id)",
            "state": visitor.say("netting_\(state)"),
            "is_live": state == "posted",
            "until": try visitor.moment(round["consent_by"]),
            "answer": visitor.say("netting_answer_\(round["answer"]?.text ?? "none")"),
            "figure": try visitor.euros(round["figure"]),
        ]
        fields["picture"] = try NettingPicture(round, visitor).fields
        let claims = try (round["claims"]?.elements ?? []).map { try row($0, visitor) }
        if !claims.isEmpty { fields["claims"] = ["rows": claims] }
        let payments = try (round["payments"]?.elements ?? []).map { one -> [String: Any] in
            [
                "side": visitor.say("netting_\(one["side"]?.text ?? "")"),
                "counterparty": one["counterparty_name"]?.text ?? "",
                "iban": one["iban"]?.text ?? "",
                "reference": try ReferenceNumber(one["reference"]?.text ?? "").grouped,
                "due": try visitor.day(one["due_on"]),
                "paid": visitor.say(
                    one["received_at"]?.text == nil ? "invoice_issued" : "invoice_paid"),
                "amount": visitor.figure(one["amount"]),
            ]
        }
        if !payments.isEmpty { fields["payments"] = ["rows": payments] }
        if state == "open", round["answer"]?.text == nil,
            try visitor.signedIn.roles.contains(.finance)
        {
            fields["may_answer"] = ["as_seen": round["figure"]?.text ?? ""]
        }
        switch visitor.request.query.text("done") {
        case "proposed": fields["done"] = ["text": visitor.say("netting_done_proposed")]
        case "answered": fields["done"] = ["text": visitor.say("netting_done_answered")]
        default: break
        }
        if let refused {
            fields["refused"] = ["text": visitor.say("netting_refused_\(refused.rawValue)")]
        }
        return try visitor.page(
            "netting_round", title: visitor.say("netting_round_title"), fields, status: status)
    }

    private static func row(_ claim: JSON, _ visitor: Visitor) throws -> [String: Any] {
        [
            "address": "/invoices/\(claim["invoice"]?.text ?? "")",
            "number": claim["number"]?.text ?? "",
            "side": visitor.say(
                claim["side"]?.text == "seller" ? "netting_owes_you" : "netting_you_owe"),
            "counterparty": claim["counterparty_name"]?.text ?? "",
            "due": try visitor.day(claim["due_on"]),
            "open": visitor.figure(claim["open"]),
            "set_off": claim["set_off"]?.text == nil ? "–" : visitor.figure(claim["set_off"]),
        ]
    }

    static func answer(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try NettingRoundID(inPath: parameter)
        let form = visitor.request.form
        guard
            let answer = form.text("answer").flatMap(StoredNettingMember.Answer.init(rawValue:)),
            let figure = form.text("figure").flatMap({ try? Money(decimal: $0) })
        else { throw InvalidLink() }
        do {
            _ = try await visitor.market.answerNetting(
                visitor.asking("answerNetting"), id, answer, figure: figure)
            return .see("/netting/\(id)?done=answered")
        } catch let refusal as Refusal
            where [.deadlinePassed, .alreadyAnswered, .totalDiffers].contains(refusal.code)
        {
            return try await show(visitor, id, refused: refusal.code, status: 409)
        }
    }
}

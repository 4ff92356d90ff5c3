import Billing
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Lines of statements that a buyer disputes: all of them, the form of a new one, and one with what
/// both sides said.
enum DisputePages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let disputes = try await visitor.every {
            try await visitor.market.listDisputes(
                visitor.asking("listDisputes"), contract: nil, statement: nil, state: nil,
                page: $0)
        }
        let contracts = try await ContractList.all(visitor)
        let own = login.organisation.description
        let rows = try disputes.reversed().map { dispute -> [String: Any] in
            let isSeller = dispute["seller"]?.text == own
            return [
                "address": "/disputes/\(dispute["id"]?.text ?? "")",
                "day": try visitor.day(dispute["served_on"]),
                "counterparty": contracts.name(of: dispute[isSeller ? "buyer" : "seller"]),
                "side": visitor.say(isSeller ? "side_seller" : "side_buyer"),
                "state": visitor.say(state(of: dispute, isSeller: isSeller)),
                "is_live": dispute["state"]?.text == "settled",
                "is_late": dispute["state"]?.text != "settled"
                    && dispute["escalated_at"]?.text != nil,
                "charged": visitor.figure(dispute["charged"]),
                "claimed": visitor.figure(dispute["claimed"]),
            ]
        }
        var fields: [String: Any] = [:]
        if !rows.isEmpty { fields["disputes"] = ["rows": rows] }
        return try visitor.page("disputes", title: visitor.say("disputes_title"), fields)
    }

    /// Whose answer it waits for, or how it ended.
    static func state(of dispute: JSON, isSeller: Bool) -> String {
        if let outcome = dispute["outcome"]?.text { return "dispute_outcome_\(outcome)" }
        return (dispute["turn"]?.text == "seller") == isSeller
            ? "dispute_waits_for_us" : "dispute_waits_for_them"
    }

    // MARK: A new one

    static func showForm(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        return try await form(
            visitor, StatementID(inPath: parameter),
            charge: visitor.request.query.text("charge") ?? "", FieldErrors(), status: 200)
    }

    private static func form(
        _ visitor: Visitor, _ id: StatementID, charge: String, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let statement = try await visitor.market.statement(
            visitor.asking("getStatement"), id
        ).body
        let lines = statement["lines"]?.elements ?? []
        guard let line = lines.first(where: { $0["charge"]?.text == charge }) else {
            throw Refusal(.notFound)
        }
        let form = visitor.request.form
        let isVisit = line["cause"]?.text == "visit" && line["group_session"]?.text == nil
        var fields: [String: Any] = [
            "address": "/statements/\(id)",
            "charge": charge,
            "day": try visitor.day(line["served_on"]),
            "charged": try visitor.euros(line["net"]),
            "time": visitor.language.length(seconds: line["billable_seconds"]?.integer ?? 0),
            "reason": Choice.field(
                "reason", visitor.say("dispute_reason"),
                (isVisit ? Dispute.Reason.allCases : [.rate]).map {
                    Choice($0.rawValue, visitor.say("dispute_reason_\($0.rawValue)"))
                }, selected: form.text("reason")),
            "figure": figure(
                "figure", isVisit ? "dispute_figure_hint" : "dispute_amount_hint", visitor, errors),
        ]
        addWords(to: &fields, visitor, errors)
        return try visitor.page(
            "dispute_new", title: visitor.say("dispute_new_title"), fields, status: status,
            errors: errors)
    }

    private static func figure(
        _ id: String, _ hint: String, _ visitor: Visitor, _ errors: FieldErrors
    ) -> [String: Any] {
        TypedField(
            id: id, label: "dispute_figure", kind: .text,
            value: visitor.request.form.text(id) ?? "", hint: hint
        ).fields(visitor, errors)
    }

    private static func addWords(
        to fields: inout [String: Any], _ visitor: Visitor, _ errors: FieldErrors
    ) {
        let form = visitor.request.form
        for (id, label) in [("words", "dispute_words"), ("evidence", "dispute_evidence")] {
            fields["\(id)_field"] = TypedField(
                id: id, label: label, kind: .text, value: form.text(id) ?? "",
                hint: "\(label)_hint"
            ).fields(visitor, errors)
        }
    }

    /// What a form says: an amount with a decimal comma or point, or whole minutes.
    private static func said(
        _ visitor: Visitor, inMinutes: Bool, needsFigure: Bool, needsWords: Bool,
        _ errors: inout FieldErrors
    ) -> DisputeWords? {
        let form = visitor.request.form
        let typed = form.text("figure") ?? ""
        var (net, minutes): (Money?, Int64?) = (nil, nil)
        if needsFigure, inMinutes {
            minutes = Int64(typed).flatMap {
                (0...DisputeWords.mostMinutes).contains($0) ? $0 : nil
            }
        } else if needsFigure {
            net = try? Money(typed: typed)
        }
        if needsFigure, net == nil, minutes == nil { errors.add("figure", "error_dispute_figure") }
        let words =
            needsWords || form.text("words") != nil
            ? errors.words(
                "words", form.text("words"), max: DisputeWords.longest,
                tooLong: "error_words_long", missing: "error_dispute_words")
            : nil
        // one text or address a line
        let evidence = (form.text("evidence") ?? "").split(separator: "\n").map {
            String($0).trimmingBlanks
        }.filter { !$0.isEmpty }
        if evidence.count > DisputeWords.mostEvidence
            || evidence.contains(where: { $0.utf16.count > DisputeWords.longestEvidence })
            || evidence.contains(where: PersonalIdentityCode.looksLike)
        {
            errors.add("evidence", "error_dispute_evidence")
        }
        guard errors.isEmpty else { return nil }
        return DisputeWords(words: words, evidence: evidence, net: net, minutes: minutes)
    }

    static func open(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try StatementID(inPath: parameter)
        let form = visitor.request.form
        guard let text = form.text("charge"), let charge = try? ChargeID(typeID: text) else {
            throw Refusal(.notFound)
        }
        let reason = form.text("reason").flatMap(Dispute.Reason.init) ?? .rate
        var errors = FieldErrors()
        guard
            let said = Self.said(
                visitor, inMinutes: reason == .volume, needsFigure: true, needsWords: true,
                &errors)
        else { return try await self.form(visitor, id, charge: text, errors, status: 422) }
        do {
            let opened = try await visitor.market.disputeLine(
                visitor.asking("disputeLine"), of: id, charge: charge, reason: reason, said)
            return .see("/disputes/\(opened.body["id"]?.text ?? "")?done=opened")
        } catch let refusal as Refusal where ofFigure.contains(refusal.code) {
            errors.add("figure", "refusal_\(refusal.code.rawValue)")
            return try await self.form(visitor, id, charge: text, errors, status: 422)
        }
    }

    private static let ofFigure: Set<RefusalCode> = [
        .figureNotBelow, .withinTolerance, .volumeNotDisputable,
    ]
}

// MARK: - One dispute

extension DisputePages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(visitor, DisputeID(inPath: parameter), FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ id: DisputeID, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let dispute = try await visitor.market.dispute(visitor.asking("getDispute"), id).body
        let contracts = try await ContractList.all(visitor)
        let isSeller = dispute["seller"]?.text == login.organisation.description
        let isSettled = dispute["state"]?.text == "settled"
        var fields: [String: Any] = [
            "address": "/disputes/\(id)",
            "statement_address": "/statements/\(dispute["statement"]?.text ?? "")",
            "charge_address": "/charges/\(dispute["charge"]?.text ?? "")",
            "seller": contracts.name(of: dispute["seller"]),
            "buyer": contracts.name(of: dispute["buyer"]),
            "day": try visitor.day(dispute["served_on"]),
            "reason": visitor.say("dispute_reason_\(dispute["reason"]?.text ?? "")"),
            "state": visitor.say(state(of: dispute, isSeller: isSeller)),
            "is_live": isSettled,
            "charged": try visitor.euros(dispute["charged"]),
            "claimed": try amount(dispute["claimed"], dispute["claimed_minutes"], visitor),
            "words": try (dispute["words"]?.elements ?? []).map { try said($0, visitor) },
        ]
        if dispute["proposed"]?.text != nil {
            fields["proposed"] = [
                "text": try amount(dispute["proposed"], dispute["proposed_minutes"], visitor)
            ]
        }
        if dispute["agreed"]?.text != nil {
            fields["agreed"] = ["text": try visitor.euros(dispute["agreed"])]
        } else {
            fields["answer_by"] = ["text": try visitor.moment(dispute["answer_by"])]
        }
        if let correction = dispute["correction"]?.text {
            fields["correction"] = ["link": "/charges/\(correction)"]
        }
        if !isSettled, dispute["escalated_at"]?.text != nil { fields["escalated"] = true }
        if !isSettled, login.roles.contains(.finance) {
            var answer: [String: Any] = [
                "answer": Choice.field(
                    "answer", visitor.say("dispute_answer"),
                    answers(to: dispute, isSeller: isSeller).map {
                        Choice($0.rawValue, visitor.say("dispute_act_\($0.rawValue)"))
                    }, selected: visitor.request.form.text("answer"))
            ]
            if isSeller { answer["figure"] = figure("figure", offerHint(dispute), visitor, errors) }
            addWords(to: &answer, visitor, errors)
            fields["may_answer"] = answer
        }
        if let done = visitor.request.query.text("done"), ["opened", "answered"].contains(done) {
            fields["done"] = [
                "text": visitor.say(
                    "dispute_done_\(done)",
                    contracts.name(of: dispute[isSeller ? "buyer" : "seller"]))
            ]
        }
        return try visitor.page(
            "dispute", title: visitor.say("dispute_title", try visitor.day(dispute["served_on"])),
            fields, status: status, errors: errors)
    }

    private static func offerHint(_ dispute: JSON) -> String {
        dispute["reason"]?.text == "volume" ? "dispute_offer_minutes_hint" : "dispute_offer_hint"
    }

    /// What the side may say now, what asks for most thought last.
    private static func answers(to dispute: JSON, isSeller: Bool) -> [Market.DisputeAct] {
        let isTheirTurn = (dispute["turn"]?.text == "seller") == isSeller
        if isSeller {
            if isTheirTurn { return [.explain, .propose, .concede] }
            return dispute["escalated_at"]?.text == nil ? [.concede] : [.propose, .concede]
        }
        guard isTheirTurn else { return [.withdraw] }
        // an explanation is accepted by taking the claim back
        return dispute["state"]?.text == "proposed"
            ? [.accept, .hold, .withdraw] : [.hold, .withdraw]
    }

    private static func amount(
        _ net: JSON?, _ minutes: JSON?, _ visitor: Visitor
    ) throws -> String {
        let euros = try visitor.euros(net)
        guard let minutes = minutes?.integer else { return euros }
        return "\(visitor.language.length(seconds: minutes * 60)), \(euros)"
    }

    private static func said(_ word: JSON, _ visitor: Visitor) throws -> [String: Any] {
        var fields: [String: Any] = [
            "who": visitor.say("side_\(word["side"]?.text ?? "")"),
            "act": visitor.say("dispute_said_\(word["act"]?.text ?? "")"),
            "at": try visitor.moment(word["said_at"]),
            "evidence": (word["evidence"]?.elements ?? []).map { ["text": $0.text ?? ""] },
        ]
        if let words = word["words"]?.text { fields["told"] = ["text": words] }
        if word["net"]?.text != nil {
            fields["named"] = ["text": try amount(word["net"], word["minutes"], visitor)]
        }
        return fields
    }

    static func answer(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.finance])
        let id = try DisputeID(inPath: parameter)
        guard let act = visitor.request.form.text("answer").flatMap(Market.DisputeAct.init) else {
            throw InvalidLink()
        }
        let dispute = try await visitor.market.dispute(visitor.asking("getDispute"), id).body
        var errors = FieldErrors()
        guard
            let said = Self.said(
                visitor, inMinutes: dispute["reason"]?.text == "volume",
                needsFigure: act == .propose,
                needsWords: [.explain, .propose, .hold].contains(act), &errors)
        else { return try await show(visitor, id, errors, status: 422) }
        do {
            _ = try await visitor.market.answerDispute(
                visitor.asking("answerDispute"), id, act, said)
            return .see("/disputes/\(id)?done=answered")
        } catch let refusal as Refusal where ofFigure.contains(refusal.code) {
            errors.add("figure", "refusal_\(refusal.code.rawValue)")
            return try await show(visitor, id, errors, status: 422)
        }
    }
}

extension String {
    fileprivate var trimmingBlanks: String {
        String(drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }
}

import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Someone at once: what the visitor's organisation asks for, what it is asked for, and taking it.
enum NowPages {
    /// So many of what is over are shown.
    private static let mostOver = 20
    /// For so many minutes a request may stand.
    private static let answers: [Int64] = [5, 10, 15, 30, 60]

    static func show(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler, .specialist])
        return try await show(visitor, visitor.request.query, FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ values: FormFields, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let own = login.organisation.description
        let sold = try await SoldInContract.all(visitor)
        // all that stand, however much has come and gone since
        let standing = try await visitor.every {
            try await visitor.market.listDemands(
                visitor.asking("listDemands"), state: .open, page: $0)
        }
        let latest =
            try await visitor.market.listDemands(
                visitor.asking("listDemands"), state: nil,
                page: Page(after: nil, limit: 2 * mostOver)
            ).body["items"]?.elements ?? []
        let specialists = try await OwnSpecialist.all(visitor).filter(\.isActive)
        var fields: [String: Any] = [:]
        if sold.contains(where: { $0.isOnDemand && $0.seller == own }) {
            let open = standing.filter { $0.isOpen && $0["buyer"]?.text != own }
            var part: [String: Any] = [
                "asked": try open.map { try line($0, visitor, sold, taking: specialists) }
            ]
            if open.isEmpty { part["none_asked"] = true }
            fields["selling"] = part
        }
        let bought = sold.filter { $0.isOnDemand && $0.seller != own }
        if !bought.isEmpty {
            let open = standing.filter { $0.isOpen && $0["buyer"]?.text == own }
            var part: [String: Any] = [
                "mine": try open.map { try line($0, visitor, sold) }
            ]
            if open.isEmpty { part["none_mine"] = true }
            if login.roles.contains(.scheduler) {
                part["asking"] = try await form(visitor, bought, values, errors)
            }
            fields["buying"] = part
        }
        if fields.isEmpty { fields["nothing"] = true }
        let over = latest.filter { !$0.isOpen }.prefix(mostOver)
        if !over.isEmpty {
            fields["over"] = ["lines": try over.map { try line($0, visitor, sold) }]
        }
        if let done = visitor.request.query.text("done"), ["asked", "withdrawn"].contains(done) {
            fields["done"] = ["text": visitor.say("now_done_\(done)")]
        }
        return try visitor.page(
            "now", title: visitor.say("now_title"), fields, status: status, errors: errors)
    }

    // MARK: What was asked

    private static func line(
        _ demand: JSON, _ visitor: Visitor, _ sold: [SoldInContract],
        taking specialists: [OwnSpecialist] = []
    ) throws -> [String: Any] {
        let login = try visitor.signedIn
        let id = demand["id"]?.text ?? ""
        let state = demand["state"]?.text ?? ""
        let isMine = demand["buyer"]?.text == login.organisation.description
        let asks = demand["asked"]?.elements ?? []
        let services = asks.map {
            sold.first(contract: $0["contract"]?.text, service: $0["service"]?.text)
        }
        let until = try Instant(rfc3339: demand["expires_at"]?.text ?? "")
        var line: [String: Any] = [
            "service": services.first??.name ?? asks.first?["service"]?.text ?? "",
            "length": visitor.language.length(seconds: (demand["minutes"]?.integer ?? 0) * 60),
            "state": visitor.say("now_state_\(state)"),
            "is_live": state == "open",
            "moment": visitor.language.moment(
                try Instant(rfc3339: demand["asked_at"]?.text ?? ""), in: login.zone),
        ]
        if let spoken = demand["language"]?.text {
            let isKnown = ["fi", "sv", "en"].contains(spoken)
            line["spoken"] = ["text": isKnown ? visitor.say("language_\(spoken)") : spoken]
        }
        if isMine {
            line["sellers"] = zip(asks, services).map { ask, service -> [String: Any] in
                let hands = ask["at_hand"]?.integer.map {
                    visitor.say("now_at_hand", visitor.language.number("\($0)"))
                }
                return ["text": service?.sellerName ?? "", "hands": hands ?? ""]
            }
            if let patient = demand["patient_reference"]?.text {
                line["patient"] = ["text": patient]
            }
        } else {
            line["sellers"] = [["text": services.first??.buyerName ?? "", "hands": ""]]
        }
        if let booking = demand["booking"]?.text {
            line["visit"] = ["address": "/visits/\(booking)"]
        }
        guard state == "open" else { return line }
        line["until"] = [
            "text": visitor.say("now_until", visitor.language.moment(until, in: login.zone))
        ]
        if isMine, login.roles.contains(.scheduler) { line["withdrawing"] = ["demand": id] }
        let able = specialists.filter { $0.specialty == services.first??.specialty }
        if !isMine, !able.isEmpty {
            // several on one page: each with an id of its own
            line["taking"] = [
                "demand": id,
                "choices": able.map { each -> [String: Any] in
                    [
                        "value": each.id.description, "text": each.label,
                        "selected": each.id == login.specialist,
                    ]
                },
            ]
        }
        return line
    }

    // MARK: Asking

    private static func form(
        _ visitor: Visitor, _ bought: [SoldInContract], _ values: FormFields,
        _ errors: FieldErrors
    ) async throws -> [String: Any] {
        let chosen = Set(values.all("asked"))
        let asked = bought.filter { chosen.contains($0.choice) }
        let lengths = Set((asked.isEmpty ? bought : asked).flatMap(\.lengths)).sorted()
        func question(_ id: String, _ label: String, _ choices: [Choice], _ selected: String?)
            -> [String: Any]
        {
            Choice.field(
                id, visitor.say(label), choices, selected: selected,
                error: errors.message(of: id).map { visitor.say($0) })
        }
        var fields: [String: Any] = [
            "services": CheckBoxes.fields(
                "asked", visitor.say("now_of_whom"),
                bought.map { Choice($0.choice, "\($0.name), \($0.sellerName)") },
                chosen: bought.count == 1 ? [bought[0].choice] : chosen,
                error: errors.message(of: "asked").map { visitor.say($0) }),
            "minutes": question(
                "minutes", "find_minutes",
                lengths.map { Choice("\($0)", visitor.language.length(seconds: $0 * 60)) },
                values.text("minutes")),
            "answer": question(
                "answer", "now_answer",
                answers.map { Choice("\($0)", visitor.language.length(seconds: $0 * 60)) },
                values.text("answer") ?? "10"),
            "language": FindPages.language(visitor, values),
            "hand_over": HandOverForm.fields(
                visitor, values, asked.first ?? bought.first, errors),
        ]
        fields["booked_for"] = try await BookedFor(visitor).fields(visitor, values, errors)
        return fields
    }

    static func ask(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let form = visitor.request.form
        var errors = FieldErrors()
        let own = try visitor.signedIn.organisation.description
        let chosen = Set(form.all("asked"))
        let asked = try await SoldInContract.all(visitor)
            .filter { $0.isOnDemand && $0.seller != own && chosen.contains($0.choice) }
        if asked.isEmpty || asked.count > Market.mostAsked {
            errors.add("asked", "error_now_asked")
        }
        let minutes = form.text("minutes").flatMap { Int64($0) }
        if minutes == nil { errors.add("minutes", "error_length") }
        let answer = form.text("answer").flatMap { Int64($0) }
        if answer.map({ !Market.answerMinutes.contains($0) }) ?? true {
            errors.add("answer", "error_choice")
        }
        let handOver = HandOverForm(form, &errors).handOver
        guard let minutes, let answer, errors.isEmpty else {
            return try await show(visitor, form, errors, status: 422)
        }
        do {
            _ = try await visitor.market.askNow(
                visitor.asking("askNow"),
                .init(
                    asks: asked.map { (try ContractID(typeID: $0.contract), $0.code) },
                    minutes: minutes, answerMinutes: answer, language: ChosenTime.language(form),
                    handOver: handOver))
            return .see("/now?done=asked")
        } catch let refusal as Refusal where refusal.code == .handOverMissing {
            for name in HandOverForm.missing(refusal) { errors.add(name, "error_hand_over") }
            return try await show(visitor, form, errors, status: 422)
        } catch let refusal as Refusal where refusal.code == .lengthNotAllowed {
            errors.add("minutes", "error_length")
            return try await show(visitor, form, errors, status: 422)
        } catch let refusal as Refusal where refusal.code == .askedTwice {
            errors.add("asked", "refusal_asked_twice")
            return try await show(visitor, form, errors, status: 422)
        }
    }

    // MARK: Answering

    /// Whoever takes it goes to the visit.
    static func accept(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler, .specialist])
        let form = visitor.request.form
        guard let specialist = try? SpecialistID(typeID: form.text("specialist") ?? "") else {
            throw InvalidLink()
        }
        let taken = try await visitor.market.acceptDemand(
            visitor.asking("acceptDemand"), demand(form), by: specialist)
        return .see("/visits/\(taken.body["booking"]?.text ?? "")")
    }

    static func withdraw(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        _ = try await visitor.market.withdrawDemand(
            visitor.asking("withdrawDemand"), demand(visitor.request.form))
        return .see("/now?done=withdrawn")
    }

    private static func demand(_ form: FormFields) throws(InvalidLink) -> DemandID {
        guard let id = try? DemandID(typeID: form.text("demand") ?? "") else {
            throw InvalidLink()
        }
        return id
    }
}

extension JSON {
    fileprivate var isOpen: Bool { self["state"]?.text == "open" }
}

extension SoldInContract {
    /// Whether it is asked for at once.
    var isOnDemand: Bool { terms["kind"]?.text == "on_demand" }
}

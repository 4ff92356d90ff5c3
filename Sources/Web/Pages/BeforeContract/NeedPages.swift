import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What buyers need, and what sellers answer.
enum NeedPages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        let names = try await ContractPages.organisationNames(visitor)
        let others = try await needs(visitor, own: false)
        let own = try await needs(visitor, own: true)
        // what one's own profile offers comes first
        let sorted =
            others.filter { $0["fits"]?.flag == true }
            + others.filter { $0["fits"]?.flag != true }
        var fields = visitor.tabsBeforeContract()
        if !sorted.isEmpty {
            fields["others"] = ["needs": try sorted.map { try line(visitor, $0, names) }]
        }
        if !own.isEmpty {
            fields["own"] = ["needs": try own.reversed().map { try line(visitor, $0, names) }]
        }
        if try visitor.signedIn.roles.contains(.admin) { fields["may_post"] = true }
        if let done = done(visitor) { fields["done"] = done }
        return try visitor.page("needs", title: visitor.say("needs_title"), fields)
    }

    static func needs(_ visitor: Visitor, own: Bool) async throws -> [JSON] {
        try await visitor.every {
            try await visitor.market.listNeeds(visitor.asking("listNeeds"), own: own, page: $0)
        }
    }

    private static func done(_ visitor: Visitor) -> [String: Any]? {
        guard let done = visitor.request.query.text("done"),
            ["posted", "answered", "withdrawn"].contains(done)
        else { return nil }
        return ["text": visitor.say("need_done_\(done)")]
    }

    private static func line(
        _ visitor: Visitor, _ need: JSON, _ names: [String: String]
    ) throws -> [String: Any] {
        let login = try visitor.signedIn
        let isOwn = need["buyer"]?.text == login.organisation.description
        let count = need["answers"]?.elements?.count ?? 0
        let state = need["state"]?.text ?? ""
        var line = try facts(visitor, need)
        line["name"] = need["title"]?.text ?? ""
        line["address"] = "/needs/\(need["id"]?.text ?? "")"
        line["who"] = names[need["buyer"]?.text ?? ""] ?? ""
        line["state"] = visitor.say("need_state_\(state)")
        line["is_live"] = state == "open"
        if isOwn {
            line["answered"] = ["how": answers(visitor, count)]
        } else if count > 0 {
            line["answered"] = ["how": visitor.say("need_answered_by_you")]
        }
        if need["fits"]?.flag == true, state == "open" { line["fitting"] = true }
        return line
    }

    private static func answers(_ visitor: Visitor, _ count: Int) -> String {
        switch count {
        case 0: visitor.say("need_answers_none")
        case 1: visitor.say("need_answers_one")
        default: visitor.say("need_answers", visitor.language.number("\(count)"))
        }
    }

    private static func facts(_ visitor: Visitor, _ need: JSON) throws -> [String: Any] {
        let login = try visitor.signedIn
        let language = visitor.language
        func day(_ key: String) throws -> String {
            language.date(try CalendarDate(iso: need[key]?.text ?? ""))
        }
        let until = try Instant(rfc3339: need["answer_by"]?.text ?? "")
        // the day that is over then
        let lastDay = try login.zone.date(of: until.adding(seconds: -1))
        return [
            "service": visitor.words(of: need["service"] ?? .null),
            "regions": visitor.regions(need["regions"]),
            "amount": visitor.say(
                "need_amount_\(need["per"]?.text ?? "")",
                language.number("\(need["minutes"]?.integer ?? 0)")),
            "dates": "\(try day("starts_on")) – \(try day("ends_on"))",
            "answer_by": language.date(lastDay),
        ]
    }

    // MARK: Posting

    static func showForm(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        return try await showForm(visitor, FieldErrors(), status: 200)
    }

    private static func showForm(
        _ visitor: Visitor, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let sellers = try await visitor.every {
            try await visitor.market.findProfiles(
                visitor.asking("findProfiles"), ProfileSearch(), page: $0)
        }
        let own = try visitor.signedIn.organisation.description
        return try visitor.page(
            "need_new", title: visitor.say("need_new_title"),
            try NeedForm(visitor.request.form).fields(
                visitor, sellers: sellers.filter { $0["organisation"]?.text != own }, errors),
            status: status, errors: errors)
    }

    static func post(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        var errors = FieldErrors()
        guard let details = try NeedForm(visitor.request.form).details(visitor, &errors) else {
            return try await showForm(visitor, errors, status: 422)
        }
        let posted = try await visitor.market.postNeed(visitor.asking("postNeed"), details)
        return .see("/needs/\(posted.body["id"]?.text ?? "")?done=posted")
    }

    // MARK: One need

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(visitor, id(parameter), FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ id: NeedID, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let need = try await visitor.market.need(visitor.asking("getNeed"), id).body
        let names = try await ContractPages.organisationNames(visitor)
        let isOwn = need["buyer"]?.text == login.organisation.description
        let state = need["state"]?.text ?? ""
        let answers = need["answers"]?.elements ?? []
        let mayDo = login.roles.contains(.admin)
        let mayDecide = isOwn && mayDo && ["open", "deciding"].contains(state)
        var fields = try line(visitor, need, names)
        fields["words"] = need["words"]?.text ?? ""
        if let sellers = need["sellers"]?.elements, isOwn {
            fields["shown_to"] = [
                "names": sellers.compactMap { $0.text.flatMap { names[$0] } }
                    .joined(separator: ", ")
            ]
        }
        fields["given"] = try answers.map { answer -> [String: Any] in
            var shown = try self.answer(visitor, answer, names)
            if mayDecide { shown["choosing"] = ["address": "/needs/\(id)/accept?answer="] }
            if need["accepted"]?.text == answer["id"]?.text { shown["was_chosen"] = true }
            return shown
        }
        fields["answers_title"] = visitor.say(isOwn ? "need_answers_title" : "need_own_answer")
        if answers.isEmpty, isOwn { fields["no_answers"] = true }
        if mayDecide { fields["may_withdraw"] = true }
        if !isOwn, mayDo, state == "open", answers.isEmpty {
            let form = visitor.request.form
            fields["may_answer"] = [
                "note": TypedField(
                    id: "words", label: "need_answer_words", kind: .text,
                    value: form.text("words") ?? "", hint: "need_answer_words_hint"
                ).fields(visitor, errors),
                "rate": TypedField(
                    id: "price", label: "service_price", kind: .text,
                    value: form.text("price") ?? "", hint: "service_price_hint"
                ).fields(visitor, errors),
            ]
        }
        if let done = done(visitor) { fields["done"] = done }
        return try visitor.page(
            "need", title: need["title"]?.text ?? "", fields, status: status, errors: errors)
    }

    private static func answer(
        _ visitor: Visitor, _ answer: JSON, _ names: [String: String]
    ) throws -> [String: Any] {
        let seller = answer["seller"]?.text ?? ""
        let at = try Instant(rfc3339: answer["created_at"]?.text ?? "")
        var shown: [String: Any] = [
            "answer": answer["id"]?.text ?? "",
            "seller": names[seller] ?? "",
            "said": answer["words"]?.text ?? "",
            "at": visitor.language.moment(at, in: try visitor.signedIn.zone),
        ]
        if let price = visitor.pricePerMinute(answer["price_per_minute"]) {
            shown["priced"] = ["price": price]
        }
        return shown
    }

    static func answer(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        try visitor.require([.admin])
        let form = visitor.request.form
        var errors = FieldErrors()
        let words = errors.words(
            "words", form.text("words"), max: 4_000, tooLong: "error_words_long",
            missing: "error_answer_words")
        var price: UnitPrice?
        if let typed = form.text("price") {
            price = errors.read("price", "error_price_per_minute") {
                try UnitPrice(typed: typed)
            }
        }
        guard errors.isEmpty, let words else {
            return try await show(visitor, id, errors, status: 422)
        }
        do {
            _ = try await visitor.market.answerNeed(
                visitor.asking("answerNeed"), id, words: words, price: price)
        } catch let refusal as Refusal where refusal.code == .partyDataMissing {
            errors.add("words", "refusal_party_data_missing")
            return try await show(visitor, id, errors, status: 422)
        }
        return .see("/needs/\(id)?done=answered")
    }

    static func withdraw(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        _ = try await visitor.market.withdrawNeed(visitor.asking("withdrawNeed"), id)
        return .see("/needs/\(id)?done=withdrawn")
    }

    // MARK: Deciding

    static func showAcceptance(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.admin])
        return try await showAcceptance(
            visitor, id(parameter), visitor.request.query.text("answer"), FieldErrors(),
            status: 200)
    }

    private static func showAcceptance(
        _ visitor: Visitor, _ id: NeedID, _ chosen: String?, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let need = try await visitor.market.need(visitor.asking("getNeed"), id).body
        guard need["buyer"]?.text == (try visitor.signedIn.organisation.description),
            let answer = need["answers"]?.elements?.first(where: { $0["id"]?.text == chosen })
        else { throw InvalidLink() }
        let names = try await ContractPages.organisationNames(visitor)
        let name = names[answer["seller"]?.text ?? ""] ?? ""
        var fields = try BeginningForm(visitor.request.form).fields(
            visitor, offered: [need["service"] ?? .null], errors)
        fields["back"] = "/needs/\(id)"
        fields["action"] = "/needs/\(id)/accept"
        fields["chosen"] = ["answer": chosen ?? ""]
        fields["lead"] = visitor.say("accepting_lead", name)
        fields["button"] = visitor.say("accepting_button")
        return try visitor.page(
            "asking", title: visitor.say("accepting_title", name), fields, status: status,
            errors: errors)
    }

    static func accept(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.admin])
        let id = try id(parameter)
        let form = visitor.request.form
        var errors = FieldErrors()
        let beginning = BeginningForm(form).beginning(visitor, &errors)
        guard errors.isEmpty, let beginning else {
            return try await showAcceptance(
                visitor, id, form.text("answer"), errors, status: 422)
        }
        guard let answer = form.text("answer").flatMap({ try? NeedAnswerID(typeID: $0) }) else {
            throw InvalidLink()
        }
        do {
            _ = try await visitor.market.acceptNeedAnswer(
                visitor.asking("acceptNeedAnswer"), id, answer, beginning)
            return .see("/contract-requests?done=asked")
        } catch let refusal as Refusal where refusal.code == .partyDataMissing {
            errors.add(nil, "refusal_party_data_missing")
        }
        return try await showAcceptance(visitor, id, form.text("answer"), errors, status: 422)
    }

    private static func id(_ parameter: String) throws(InvalidLink) -> NeedID {
        guard let id = try? NeedID(typeID: parameter) else { throw InvalidLink() }
        return id
    }
}

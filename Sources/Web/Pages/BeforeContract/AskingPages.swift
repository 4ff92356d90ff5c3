import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Asking a seller for a contract, and what was asked.
enum AskingPages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.admin])
        return try await show(visitor, SellerPages.id(parameter), FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ seller: OrganisationID, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let profile = try await visitor.market.readProfile(
            visitor.asking("readProfile"), of: seller
        ).body
        let form = visitor.request.form
        let name = profile["name"]?.text ?? ""
        var fields = try BeginningForm(form).fields(
            visitor, offered: profile["services"]?.elements ?? [], errors)
        fields["back"] = "/sellers/\(seller)"
        fields["action"] = "/sellers/\(seller)/ask"
        fields["lead"] = visitor.say("asking_lead", name)
        fields["button"] = visitor.say("asking_button")
        fields["note"] = TypedField(
            id: "words", label: "asking_words", kind: .text, value: form.text("words") ?? "",
            hint: "asking_words_hint"
        ).fields(visitor, errors)
        return try visitor.page(
            "asking", title: visitor.say("asking_title", name), fields, status: status,
            errors: errors)
    }

    static func ask(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.admin])
        let seller = try SellerPages.id(parameter)
        var errors = FieldErrors()
        let form = visitor.request.form
        let beginning = BeginningForm(form).beginning(visitor, &errors)
        let words = errors.words(
            "words", form.text("words"), max: 4_000, tooLong: "error_words_long",
            missing: "error_asking_words")
        guard errors.isEmpty, let beginning, let words else {
            return try await show(visitor, seller, errors, status: 422)
        }
        do {
            let asked = try await visitor.market.askForContract(
                visitor.asking("askForContract"), of: seller, words: words, beginning)
            return .see("/contract-requests?done=asked#\(asked.body["contract"]?.text ?? "")")
        } catch let refusal as Refusal where refusal.code == .partyDataMissing {
            errors.add(nil, "refusal_party_data_missing")
        } catch let input as InvalidInput where input.problems.first?.pointer == "/template" {
            errors.add("template", "error_contract_template")
        }
        return try await show(visitor, seller, errors, status: 422)
    }

    static func list(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let names = try await ContractPages.organisationNames(visitor)
        let items = try await visitor.every {
            try await visitor.market.listContractRequests(
                visitor.asking("listContractRequests"), page: $0)
        }
        let rows = try items.reversed().map { item -> [String: Any] in
            let isSeller = item["seller"]?.text == login.organisation.description
            let at = try Instant(rfc3339: item["created_at"]?.text ?? "")
            let state = item["state"]?.text ?? ""
            var row: [String: Any] = [
                "anchor": item["contract"]?.text ?? "",
                "address": "/contracts/\(item["contract"]?.text ?? "")",
                "name": item["title"]?.text ?? "",
                "counterparty": names[item[isSeller ? "buyer" : "seller"]?.text ?? ""] ?? "",
                "direction": visitor.say(isSeller ? "request_received" : "request_made"),
                "at": visitor.language.moment(at, in: login.zone),
                "words": item["words"]?.text ?? "",
                "state": visitor.say("contract_\(state)"),
            ]
            if item["awaits_seller"]?.flag == true {
                row["awaiting"] = [
                    "whom": visitor.say(isSeller ? "request_awaits_us" : "request_awaits_them")
                ]
            }
            return row
        }
        var fields = visitor.tabsBeforeContract()
        if !rows.isEmpty { fields["asked"] = ["requests": rows] }
        if visitor.request.query.text("done") == "asked" {
            fields["done"] = ["text": visitor.say("request_done_asked")]
        }
        return try visitor.page("contract_requests", title: visitor.say("requests_title"), fields)
    }
}

import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// A contract is written: from a template, from a file, or as new terms of one that is there.
enum ContractFormPages {
    private static let newAddress = "/contracts/new/form"

    /// From the template, the parties and the days that were chosen.
    static func begin(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        var errors = FieldErrors()
        let choice = try await NewContract(visitor)
        guard let document = try await choice.document(&errors) else {
            return try choice.page(errors)
        }
        return try await show(ContractForm(visitor, newAddress, document))
    }

    static func choose(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        return try await NewContract(visitor).page(FieldErrors())
    }

    /// From the newest version that the visitor may see.
    static func beginVersion(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.admin])
        let id = try ContractPages.id(parameter)
        let (_, version) = try await ContractPages.newest(visitor, id)
        let document = version["document"] ?? .null
        return try await show(ContractForm(visitor, address(of: id), document))
    }

    private static func address(of id: ContractID) -> String { "/contracts/\(id)/versions/new" }

    static func work(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        if visitor.request.upload != nil, visitor.request.form.all("pasted").isEmpty,
            visitor.request.file("file") == nil
        {
            var errors = FieldErrors()
            errors.add("file", "error_file")
            return try await NewContract(visitor).page(errors)
        }
        return try await work(visitor, newAddress) { form in
            try await visitor.market.draftContract(
                visitor.asking("draftContract"), form.draft.json
            ).body["id"]?.text ?? ""
        }
    }

    static func workOnVersion(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.admin])
        let id = try ContractPages.id(parameter)
        _ = try await visitor.market.contract(visitor.asking("getContract"), id)
        return try await work(visitor, address(of: id)) { form in
            let drafted = try await visitor.market.amendContract(
                visitor.asking("amendContract"), id, form.draft.json
            ).body
            return "\(id)?version=\(drafted["number"]?.integer ?? 0)"
        }
    }

    // MARK: One round

    private static func work(
        _ visitor: Visitor, _ address: String,
        _ save: (ContractForm) async throws -> String
    ) async throws -> PageReply {
        do {
            var form = try ContractForm(sentTo: address, visitor)
            let asked = visitor.request.form.all("do").first ?? "compute"
            let parts = asked.split(separator: ":", maxSplits: 1).map(String.init)
            switch parts.first ?? "" {
            case _ where form.pasted != nil: return try await show(form)
            case "compute": return try await show(form, isAsked: true)
            case "beside": break
            case "save": return try await store(form, save)
            case "download": return download(form)
            case "language":
                guard let language = parts.last.flatMap(Language.init(rawValue:)) else {
                    throw ContractForm.Malformed()
                }
                form.speak(language)
                var reply = try await show(form)
                reply.cookies.append(
                    Cookie.language(language, isSecure: visitor.request.isSecure))
                return reply
            case "take":
                try await form.takeResults(only: parts.count > 1 ? parts[1] : nil)
            default: try form.act(parts.first ?? "", parts.count > 1 ? parts[1] : "")
            }
            return try await show(form)
        } catch is ContractForm.Malformed {
            return try visitor.refusal(400)
        }
    }

    private static func download(_ form: ContractForm) -> PageReply {
        var reply = PageReply(
            body: Array(form.draft.json.indentedText.utf8), mediaType: "application/json")
        reply.fileName = "contract.json"
        return reply
    }

    private static func store(
        _ form: ContractForm, _ save: (ContractForm) async throws -> String
    ) async throws -> PageReply {
        var form = form
        do {
            let saved = try await save(form)
            return .see("/contracts/\(saved)\(saved.contains("?") ? "&" : "?")done=drafted")
        } catch let input as InvalidInput {
            return try await show(form, isAsked: true, found: input.problems.first)
        } catch let refusal as Refusal {
            switch refusal.code {
            case .partyDiffers:
                let side = refusal.figures["side"]?.text ?? "seller"
                form.refuse(refusal, at: "/\(side)/business_id")
            case .partyNameDiffers:
                form.refuse(refusal, at: refusal.figures["pointer"]?.text ?? "/seller/name")
            case .notAParty: form.refuse(refusal, at: "/seller/organisation")
            case .versionEndsEarly: form.refuse(refusal, at: "/validity/last_day")
            default: throw refusal
            }
            return try await show(form)
        }
    }

    /// `isAsked`: somebody wants to know what is wrong; else the form is only beside them.
    private static func show(
        _ form: ContractForm, isAsked: Bool = false, found: JSONProblem? = nil
    ) async throws -> PageReply {
        let visitor = form.visitor
        var form = form
        let check = try await visitor.market.checkContract(
            visitor.asking("checkContract"), form.draft.json
        ).body
        let problems = ContractPanel(form: form, check: check).problems
        if let own = form.problem, form.pasted != nil {
            form.show([own])
        } else if isAsked {
            let refused = [found].compactMap { $0.map { (code: $0.code, pointer: $0.pointer) } }
            form.show(problems.isEmpty ? refused : problems)
        }
        let panel = ContractPanel(form: form, check: check)
        let tried = try await TriedVisit(form).fields()
        let fields = ContractFields(form, pending: panel.pending)
        var page = panel.fields(tried)
        page["address"] = form.address
        page["blocks"] = fields.blocks
        page["section"] = form.section.rawValue
        page["next"] = [
            "section": form.section.next.rawValue,
            "text": visitor.say(
                "contract_form_next", visitor.say("contract_part_\(form.section.next.rawValue)")),
        ]
        page["parts"] = ContractSection.allCases.map { part -> [String: Any] in
            [
                "section": part.rawValue, "text": visitor.say("contract_part_\(part.rawValue)"),
                "is_current": part == form.section,
            ]
        }
        page["part_title"] = visitor.say("contract_part_\(form.section.rawValue)")
        page["opened"] = form.opened.map { ["place": $0] }
        page["script"] = ["address": PageOperation.showContractScript.path]
        if form.section == .document {
            page["whole"] = whole(form)
        }
        page["language_form"] = "contract"
        var reply = try visitor.page(
            "contract_form", title: title(form), page, status: form.errors.isEmpty ? 200 : 422,
            errors: form.errors)
        // so that Back shows the step before, as it was shown
        reply.isKeptByBrowser = true
        return reply
    }

    private static func title(_ form: ContractForm) -> String {
        form.visitor.say(
            form.address == newAddress ? "contract_new_title" : "contract_change_title")
    }

    /// The document as a text, which can be replaced.
    private static func whole(_ form: ContractForm) -> [String: Any] {
        var whole: [String: Any] = ["text": form.pasted ?? form.draft.json.indentedText]
        if let error = form.errors.message(of: "pasted") { whole["wrong"] = ["text": error] }
        return whole
    }
}

extension ContractForm {
    /// The results that were computed become those that examples expect: of one, or of all.
    fileprivate mutating func takeResults(only place: String?) async throws {
        let check = try await visitor.market.checkContract(
            visitor.asking("checkContract"), draft.json
        ).body
        for (index, example) in (check["worked_examples"]?.elements ?? []).enumerated() {
            let own = "/worked_examples/\(index)"
            guard place == nil || place == own, let computed = example["computed"] else { continue }
            do { try draft.takeResult(computed, of: own) } catch { throw Malformed() }
        }
    }

    fileprivate mutating func refuse(_ refusal: Refusal, at pointer: String) {
        section = ContractSection.of(JSONPointer(reading: pointer)?.tokens ?? [])
        errors.add(pointer, visitor.reason(refusal))
    }
}

import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Texts to patients: the gateway by which they go out, and where a visit's patient is reached.
enum TextPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, typed: nil, errors: FieldErrors())
    }

    /// As it stands, or as it was typed.
    private static func show(
        _ visitor: Visitor, typed: FormFields?, errors: FieldErrors
    ) async throws -> PageReply {
        let settings = try await visitor.market.textGateway(
            visitor.asking("getTextGateway")
        ).body
        let gateway = settings["gateway"]
        func value(_ name: String, _ stored: String?) -> String {
            typed.map { $0.text(name) ?? "" } ?? stored ?? ""
        }
        func field(_ name: String, _ stored: String?, hint: String? = nil) -> [String: Any] {
            TypedField(
                id: name, label: "texts_\(name)", kind: .text, value: value(name, stored),
                hint: hint
            ).fields(visitor, errors)
        }
        let usual = "{\"to\":\"{to}\",\"text\":\"{text}\"}"
        let leads =
            typed.map { Set($0.all("reminders")) }
            ?? Set(
                (settings["reminders"]?.elements ?? []).compactMap(\.integer).map { "\($0)" })
        var fields: [String: Any] = [
            "revision": "\(settings["revision"]?.integer ?? 0)",
            "address": field("address", gateway?["address"]?.text, hint: "texts_address_hint"),
            "method": Choice.field(
                "method", visitor.say("texts_method"),
                StoredTextGateway.Method.allCases.map { Choice($0.rawValue, $0.rawValue) },
                selected: value("method", gateway?["method"]?.text ?? "POST")),
            "content_type": Choice.field(
                "content_type", visitor.say("texts_content_type"),
                StoredTextGateway.ContentType.allCases.map { Choice($0.rawValue, $0.rawValue) },
                selected: value("content_type", gateway?["content_type"]?.text)),
            "rest": [
                field("body", gateway?["body"]?.text ?? usual, hint: "texts_body_hint"),
                field("header", gateway?["header"]?.text, hint: "texts_header_hint"),
                // never what is stored
                TypedField(
                    id: "secret", label: "texts_secret", kind: .text, value: "",
                    hint: gateway?["has_secret"]?.flag == true
                        ? "texts_secret_kept" : "texts_secret_hint"
                ).fields(visitor, errors),
            ],
            "reminders": CheckBoxes.fields(
                "reminders", visitor.say("texts_reminders"),
                AlertChoices.leads.map { Choice("\($0)", visitor.say("alerts_lead_\($0)")) },
                chosen: leads),
            "wordings": Language.allCases.map { language in
                field(
                    "text_\(language.rawValue)", settings["texts"]?[language.rawValue]?.text,
                    hint: "texts_text_hint")
            },
        ]
        if try visitor.signedIn.roles.contains(.admin) { fields["may_save"] = true }
        if visitor.request.query.text("done") == "saved" {
            fields["done"] = ["text": visitor.say("alerts_done_saved")]
        }
        return try visitor.page(
            "texts", title: visitor.say("texts_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    static func save(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        let form = visitor.request.form
        guard let revision = form.text("revision").flatMap({ Int64($0) }) else {
            throw InvalidLink()
        }
        let chosen = Set(form.all("reminders"))
        var texts: [String: String] = [:]
        var errors = FieldErrors()
        for language in Language.allCases {
            let name = "text_\(language.rawValue)"
            guard let text = form.text(name) else { continue }
            guard text.contains("{when}"), text.count <= 300 else {
                errors.add(name, "error_texts_text")
                continue
            }
            texts[language.rawValue] = text
        }
        let gateway = form.text("address").map { address in
            NewTextSettings.Gateway(
                address: address,
                method: form.text("method").flatMap(StoredTextGateway.Method.init(rawValue:))
                    ?? .post,
                contentType: form.text("content_type")
                    .flatMap(StoredTextGateway.ContentType.init(rawValue:)) ?? .json,
                body: form.text("body") ?? "", header: form.text("header"),
                secret: form.text("secret"))
        }
        if let header = gateway?.header, !NewTextSettings.Gateway.isHeader(header) {
            errors.add("header", "error_texts_header")
        }
        guard errors.isEmpty else {
            return try await show(visitor, typed: form, errors: errors)
        }
        do {
            _ = try await visitor.market.updateTextGateway(
                visitor.asking("updateTextGateway"), revision: revision,
                NewTextSettings(
                    gateway: gateway,
                    reminders: AlertChoices.leads.filter { chosen.contains("\($0)") },
                    texts: texts))
            return .see("/settings/texts?done=saved")
        } catch let refusal as Refusal where refusal.code == .revisionDiffers {
            errors.add(nil, "refusal_revision_differs")
        } catch let invalid as InvalidInput {
            let pointer = invalid.problems.first?.pointer ?? ""
            let field = String(pointer.dropFirst("/gateway/".count))
            errors.add(field, "error_texts_\(field)")
        }
        return try await show(visitor, typed: form, errors: errors)
    }

    // MARK: Where a patient is reached

    /// The form on a booking's page, where its buyer sends texts and it is still to come.
    static func contactForm(_ visitor: Visitor, of id: BookingID) async throws -> [String: Any]? {
        let contact = try await visitor.market.patientContact(
            visitor.asking("getPatientContact"), id
        ).body
        guard contact["reminders"]?.elements?.isEmpty == false else { return nil }
        return [
            "number": TypedField(
                id: "number", label: "texts_number", kind: .text,
                value: contact["number"]?.text ?? "", hint: "texts_number_hint"
            ).fields(visitor, FieldErrors()),
            "text_language": Choice.field(
                "language", visitor.say("texts_language"),
                Language.allCases.map { Choice($0.rawValue, $0.ownName) },
                selected: contact["language"]?.text ?? visitor.language.rawValue),
        ]
    }

    /// No number is none any more.
    static func setContact(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        let form = visitor.request.form
        guard let typed = form.text("number") else {
            _ = try await visitor.market.removePatientContact(
                visitor.asking("removePatientContact"), id)
            return .see("/bookings/\(id)?done=contact")
        }
        guard let number = try? TextNumber(typed),
            let language = form.text("language").flatMap(Language.init(rawValue:))
        else {
            // the buyer's alone: others are refused before they are told what is wrong
            _ = try await visitor.market.patientContact(visitor.asking("getPatientContact"), id)
            var errors = FieldErrors()
            errors.add("number", "error_texts_number")
            return try await BookingPages.show(visitor, id, errors: errors, status: 422)
        }
        _ = try await visitor.market.setPatientContact(
            visitor.asking("setPatientContact"), id,
            PatientContact(number: number, language: language.rawValue))
        return .see("/bookings/\(id)?done=contact")
    }
}

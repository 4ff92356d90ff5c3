import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What one's own organisation says of what it sells.
enum ProfilePages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        let profile = try await visitor.market.profile(visitor.asking("getProfile")).body
        return try show(
            visitor, ProfileForm(stored: profile, visitor.language), FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ form: ProfileForm, _ errors: FieldErrors, status: Int
    ) throws -> PageReply {
        var fields = form.fields(visitor, errors)
            .merging(visitor.tabsBeforeContract()) { own, _ in own }
        if try visitor.signedIn.roles.contains(.admin) { fields["may_save"] = true }
        if visitor.request.query.text("done") == "saved" {
            fields["done"] = ["text": visitor.say("profile_done_saved")]
        }
        if form.isPublished, errors.isEmpty {
            fields["shown_at"] = ["address": "/sellers/\(try visitor.signedIn.organisation)"]
        }
        return try visitor.page(
            "profile", title: visitor.say("profile_title"), fields, status: status, errors: errors)
    }

    static func save(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        let form = ProfileForm(typed: visitor.request.form)
        guard let revision = Int64(form.revision) else { throw InvalidLink() }
        var errors = FieldErrors()
        if let details = form.details(&errors) {
            do {
                _ = try await visitor.market.updateProfile(
                    visitor.asking("updateProfile"), revision: revision, details)
                return .see("/profile?done=saved")
            } catch let refusal as Refusal where refusal.code == .partyDataMissing {
                errors.add("published", "refusal_party_data_missing")
            } catch let refusal as Refusal where refusal.code == .revisionDiffers {
                errors.add(nil, "refusal_revision_differs")
            }
        }
        return try show(visitor, form, errors, status: 422)
    }
}

/// What is typed into the page, as text.
private struct ProfileForm {
    let revision: String
    let isPublished: Bool
    private let descriptions: [String: String]
    private let services: [ServiceForm]
    private let regions: Set<String>
    private let email: String

    private static let most = 10

    init(typed form: FormFields) {
        revision = form.text("revision") ?? ""
        isPublished = form.text("published") == "yes"
        descriptions = Dictionary(
            uniqueKeysWithValues: Language.allCases.map {
                ($0.rawValue, form.text("description_\($0.rawValue)") ?? "")
            })
        services = (1...Self.most).filter { form.text("kind_\($0)") != nil }
            .map { ServiceForm(typed: form, suffix: "_\($0)") }
        regions = Set(form.all("regions"))
        email = form.text("email") ?? ""
    }

    init(stored profile: JSON, _ language: Language) {
        revision = "\(profile["revision"]?.integer ?? 0)"
        isPublished = profile["published"]?.flag == true
        descriptions = Dictionary(
            uniqueKeysWithValues: Language.allCases.map {
                ($0.rawValue, profile["description"]?[$0.rawValue]?.text ?? "")
            })
        let stored = profile["services"]?.elements ?? []
        // as many as there are, and room for one more
        services = (0..<min(stored.count + 1, Self.most)).map { index in
            ServiceForm(
                stored: index < stored.count ? stored[index] : nil, suffix: "_\(index + 1)",
                language)
        }
        regions = Set((profile["regions"]?.elements ?? []).compactMap(\.text))
        email = profile["email"]?.text ?? ""
    }

    // MARK: What it means

    func details(_ errors: inout FieldErrors) -> ProfileDetails? {
        var description: [String: String] = [:]
        for (language, text) in descriptions where !text.isEmpty {
            description[language] = errors.words(
                "description_\(language)", text, max: 4_000, tooLong: "error_words_long",
                missing: "error_description")
        }
        if descriptions.values.allSatisfy(\.isEmpty) {
            errors.add("description_fi", "error_description")
        }
        var offered: [ServiceOutline] = []
        for (index, form) in services.enumerated() where index == 0 || !form.isEmpty {
            if let service = form.service(&errors, hasPrice: true) { offered.append(service) }
        }
        let chosen = Set(regions.compactMap(Region.init(rawValue:)))
        if chosen.isEmpty { errors.add("regions", "error_regions") }
        let address = errors.read("email", "error_email") { try EmailAddress(email) }
        guard errors.isEmpty, let address else { return nil }
        return ProfileDetails(
            isPublished: isPublished, description: description, services: offered,
            regions: chosen, email: address)
    }

    // MARK: As the page reads it

    func fields(_ visitor: Visitor, _ errors: FieldErrors) -> [String: Any] {
        func message(_ id: String) -> String? { errors.message(of: id).map { visitor.say($0) } }
        return [
            "revision": revision,
            "publishing": CheckBoxes.fields(
                "published", visitor.say("profile_publishing"),
                [Choice("yes", visitor.say("profile_published"))],
                chosen: isPublished ? ["yes"] : [], error: message("published")),
            "descriptions": Language.allCases.map { language -> [String: Any] in
                TypedField(
                    id: "description_\(language.rawValue)",
                    label: "profile_description_\(language.rawValue)", kind: .text,
                    value: descriptions[language.rawValue] ?? ""
                ).fields(visitor, errors)
            },
            "services": services.enumerated().map { index, form -> [String: Any] in
                var row = form.fields(visitor, errors, hasPrice: true)
                row["row_title"] = visitor.say(
                    index > 0 && form.isEmpty ? "profile_another_service" : "profile_service",
                    "\(index + 1)")
                return row
            },
            "areas": CheckBoxes.fields(
                "regions", visitor.say("profile_regions"), visitor.regionChoices,
                chosen: regions, error: message("regions")),
            "contact": TypedField(
                id: "email", label: "profile_email", kind: .email, value: email,
                hint: "profile_email_hint", autocomplete: "email"
            ).fields(visitor, errors),
        ]
    }
}

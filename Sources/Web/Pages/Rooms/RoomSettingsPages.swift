import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// The video systems that the organisation can host, and those that it can join.
enum RoomSettingsPages {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, typed: nil, errors: FieldErrors())
    }

    /// As it stands, or as it was typed.
    private static func show(
        _ visitor: Visitor, typed: FormFields?, errors: FieldErrors
    ) async throws -> PageReply {
        let settings = try await visitor.market.roomSettings(
            visitor.asking("getRoomSettings")
        ).body
        let (jitsi, own) = (settings["jitsi"], settings["own_link"])
        func field(_ name: String, _ stored: String?, hint: String? = nil) -> [String: Any] {
            TypedField(
                id: name, label: "rooms_\(name)", kind: .text,
                value: typed.map { $0.text(name) ?? "" } ?? stored ?? "", hint: hint
            ).fields(visitor, errors)
        }
        let hostsBuiltIn =
            typed.map { $0.text("hosts_built_in") == "yes" }
            ?? (settings["hosts_built_in"]?.flag == true)
        let joins = (settings["joins"]?.elements ?? []).compactMap(\.text)
        var fields: [String: Any] = [
            "revision": "\(settings["revision"]?.integer ?? 0)",
            "built_in": CheckBoxes.fields(
                "hosts_built_in", visitor.say("rooms_built_in"),
                [Choice("yes", visitor.say("rooms_hosts_built_in"))],
                chosen: hostsBuiltIn ? ["yes"] : []),
            "jitsi": [
                field("domain", jitsi?["domain"]?.text, hint: "rooms_domain_hint"),
                field("app_id", jitsi?["app_id"]?.text, hint: "rooms_app_id_hint"),
                // never what is stored
                TypedField(
                    id: "secret", label: "rooms_secret", kind: .text, value: "",
                    hint: jitsi?["domain"] == nil ? "rooms_secret_hint" : "rooms_secret_kept"
                ).fields(visitor, errors),
                field("room_prefix", jitsi?["room_prefix"]?.text, hint: "rooms_prefix_hint"),
            ],
            "own_link": [
                field("own_name", own?["name"]?.text, hint: "rooms_own_name_hint"),
                field("own_address", own?["address"]?.text, hint: "rooms_own_address_hint"),
            ],
            "joins": (0..<Room.Provider.allCases.count).map { place in
                joinField(
                    visitor, place,
                    typed.map { $0.text("join_\(place + 1)") }
                        ?? (place < joins.count ? joins[place] : nil), errors)
            },
        ]
        if try visitor.signedIn.roles.contains(.admin) { fields["may_save"] = true }
        if visitor.request.query.text("done") == "saved" {
            fields["done"] = ["text": visitor.say("alerts_done_saved")]
        }
        return try visitor.page(
            "room_settings", title: visitor.say("rooms_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    private static func joinField(
        _ visitor: Visitor, _ place: Int, _ selected: String?, _ errors: FieldErrors
    ) -> [String: Any] {
        let name = "join_\(place + 1)"
        return Choice.field(
            name, visitor.say("rooms_join", "\(place + 1)"),
            [Choice("", visitor.say("rooms_join_none"))]
                + Room.Provider.allCases.map {
                    Choice($0.rawValue, visitor.say("room_\($0.rawValue)"))
                },
            selected: selected, error: errors.message(of: name).map { visitor.say($0) })
    }

    static func save(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        let form = visitor.request.form
        guard let revision = form.text("revision").flatMap({ Int64($0) }) else {
            throw InvalidLink()
        }
        var errors = FieldErrors()
        let jitsi = jitsi(form, &errors)
        let own = ownLink(form, &errors)
        let joins = joins(form, &errors)
        guard errors.isEmpty else {
            return try await show(visitor, typed: form, errors: errors)
        }
        do {
            _ = try await visitor.market.updateRoomSettings(
                visitor.asking("updateRoomSettings"), revision: revision,
                NewRoomSettings(
                    hostsBuiltIn: form.text("hosts_built_in") == "yes", jitsi: jitsi,
                    ownLink: own, joins: joins))
            return .see("/settings/rooms?done=saved")
        } catch let refusal as Refusal where refusal.code == .revisionDiffers {
            errors.add(nil, "refusal_revision_differs")
        } catch is InvalidInput {
            errors.add("secret", "error_rooms_secret_missing")
        }
        return try await show(visitor, typed: form, errors: errors)
    }

    /// Nil where no domain is given: no Jitsi is hosted.
    private static func jitsi(
        _ form: FormFields, _ errors: inout FieldErrors
    ) -> NewRoomSettings.Jitsi? {
        guard let domain = form.text("domain")?.lowercased() else { return nil }
        let (appID, secret) = (form.text("app_id") ?? "", form.text("secret"))
        let prefix = form.text("room_prefix") ?? ""
        if !NewRoomSettings.Jitsi.isDomain(domain) { errors.add("domain", "error_rooms_domain") }
        if !NewRoomSettings.Jitsi.isAppID(appID) { errors.add("app_id", "error_rooms_app_id") }
        if let secret, !NewRoomSettings.Jitsi.isSecret(secret) {
            errors.add("secret", "error_rooms_secret")
        }
        if !NewRoomSettings.Jitsi.isPrefix(prefix) {
            errors.add("room_prefix", "error_rooms_prefix")
        }
        return NewRoomSettings.Jitsi(
            domain: domain, appID: appID, secret: secret, prefix: prefix)
    }

    /// Nil where neither a name nor an address is given.
    private static func ownLink(
        _ form: FormFields, _ errors: inout FieldErrors
    ) -> StoredRoomSettings.OwnLink? {
        let address = form.text("own_address")
        guard address != nil || form.text("own_name") != nil else { return nil }
        let name = errors.words(
            "own_name", form.text("own_name"), max: 80, tooLong: "error_rooms_own_name",
            missing: "error_rooms_own_name")
        if !NewRoomSettings.isOwnLink(address ?? "") {
            errors.add("own_address", "error_rooms_own_address")
        }
        return name.map { .init(name: $0, address: address ?? "") }
    }

    private static func joins(
        _ form: FormFields, _ errors: inout FieldErrors
    ) -> [Room.Provider] {
        var joins: [Room.Provider] = []
        for place in 1...Room.Provider.allCases.count {
            guard let provider = form.text("join_\(place)").flatMap(Room.Provider.init(rawValue:))
            else { continue }
            if joins.contains(provider) { errors.add("join_\(place)", "error_rooms_join_twice") }
            joins.append(provider)
        }
        return joins
    }
}

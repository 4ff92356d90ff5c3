import Documents
import Marketplace
import MoneyAndTime
import Organisations
import SignIn
import Storage
import StrictJSON
import Visits

/// The links by which guests come to a visit: those that there are, a new one, and its sheet of
/// paper.
enum GuestLinkPages {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        try visitor.require([.scheduler, .specialist])
        let login = try visitor.signedIn
        let links =
            try await visitor.market.listGuestLinks(
                visitor.asking("listGuestLinks"), id
            ).body["items"]?.elements ?? []
        let visit = try await visitor.market.visit(visitor.asking("getVisit"), id).body
        let booking = try await visitor.market.booking(visitor.asking("getBooking"), id).body
        let side = booking["seller"]?.text == login.organisation.description ? "seller" : "buyer"
        var fields: [String: Any] = [
            "visit_address": "/visits/\(id)",
            "moment": try moment(of: visit, visitor),
            "form_choices": [kinds(visitor), languages(visitor)],
            "links": try links.map { try describe($0, side, visitor) },
            "guests": try (visit["guests"]?.elements ?? []).map { try record($0, visitor) },
        ]
        if links.isEmpty { fields["no_links"] = true }
        if visitor.request.query.text("done") == "revoked" {
            fields["done"] = ["text": visitor.say("guest_links_done_revoked")]
        }
        return try visitor.page("guests", title: visitor.say("guest_links_title"), fields)
    }

    private static func moment(of visit: JSON, _ visitor: Visitor) throws -> String {
        let login = try visitor.signedIn
        return try visitor.language.span(
            Instant(rfc3339: visit["planned"]?["starts"]?.text ?? ""),
            Instant(rfc3339: visit["planned"]?["ends"]?.text ?? ""), in: login.zone)
    }

    private static func kinds(_ visitor: Visitor) -> [String: Any] {
        Choice.field(
            "kind", visitor.say("guest_link_kind"),
            GuestKind.allCases.map {
                Choice($0.rawValue, visitor.say("guest_kind_\($0.rawValue)"))
            }, selected: nil)
    }

    private static func languages(_ visitor: Visitor) -> [String: Any] {
        Choice.field(
            "language", visitor.say("guest_link_language"),
            Language.allCases.map { Choice($0.rawValue, $0.ownName) },
            selected: visitor.language.rawValue)
    }

    private static func describe(
        _ link: JSON, _ side: String, _ visitor: Visitor
    ) throws -> [String: Any] {
        let login = try visitor.signedIn
        func moment(_ name: String) throws -> String? {
            try link[name]?.text.map {
                visitor.language.moment(try Instant(rfc3339: $0), in: login.zone)
            }
        }
        let language = link["language"]?.text.flatMap(Language.init(rawValue:))
        var fields: [String: Any] = [
            "kind": visitor.say("guest_kind_\(link["kind"]?.text ?? "")"),
            "language": language?.ownName ?? "",
            "by": visitor.say("sender_\(link["side"]?.text ?? "")"),
            "made": try moment("created_at") ?? "",
        ]
        if let revoked = try moment("revoked_at") {
            fields["revoked"] = ["text": visitor.say("guest_link_revoked_at", revoked)]
        } else if link["side"]?.text == side {
            fields["may_revoke"] = ["guest_link": link["id"]?.text ?? ""]
        }
        return fields
    }

    /// Who came, and what became of it.
    private static func record(_ guest: JSON, _ visitor: Visitor) throws -> [String: Any] {
        let login = try visitor.signedIn
        func time(_ json: JSON?) throws -> String {
            visitor.language.time(try Instant(rfc3339: json?.text ?? ""), in: login.zone)
        }
        var fields: [String: Any] = [
            "kind": visitor.say("guest_kind_\(guest["kind"]?.text ?? "")"),
            "came": try time(guest["came_at"]),
            "state": visitor.say("guest_state_\(guest["state"]?.text ?? "")"),
        ]
        if let admission = guest["let_in"], let at = admission["at"],
            let how = admission["identification"]?.text.flatMap(Identification.init(rawValue:))
        {
            let words = PeopleWords(visitor: visitor, zone: login.zone)
            let side = visitor.say("sender_\(admission["side"]?.text ?? "")")
            fields["let_in"] = [
                "at": try time(at),
                "how": words.identified(how, by: admission["by"]?.text ?? "", of: side),
            ]
        }
        if guest["ended_at"]?.text != nil { fields["ended"] = try time(guest["ended_at"]) }
        return fields
    }

    // MARK: Making and revoking

    /// The new link is shown once, on a sheet of paper for the guest.
    static func make(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        let form = visitor.request.form
        guard let kind = form.text("kind").flatMap(GuestKind.init(rawValue:)),
            let language = form.text("language").flatMap(Language.init(rawValue:))
        else {
            _ = try await visitor.market.visit(visitor.asking("issueGuestLink"), id)
            throw InvalidLink()
        }
        let link = try await visitor.market.issueGuestLink(
            visitor.asking("issueGuestLink"), id, for: kind, language: language.rawValue
        ).body
        guard let token = link["token"]?.text.flatMap(OneTimeSecret.init(presented:)) else {
            // the same form again: it was shown, and nobody knows it any more
            return .see("/visits/\(id)/guests")
        }
        guard let seen = try await visitor.market.guestLink(token) else { throw InvalidLink() }
        return try sheet(visitor, id, token, seen, kind, language)
    }

    private static func sheet(
        _ visitor: Visitor, _ id: BookingID, _ token: OneTimeSecret, _ seen: SeenGuestLink,
        _ kind: GuestKind, _ language: Language
    ) throws -> PageReply {
        let place = visitor.request.publicAddress(of: visitor.market)
        let address = "\(place ?? "https://\(visitor.request.host)")/join/\(token.text)"
        // the sheet is read by the guest
        var reader = visitor
        reader.language = language
        let zone = try WallClock(zone: seen.zone)
        var sheet: [String: Any] = [
            "tag": language.rawValue,
            "heading": reader.say("guest_title"),
            "lead": reader.say("guest_lead_\(kind.rawValue)", seen.host),
            "when_label": reader.say("guest_when"), "host_label": reader.say("guest_host"),
            "moment": language.span(seen.planned.start, seen.planned.end, in: zone),
            "host": seen.host,
            "opens": reader.say("guest_sheet_opens", language.time(seen.opens, in: zone)),
            "steps_title": reader.say("guest_sheet_steps"),
            "steps": ["scan", "check", "wait"].map { ["text": reader.say("guest_sheet_\($0)")] },
            "secret": reader.say("guest_sheet_secret"),
            "link_label": reader.say("guest_sheet_address"),
            "link": address,
        ]
        if let telephone = seen.telephone.flatMap({ try? TelephoneNumber($0) }) {
            sheet["telephone"] = [
                "text": reader.say("guest_help"), "number": telephone.text,
            ]
        }
        if let code = QRCode(address) {
            sheet["code"] = [
                "side": "\(code.pictureSide)", "path": code.path,
                "label": reader.say("guest_sheet_code"),
            ]
        }
        var fields: [String: Any] = [
            "sheet": sheet, "guests_address": "/visits/\(id)/guests",
            "visit_address": "/visits/\(id)",
        ]
        if seen.telephone == nil { fields["no_telephone"] = true }
        return try visitor.page("guest_link", title: visitor.say("guest_link_title"), fields)
    }

    static func revoke(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        try visitor.require([.scheduler, .specialist])
        let links =
            try await visitor.market.listGuestLinks(
                visitor.asking("listGuestLinks"), id
            ).body["items"]?.elements ?? []
        guard
            let link = visitor.request.form.text("guest_link")
                .flatMap({ try? GuestLinkID(typeID: $0) }),
            links.contains(where: { $0["id"]?.text == link.description })
        else { throw InvalidLink() }
        _ = try await visitor.market.revokeGuestLink(visitor.asking("revokeGuestLink"), link)
        return .see("/visits/\(id)/guests?done=revoked")
    }
}

import Marketplace
import MoneyAndTime
import Organisations
import SignIn
import Storage
import Visits

/// A guest on one of its own pages: the link by which it came, and where it stands.
struct GuestVisit {
    let visitor: Visitor
    let secret: OneTimeSecret
    let link: SeenGuestLink
    let zone: WallClock
    /// What this browser holds; nil before it has come to the door.
    let session: OneTimeSecret?
    let guest: GuestAtDoor?

    /// In the guest's own language. Throws `InvalidLink` for what is no link.
    init(_ visitor: Visitor, _ parameter: String) async throws {
        guard let secret = OneTimeSecret(presented: parameter),
            let link = try await visitor.market.guestLink(secret)
        else { throw InvalidLink() }
        var visitor = visitor
        if visitor.request.cookie(Cookie.language).flatMap(Language.init(rawValue:)) == nil {
            visitor.language = Language(rawValue: link.language) ?? visitor.language
        }
        self.visitor = visitor
        self.secret = secret
        self.link = link
        zone = try WallClock(zone: link.zone)
        let held = visitor.request.cookie(Cookie.guest).flatMap(OneTimeSecret.init(presented:))
        let guest =
            if let held {
                try await visitor.market.guestsAtDoor([held.digest]).first
            } else { GuestAtDoor?.none }
        // what another link gave is nothing here
        self.guest = guest.flatMap { $0.link == link.id ? $0 : nil }
        session = self.guest == nil ? nil : held
    }

    var address: String { "/join/\(secret.text)" }
    var state: GuestState? { guest?.state }

    /// What every page of a guest shows.
    var fields: [String: Any] {
        var fields: [String: Any] = [
            "guest": true, "address": address, "host": link.host,
            "moment": visitor.language.span(link.planned.start, link.planned.end, in: zone),
        ]
        if let telephone = link.telephone.flatMap({ try? TelephoneNumber($0) }) {
            fields["telephone"] = ["number": telephone.text, "call": telephone.address]
        }
        return fields
    }

    func time(_ instant: Instant) -> String { visitor.language.time(instant, in: zone) }

    /// A page for the guest, whose forms are bound to its browser.
    func page(
        _ template: String, title: String, _ more: [String: Any], status: Int = 200
    ) throws -> PageReply {
        var reply = try visitor.openPage(
            template, title: visitor.say(title), fields.merging(more) { $1 }, status: status)
        reply.cookies = [visitor.request.settingBrowser(visitor.browser)]
        return reply
    }

    /// The secret of a guest who has come; others are told that they have not.
    func atDoor() throws -> OneTimeSecret {
        guard let session else { throw Refusal(.joinTokenUnknown) }
        return session
    }
}

extension PageRequest {
    /// Until the browser is closed, and only for the pages of the link.
    func keepingGuest(_ secret: OneTimeSecret, at address: String) -> String {
        "\(Cookie.guest)=\(secret.text); Path=\(address); HttpOnly; SameSite=Lax"
            + (isSecure ? "; Secure" : "")
    }
}

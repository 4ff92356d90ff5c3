import Marketplace
import MoneyAndTime
import Organisations
import SignIn
import Storage
import StrictJSON

/// Private addresses at which calendar programs read visits; and a visit as a file for one's
/// calendar.
enum CalendarFeedPages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler, .specialist, .admin, .auditor])
        return try await list(visitor, FieldErrors())
    }

    private static func list(
        _ visitor: Visitor, _ errors: FieldErrors
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let names = try await subjects(visitor)
        let mayAny = !login.roles.isDisjoint(with: [.scheduler, .admin])
        let mayAdd = mayAny || login.roles.contains(.specialist)
        let rows = try await visitor.every {
            try await visitor.market.listCalendarFeeds(
                visitor.asking("listCalendarFeeds"), page: $0)
        }.filter { $0["revoked_at"]?.text == nil }.map { feed -> [String: Any] in
            let subject = feed["specialist"]?.text ?? feed["unit"]?.text ?? ""
            var row: [String: Any] = [
                "feed": feed["id"]?.text ?? "",
                "subject": names.first { $0.value == subject }?.text ?? subject,
                "made": try visitor.age(of: feed["created_at"]),
                "used": try feed["last_used_at"]?.text == nil
                    ? visitor.say("feed_never") : visitor.age(of: feed["last_used_at"]),
            ]
            // the form looks for it in its own row
            row["to_end"] = mayAdd
            return row
        }
        var fields: [String: Any] = ["rows": rows]
        if rows.isEmpty { fields["none"] = true }
        let own = login.specialist?.description
        let choices = mayAny ? names : names.filter { $0.value == own }
        if mayAdd, !choices.isEmpty {
            fields["form_to_add"] = [
                "choices_of_form": [
                    Choice.field(
                        "whose", visitor.say("feed_whose"), choices,
                        selected: visitor.request.form.text("whose") ?? own,
                        error: errors.message(of: "whose").map { visitor.say($0) })
                ]
            ]
        } else if mayAdd {
            fields["no_own"] = true
        }
        if visitor.request.query.text("done") == "ended" {
            fields["done"] = ["text": visitor.say("feeds_done_ended")]
        }
        return try visitor.page(
            "calendar_feeds", title: visitor.say("feeds_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    /// Whose visits a feed may hold: the specialists, and the units.
    private static func subjects(_ visitor: Visitor) async throws -> [Choice] {
        let units = try await visitor.every {
            try await visitor.market.listUnits(visitor.asking("listUnits"), page: $0)
        }
        return try await OwnSpecialist.all(visitor).choices
            + units.map {
                Choice(
                    $0["id"]?.text ?? "", visitor.say("feed_unit", $0["name"]?.text ?? ""))
            }
    }

    /// Shows the address, once: only its digest is kept.
    static func add(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler, .specialist, .admin])
        let whose = visitor.request.form.text("whose") ?? ""
        let subject: StoredCalendarFeed.Subject
        if let specialist = try? SpecialistID(typeID: whose) {
            subject = .specialist(specialist)
        } else if let unit = try? UnitID(typeID: whose) {
            subject = .unit(unit)
        } else {
            var errors = FieldErrors()
            errors.add("whose", "error_feed_whose")
            return try await list(visitor, errors)
        }
        let made = try await visitor.market.addCalendarFeed(
            visitor.asking("addCalendarFeed"), of: subject, in: visitor.language.ofTemplates
        ).body
        var fields: [String: Any] = [:]
        if let address = made["address"]?.text {
            // the market itself may not know where browsers find it
            let here =
                address.hasPrefix("/")
                ? visitor.request.publicAddress(of: visitor.market)
                    ?? "https://\(visitor.request.host)" : ""
            fields["fresh"] = ["address": here + address]
        } else {
            fields["is_repeated"] = true
        }
        return try visitor.page(
            "calendar_feed_new", title: visitor.say("feed_new_title"), fields)
    }

    static func end(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler, .specialist, .admin])
        guard let id = visitor.request.form.text("feed"),
            let feed = try? CalendarFeedID(typeID: id)
        else { throw InvalidLink() }
        _ = try await visitor.market.revokeCalendarFeed(
            visitor.asking("revokeCalendarFeed"), feed)
        return .see("/calendar-feeds?done=ended")
    }

    // MARK: What calendar programs read

    /// The secret in the path of a feed, `/calendars/<secret>.ics`; nil for every other path.
    static func secret(in path: Substring) -> OneTimeSecret? {
        let (start, end) = ("/calendars/", ".ics")
        guard path.hasPrefix(start), path.hasSuffix(end) else { return nil }
        return OneTimeSecret(presented: String(path.dropFirst(start.count).dropLast(end.count)))
    }

    /// The visits, or that they have not changed (RFC 9110 §13.1.2); nil where nothing is at this
    /// address, whatever the reason.
    static func read(_ request: PageRequest, _ market: Market) async throws -> PageReply? {
        guard let secret = secret(in: request.path),
            let document = try await market.calendarFeed(secret)
        else { return nil }
        var reply = PageReply.file(document)
        reply.isKeptByBrowser = true
        let tag = "\"\(document.digest)\""
        reply.entityTag = tag
        if request.alreadyHas(tag) {
            reply.status = 304
            reply.body = []
        }
        return reply
    }

    /// The same for every address at which nothing is; it counts more against who asks.
    static func nothing(_ visitor: Visitor) -> PageReply {
        PageReply(
            status: 404, body: Array("\(visitor.say("feed_nothing"))\n".utf8),
            mediaType: "text/plain; charset=utf-8", isFailedSignIn: true)
    }

    // MARK: One visit

    static func download(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        let asked = visitor.request.query.text("form") ?? Market.CalendarForm.message.rawValue
        guard let form = Market.CalendarForm(rawValue: asked) else { throw InvalidLink() }
        return try await .file(
            visitor.market.bookingCalendar(
                visitor.asking("getBookingCalendar"), id, as: form,
                in: visitor.language.ofTemplates))
    }
}

extension Visitor {
    /// The links to a visit as a file, where it has a handshake.
    func calendarLinks(_ booking: BookingID, _ handshake: JSON?) -> [String: Any]? {
        guard let handshake else { return nil }
        let address = "/bookings/\(booking)/calendar"
        var links: [String: Any] = ["event": "\(address)?form=event"]
        if handshake["state"]?.text != "none" || handshake["messages"]?.elements?.isEmpty == false {
            links["invitation"] = ["link": address]
        }
        return links
    }

    /// A moment, and how many days ago it was.
    fileprivate func age(of json: JSON?) throws -> String {
        let instant = try Instant(rfc3339: json?.text ?? "")
        let days = try max(0, signedIn.now.seconds(since: instant) / 86_400)
        let moment = try language.moment(instant, in: signedIn.zone)
        return say("feed_age", moment, language.number("\(days)"))
    }
}

import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Visits for the calendars that people keep elsewhere.
enum CalendarHandlers {
    static func visit(_ call: Call) async throws -> Reply {
        try await .file(
            call.market.bookingCalendar(
                call.request, call.id("booking"),
                as: call.query.optionalEnumeration("form") ?? .message,
                in: call.query.optionalEnumeration("language") ?? .english))
    }

    static func listFeeds(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listCalendarFeeds(
                call.request, page: call.page(CalendarFeedID.init(typeID:))))
    }

    static func addFeed(_ call: Call) async throws -> Reply {
        typealias Wish = (subject: StoredCalendarFeed.Subject, language: TemplateLanguage)
        let wish: Wish = try call.object { fields in
            let specialist = try fields.optionalParsed(
                "specialist", SpecialistID.init(typeID:))
            let unit = try fields.optionalParsed("unit", UnitID.init(typeID:))
            let language = try fields.enumeration("language", as: TemplateLanguage.self)
            switch (specialist, unit) {
            case (let specialist?, nil):
                return (.specialist(specialist), language)
            case (nil, let unit?):
                return (.unit(unit), language)
            default:
                throw fields.problem(
                    "specialist", .pattern, "give either specialist or unit, and not both")
            }
        }
        return try await .json(
            call.market.addCalendarFeed(call.request, of: wish.subject, in: wish.language))
    }

    static func revokeFeed(_ call: Call) async throws -> Reply {
        try await .json(call.market.revokeCalendarFeed(call.request, call.id("feed")))
    }

    static func listMailboxes(_ call: Call) async throws -> Reply {
        try await .page(
            call.market.listCalendarMailboxes(
                call.request, page: call.page(CalendarMailboxID.init(typeID:))))
    }

    static func setMailbox(_ call: Call) async throws -> Reply {
        let (unit, address, language) = try call.object { fields in
            try (
                fields.optionalParsed("unit", UnitID.init(typeID:)),
                fields.parsed("address", max: 254) { try EmailAddress($0) },
                fields.enumeration("language", as: TemplateLanguage.self)
            )
        }
        return try await .json(
            call.market.setCalendarMailbox(call.request, of: unit, address, in: language))
    }

    static func removeMailbox(_ call: Call) async throws -> Reply {
        try await .json(
            call.market.removeCalendarMailbox(call.request, call.id("mailbox")))
    }
}

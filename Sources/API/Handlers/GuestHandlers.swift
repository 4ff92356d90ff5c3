import Marketplace
import MoneyAndTime
import StrictJSON
import Visits

/// Guests of a visit: their links, and the door.
enum GuestHandlers {
    static func issueGuestLink(_ call: Call) async throws -> Reply {
        let (kind, language) = try call.object { fields in
            try (
                fields.enumeration("kind", as: GuestKind.self),
                fields.enumeration("language", as: GuestLanguage.self)
            )
        }
        return try await .json(
            call.market.issueGuestLink(
                call.request, call.id("booking"), for: kind, language: language.rawValue))
    }

    /// Those that the pages have.
    private enum GuestLanguage: String, CaseIterable {
        case finnish = "fi"
        case swedish = "sv"
        case english = "en"
    }

    static func listGuestLinks(_ call: Call) async throws -> Reply {
        try await .json(call.market.listGuestLinks(call.request, call.id("booking")))
    }

    static func revokeGuestLink(_ call: Call) async throws -> Reply {
        try await .json(call.market.revokeGuestLink(call.request, call.id("guest_link")))
    }

    static func letGuestIn(_ call: Call) async throws -> Reply {
        let identification = try call.object { fields in
            try fields.enumeration("identification", as: Identification.self)
        }
        return try await .json(
            call.market.letGuestIn(call.request, call.id("guest"), identified: identification))
    }

    static func putGuestOut(_ call: Call) async throws -> Reply {
        try await .json(call.market.putGuestOut(call.request, call.id("guest")))
    }
}

import Marketplace
import Organisations
import Storage

/// The links on top of every page: only what the visitor's roles are for, and first what they are
/// for most.
extension Visitor {
    func navigation(_ login: Login) -> [String: Any] {
        var fields: [String: Any] = [:]
        fields["links"] = places(login).map { address, key in
            var link: [String: Any] = ["address": address, "text": say(key)]
            if address == "/proposals", let waiting = standing?.waiting, waiting > 0 {
                link["waiting_count"] = ["number": language.number("\(waiting)")]
            }
            if request.path == address {
                link["current"] = true
            } else if Self.place(of: String(request.path)) == address {
                link["within"] = true
            }
            if link["current"] != nil || link["within"] != nil { fields["here"] = link }
            return link
        }
        return fields
    }

    private func places(_ login: Login) -> [(address: String, key: String)] {
        var places = [("/", "start_title")]
        let bookings = [("/bookings", "bookings_title")]
        let contracts = [("/contracts", "contracts_title")]
        let arranges = !login.roles.isDisjoint(with: [.scheduler, .specialist])
        if arranges {
            places.append(("/day", dayTitle))
            if standing?.buys == true { places.append(("/find", "find_title")) }
            if standing?.sells == true { places.append(("/calendar", "calendar_title")) }
            places.append(("/proposals", "proposals_title"))
            places += bookings
        }
        let agrees = !login.roles.isDisjoint(with: [.admin, .signatory])
        let before = [("/sellers", "before_title")]
        if agrees || arranges { places += contracts + before }
        if !login.roles.isDisjoint(with: [.finance, .admin, .auditor]) {
            places += [
                ("/statements", "statements_title"), ("/invoices", "invoices_title"),
                ("/payments", "payments_title"), ("/bank-files", "bank_files_title"),
                ("/trial-balance", "books_title"),
            ]
        }
        if !arranges { places += bookings }
        if !agrees, !arranges { places += contracts + before }
        if !login.roles.isDisjoint(with: [.admin, .auditor]) {
            places += [
                ("/settings/members", "members_title"), ("/settings/sign-in", "settings_link"),
                ("/settings/keys", "keys_link"), ("/settings/audit", "audit_link"),
            ]
        }
        return places
    }

    /// Whoever holds visits has a day of its own; others look at those of the organisation.
    var dayTitle: String {
        let holds = login?.roles.contains(.specialist) == true && standing?.sells == true
        return holds || login?.specialist != nil ? "day_title" : "day_title_all"
    }

    /// The place of the navigation to which a page belongs that has no link there.
    private static func place(of path: String) -> String? {
        let first = path.split(separator: "/").first.map { "/\($0)" } ?? "/"
        return switch first {
        case "/visits", "/minutes", "/now": "/day"
        case "/time", "/waiting", "/resources": "/find"
        case "/availability", "/absence", "/absences", "/sale-pauses", "/working-limits":
            "/calendar"
        case "/blocks", "/sessions": "/bookings"
        case "/charges": "/statements"
        case "/open-amounts", "/netting", "/month", "/ageing", "/periods", "/account-statement":
            "/trial-balance"
        case "/settings": path.hasPrefix("/settings/members") ? "/settings/members" : nil
        case "/needs", "/profile", "/contract-requests": "/sellers"
        default: first == path ? nil : first
        }
    }
}

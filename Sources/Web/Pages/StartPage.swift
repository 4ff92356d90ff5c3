import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// What waits for the visitor, what comes next, and where to go from here.
enum StartPage {
    /// So many of the bookings ahead are shown; the page of bookings has the others.
    private static let mostBookings = 12

    static func show(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let arranges = !login.roles.isDisjoint(with: [.scheduler, .specialist])
        var rows: [BookingRow] = []
        var fields: [String: Any] = [
            "greeting": visitor.say("start_greeting", login.organisationName)
        ]
        if arranges {
            rows = try await BookingRow.ahead(visitor, sold: SoldInContract.all(visitor))
            var next: [String: Any] = [:]
            if !rows.isEmpty {
                next["bookings"] = ["rows": rows.prefix(mostBookings).map(\.fields)]
            }
            if rows.count > mostBookings {
                next["more"] = [
                    "text": visitor.say(
                        "start_more", visitor.language.number("\(rows.count)"))
                ]
            }
            fields["ahead"] = next
            fields["actions"] = ["links": actions(visitor, login)]
        }
        let tasks = try await WaitingTasks.all(visitor, rows)
        if !tasks.isEmpty { fields["waiting"] = ["tasks": tasks] }
        let places = places(visitor, login)
        if !places.isEmpty { fields["places"] = ["links": places] }
        if login.roles.contains(.auditor) { fields["may_read"] = true }
        return try visitor.page("start", title: visitor.say("start_title"), fields)
    }

    /// What is done most, the first of them as the page's own button.
    private static func actions(_ visitor: Visitor, _ login: Login) -> [[String: Any]] {
        var keys: [(address: String, key: String)] = []
        if login.roles.contains(.specialist) { keys.append(("/day", visitor.dayTitle)) }
        if visitor.standing?.buys == true { keys.append(("/find", "start_find")) }
        if visitor.standing?.sells == true { keys.append(("/calendar", "calendar_title")) }
        return keys.enumerated().map { index, each in
            var link: [String: Any] = ["address": each.address, "text": visitor.say(each.key)]
            if index > 0 { link["is_second"] = true }
            return link
        }
    }

    /// Where those go who keep the books or sign the contracts, and what is there.
    private static func places(_ visitor: Visitor, _ login: Login) -> [[String: Any]] {
        let agrees: Set<Role> = [.admin, .signatory, .auditor]
        let (books, sets): (Set<Role>, Set<Role>) = ([.finance, .auditor], [.admin, .auditor])
        var places: [(address: String, title: String, what: String)] = []
        if !login.roles.isDisjoint(with: agrees) {
            places += [
                ("/contracts", "contracts_title", "contracts_lead"),
                ("/sellers", "before_title", "before_lead"),
            ]
        }
        if !login.roles.isDisjoint(with: sets) {
            places += [
                ("/settings/members", "members_title", "members_lead"),
                ("/settings/sign-in", "settings_title", "settings_lead"),
                ("/settings/keys", "keys_title", "keys_lead"),
                ("/settings/audit", "audit_title", "audit_place"),
            ]
        }
        if !login.roles.isDisjoint(with: books) {
            places += [
                ("/statements", "statements_title", "statements_lead"),
                ("/invoices", "invoices_title", "invoices_lead"),
                ("/payments", "payments_title", "payments_lead"),
                ("/bank-files", "bank_files_title", "bank_files_lead"),
                ("/trial-balance", "books_title", "books_lead"),
            ]
        }
        return places.map { address, title, what in
            ["address": address, "title": visitor.say(title), "what": visitor.say(what)]
        }
    }
}

import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// What waits for the visitor: the bookings ahead, and where to go from here.
enum StartPage {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let mayFind = !login.roles.isDisjoint(with: [.scheduler, .specialist])
        let sold = try await SoldInContract.all(visitor)
        let rows = try await BookingRow.ahead(visitor, sold: sold)
        var fields: [String: Any] = [
            "greeting": visitor.say("start_greeting", login.organisationName)
        ]
        let buys = sold.contains { $0.seller != login.organisation.description }
        if mayFind && buys { fields["may_find"] = true }
        let tasks = try await WaitingTasks.all(visitor, rows)
        if !tasks.isEmpty { fields["waiting"] = ["tasks": tasks] }
        if login.roles.contains(.auditor) { fields["may_read"] = true }
        if !rows.isEmpty { fields["bookings"] = ["rows": rows.map(\.fields)] }
        return try visitor.page("start", title: visitor.say("start_title"), fields)
    }
}

import Billing
import Marketplace
import MoneyAndTime
import Storage

/// The visits that were sold of a month, as a table for whoever pays the specialists.
enum HoursPage {
    /// The name of the field with the month.
    static let field = "hours_month"

    /// The month before this one, which is the one that is paid.
    static func usual(_ visitor: Visitor) throws -> StatementPeriod {
        let today = try visitor.signedIn.zone.date(of: visitor.signedIn.now)
        return StatementPeriod(of: try StatementPeriod(of: today).first.adding(days: -1))
    }

    static func download(_ visitor: Visitor) async throws -> PageReply {
        var month = try usual(visitor)
        if let typed = visitor.request.query.text(field) {
            guard let asked = try? StatementPeriod(key: typed) else { throw InvalidLink() }
            month = asked
        }
        return try await .file(
            visitor.market.soldHours(visitor.asking("getSoldHours"), of: month))
    }
}

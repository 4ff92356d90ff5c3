import MoneyAndTime
import Postgres
import StrictJSON

/// Which page of a list: at most `limit` rows after the opaque cursor. Cursors hold the position
/// itself, so a page stays right while rows come and go.
package struct Page<Cursor: Sendable>: Sendable {
    package static var limits: ClosedRange<Int> { 1...200 }

    package let after: Cursor?
    package let limit: Int

    package init(after: Cursor?, limit: Int) {
        self.after = after
        self.limit = limit
    }
}

extension Answer {
    /// `{"items": […], "next": cursor or null}`: `next` is there only when a further row was seen,
    /// so lists are asked for one row more than the page holds.
    static func page<Item>(
        _ rows: [Item], limit: Int, cursor: (Item) -> String, item: (Item) throws -> JSON
    ) rethrows -> Answer {
        let shown = rows.prefix(limit)
        let next = rows.count > limit ? shown.last.map(cursor) : nil
        return Answer([
            "items": .array(try shown.map(item)),
            "next": JSON(next),
        ])
    }
}

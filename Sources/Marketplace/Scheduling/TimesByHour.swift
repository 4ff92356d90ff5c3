import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// So many starts are counted; later ones are left out, and the answer says so.
    static let mostCounted = 5_000

    /// In which hours there is free time under the asker's contracts, how many starts each has, and
    /// the lowest price of them: an overview of what `findTimes` lists.
    package func timesByHour(_ request: Request, wish: FoundTime.Wish) async throws -> Answer {
        try Self.requireSearchable(wish)
        let rows = try await read(request, FoundTime.byHour(wish, most: Self.mostCounted))
        var counted: Int64 = 0
        let hours = try rows.map { row -> JSON in
            let found = try row["found", Int64.self]
            counted += found
            let lowest: Money = try row.decode("lowest")
            return [
                "from": JSON(try row["hour", Instant.self].rfc3339),
                "starts": JSON(found),
                "lowest_price": JSON(lowest.decimal),
                "currency": JSON(lowest.currency.rawValue),
            ]
        }
        return Answer([
            "hours": .array(hours),
            "complete": JSON(counted < Int64(Self.mostCounted)),
        ])
    }
}

import MoneyAndTime
import Postgres
import Storage
import StrictJSON

/// What a wish for time gives way in, one thing at a time, so that something can be had.
package enum Concession: String, Sendable, CaseIterable {
    /// Somebody who does not say that they are at hand now.
    case presence
    /// Other days of the week or hours of the day.
    case hours
    /// A colleague of the specialist's.
    case specialist
    /// Another language.
    case language
    /// The longest of the shorter lengths that the services have.
    case minutes
    /// After the dates that were asked for, as far as one search looks.
    case later
}

extension FoundTime.Wish {
    /// The wish with one concession; nil where it asks for nothing that could be conceded.
    /// `shorter` is the longest length below the one asked for.
    package func conceding(_ concession: Concession, shorter: Int64?) -> Self? {
        var wish = self
        switch concession {
        case .presence:
            guard isPresent else { return nil }
            wish.isPresent = false
        case .hours:
            guard !weekdays.isEmpty || hours != nil else { return nil }
            (wish.weekdays, wish.hours) = ([], nil)
        case .specialist:
            // without a service or specialty it would be anybody at all
            guard specialist != nil, service != nil || specialty != nil else { return nil }
            wish.specialist = nil
        case .language:
            guard language != nil else { return nil }
            wish.language = nil
        case .minutes:
            guard let shorter else { return nil }
            wish.minutes = shorter
        case .later:
            guard let end = try? from.adding(seconds: Market.longestSearchDays * 86_400),
                until < end
            else { return nil }
            (wish.from, wish.until) = (until, end)
        }
        return wish
    }
}

extension Market {
    /// So many times for each concession.
    private static let mostNearest = 3

    /// For a wish that finds nothing: what one concession each would find.
    package func nearestTimes(
        _ request: Request, wish: FoundTime.Wish
    ) async throws -> Answer {
        try Self.requireSearchable(wish)
        return try await view(request) { transaction, _ in
            let shorter = try await transaction.query(FoundTime.shorterLength(wish)).only()[
                "minutes", Int32?.self
            ].map { Int64($0) }
            var alternatives: [JSON] = []
            for concession in Concession.allCases {
                guard let other = wish.conceding(concession, shorter: shorter) else { continue }
                let rows = try await transaction.query(
                    FoundTime.find(other, after: nil, limit: Self.mostNearest))
                let times = try rows.map { try FoundTime(row: $0).json(for: other.minutes) }
                guard !times.isEmpty else { continue }
                alternatives.append([
                    "differs_in": JSON(concession.rawValue), "times": .array(times),
                ])
            }
            return Answer(["alternatives": .array(alternatives)])
        }
    }
}

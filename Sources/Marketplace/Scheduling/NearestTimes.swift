import MoneyAndTime
import Postgres
import Storage
import StrictJSON

/// What a wish for time gives way in, one thing at a time, so that something can be had.
package enum Concession: String, Sendable, CaseIterable {
    /// Somebody who does not say that they are at hand now.
    case presence
    /// Without the rooms and staff that were asked for: others may be free.
    case resources
    /// Other days of the week or hours of the day.
    case hours
    /// A colleague of the specialist's.
    case specialist
    /// Another language.
    case language
    /// A shorter visit: the longest of the services' lengths that finds something.
    case minutes
    /// After the dates that were asked for, as far as one search looks.
    case later
}

extension FoundTime.Wish {
    /// The wishes with one concession, the nearest first; none where it asks for nothing that could
    /// be conceded. `shorter` are the lengths below the one asked for, longest first.
    package func conceding(_ concession: Concession, shorter: [Int64]) -> [Self] {
        var wish = self
        switch concession {
        case .presence:
            guard isPresent else { return [] }
            wish.isPresent = false
        case .resources:
            guard !resources.isEmpty else { return [] }
            wish.resources = []
        case .hours:
            guard !weekdays.isEmpty || hours != nil else { return [] }
            (wish.weekdays, wish.hours) = ([], nil)
        case .specialist:
            // without a service or specialty it would be anybody at all
            guard specialist != nil, service != nil || specialty != nil else { return [] }
            wish.specialist = nil
        case .language:
            guard language != nil else { return [] }
            wish.language = nil
        case .minutes:
            return shorter.map { length in
                var wish = self
                wish.minutes = length
                return wish
            }
        case .later:
            guard let end = try? from.adding(seconds: Market.longestSearchDays * 86_400),
                until < end
            else { return [] }
            (wish.from, wish.until) = (until, end)
        }
        return [wish]
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
            let shorter = try await transaction.query(FoundTime.shorterLengths(wish)).map {
                Int64(try $0["minutes", Int32.self])
            }
            var alternatives: [JSON] = []
            for concession in Concession.allCases {
                for other in wish.conceding(concession, shorter: shorter) {
                    let rows = try await transaction.query(
                        FoundTime.find(other, after: nil, limit: Self.mostNearest))
                    let found = try rows.map(FoundTime.init(row:))
                    let terms = try await shortTerms(of: found) {
                        try await transaction.query($0)
                    }
                    let times = try found.map { try $0.json(for: other.minutes, terms) }
                    guard !times.isEmpty else { continue }
                    alternatives.append([
                        "differs_in": JSON(concession.rawValue), "times": .array(times),
                    ])
                    break
                }
            }
            return Answer(["alternatives": .array(alternatives)])
        }
    }
}

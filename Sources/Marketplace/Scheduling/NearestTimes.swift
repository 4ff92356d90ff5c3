import MoneyAndTime
import Postgres
import Storage
import StrictJSON

/// What a wish for time gives way in so that something can be had: one thing, or two at once where
/// no single one is enough.
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

    /// What gives way, and the wishes that come of it.
    package typealias Conceded = (concessions: [Concession], wishes: [FoundTime.Wish])

    /// With one concession each, the nearest first.
    package func concedingOne(shorter: [Int64]) -> [Conceded] {
        Concession.allCases.map { ([$0], conceding($0, shorter: shorter)) }
    }

    /// With two concessions each, the nearest first: where the lesser of the two weighs least.
    package func concedingTwo(shorter: [Int64]) -> [Conceded] {
        let all = Concession.allCases
        return all.indices.flatMap { second in
            all[..<second].map { first -> Conceded in
                let wishes = conceding(first, shorter: shorter).flatMap {
                    $0.conceding(all[second], shorter: shorter)
                }
                return ([first, all[second]], wishes)
            }
        }
    }
}

extension Market {
    /// So many times for each concession.
    private static let mostNearest = 3
    /// So many alternatives with two concessions, and searches for them.
    private static let mostOfTwo = 3
    private static let mostSearchesOfTwo = 16

    /// For a wish that finds nothing: what one concession each would find, or else two at once.
    package func nearestTimes(
        _ request: Request, wish: FoundTime.Wish
    ) async throws -> Answer {
        try Self.requireSearchable(wish)
        return try await view(request) { transaction, _ in
            let shorter = try await transaction.query(FoundTime.shorterLengths(wish)).map {
                Int64(try $0["minutes", Int32.self])
            }
            var alternatives = try await nearest(
                wish.concedingOne(shorter: shorter), most: .max, searches: .max, transaction)
            if alternatives.isEmpty {
                alternatives = try await nearest(
                    wish.concedingTwo(shorter: shorter), most: Self.mostOfTwo,
                    searches: Self.mostSearchesOfTwo, transaction)
            }
            return Answer(["alternatives": .array(alternatives)])
        }
    }

    /// What is found of each, at most so many and with so many searches.
    private func nearest(
        _ conceded: [FoundTime.Wish.Conceded], most: Int, searches: Int,
        _ transaction: Transaction
    ) async throws -> [JSON] {
        var alternatives: [JSON] = []
        var left = searches
        for (concessions, wishes) in conceded where alternatives.count < most {
            for wish in wishes where left > 0 {
                left -= 1
                let rows = try await transaction.query(
                    FoundTime.find(wish, after: nil, limit: Self.mostNearest))
                let found = try rows.map(FoundTime.init(row:))
                guard !found.isEmpty else { continue }
                let terms = try await shortTerms(of: found) { try await transaction.query($0) }
                let times = try found.map { try $0.json(for: wish.minutes, terms) }
                let names = concessions.map { JSON($0.rawValue) }
                alternatives.append([
                    "differs_in": names[0], "differences": .array(names), "times": .array(times),
                ])
                break
            }
        }
        return alternatives
    }
}

import Marketplace
import MoneyAndTime

extension Weekday {
    /// By its English word in lower case, as the API names it.
    init(asked word: String) throws {
        guard let day = Self.allCases.first(where: { $0.word == word }) else {
            throw UnknownWeekday()
        }
        self = day
    }

    private struct UnknownWeekday: Error, CustomStringConvertible {
        let description = "must be a day from monday to sunday"
    }
}

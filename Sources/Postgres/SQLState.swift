/// The five characters by which PostgreSQL names a condition (Appendix A of its manual). The class
/// `AK` is ours: functions of the schema raise `AKnnn`, and `nnn` is for the caller to read.
package struct SQLState: RawRepresentable, Hashable, Sendable, ExpressibleByStringLiteral,
    CustomStringConvertible
{
    package let rawValue: String

    package init(rawValue: String) {
        self.rawValue = rawValue
    }

    package init(stringLiteral value: String) {
        rawValue = value
    }

    package var description: String { rawValue }

    /// The first two characters: the class of the condition.
    package var classCode: String { String(rawValue.prefix(2)) }

    /// True for the states that the schema's own functions raise.
    package var isOurs: Bool { classCode == "AK" }

    /// The number in a state of ours: 401 for `AK401`; nil for every other state.
    package var ourNumber: Int? { isOurs ? Int(rawValue.dropFirst(2)) : nil }

    /// States after which the same transaction may simply be run again: it was rolled back whole.
    package var mayBeRunAgain: Bool {
        self == .serializationFailure || self == .deadlockDetected
    }
}

extension SQLState {
    package static let warning: SQLState = "01000"
    package static let connectionException: SQLState = "08000"
    package static let featureNotSupported: SQLState = "0A000"
    package static let numericValueOutOfRange: SQLState = "22003"
    package static let invalidTextRepresentation: SQLState = "22P02"
    package static let integrityConstraintViolation: SQLState = "23000"
    package static let restrictViolation: SQLState = "23001"
    package static let notNullViolation: SQLState = "23502"
    package static let foreignKeyViolation: SQLState = "23503"
    package static let uniqueViolation: SQLState = "23505"
    package static let checkViolation: SQLState = "23514"
    package static let exclusionViolation: SQLState = "23P01"
    package static let invalidTransactionState: SQLState = "25000"
    package static let readOnlyTransaction: SQLState = "25006"
    package static let failedTransaction: SQLState = "25P02"
    package static let invalidStatementName: SQLState = "26000"
    package static let invalidAuthorization: SQLState = "28000"
    package static let duplicateDatabase: SQLState = "42P04"
    package static let serializationFailure: SQLState = "40001"
    package static let deadlockDetected: SQLState = "40P01"
    package static let insufficientPrivilege: SQLState = "42501"
    package static let syntaxError: SQLState = "42601"
    package static let undefinedFunction: SQLState = "42883"
    package static let undefinedTable: SQLState = "42P01"
    package static let lockNotAvailable: SQLState = "55P03"
    package static let queryCanceled: SQLState = "57014"
    package static let adminShutdown: SQLState = "57P01"
    package static let crashShutdown: SQLState = "57P02"
    package static let cannotConnectNow: SQLState = "57P03"
    package static let raiseException: SQLState = "P0001"
}

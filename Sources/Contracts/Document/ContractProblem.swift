import StrictJSON

/// The rules that a contract document is read by. The raw value is a stable code; each has an
/// example of its breach in `contracts/v1/examples/invalid/`.
package enum ContractRule: String, Hashable, Sendable, CaseIterable {
    // The document as JSON, and its shape.
    case malformedJSON = "malformed_json"
    case duplicateKey = "duplicate_key"
    case missing
    case unknownField = "unknown_field"
    case wrongType = "wrong_type"
    case outOfRange = "out_of_range"
    case unknownValue = "unknown_value"
    case tooShort = "too_short"
    case tooLong = "too_long"
    case tooFew = "too_few"
    case tooMany = "too_many"

    // The form of single values.
    case text
    case slug
    case date
    case localTime = "local_time"
    case timeZone = "time_zone"
    case amount
    case price
    case percent
    case minutes
    case organisation
    case businessID = "business_id"
    case vatID = "vat_id"
    case ovt
    case iban
    case email
    case postalCode = "postal_code"
    case country
    case language
    case specialty
    case oid
    case `operator`
    case time
    case lateInterest = "late_interest"

    // Values that must fit each other.
    case templateUnfilled = "template_unfilled"
    case partyIdentifiersDiffer = "party_identifiers_differ"
    case sameOrganisation = "same_organisation"
    case validityOrder = "validity_order"
    case paymentDaysPublic = "payment_days_public"
    case internalSettlement = "internal_settlement"
    case serviceField = "service_field"
    case capacity
    case tiersOrder = "tiers_order"
    case hoursOrder = "hours_order"
    case bandsOrder = "bands_order"
    case discountDays = "discount_days"
    case supplementAddition = "supplement_addition"
    case codeTwice = "code_twice"
    case valueTwice = "value_twice"
    case quotaEmpty = "quota_empty"
    case blockService = "block_service"
    case blockOfSessions = "block_of_sessions"
    case secondsNotOfThree = "seconds_not_of_three"
    case plannedMinutes = "planned_minutes"
    case serviceTwice = "service_twice"
    case languageTwice = "language_twice"
    case noticeBeyondHorizon = "notice_beyond_horizon"
    case vatRate = "vat_rate"
    case vatExemption = "vat_exemption"
    case dataRoles = "data_roles"
    case exampleService = "example_service"
    case exampleLength = "example_length"
    case exampleOutcome = "example_outcome"
    case exampleMinutes = "example_minutes"
    case exampleCode = "example_code"
    case examplePeriod = "example_period"
    case exampleShare = "example_share"
    case exampleAbsence = "example_absence"
    case exampleBlock = "example_block"
    case startNotWholeMinute = "start_not_whole_minute"
    case exampleDiffers = "example_differs"
}

/// Where and why a document is not a contract that can be signed.
package struct ContractProblem: Error, Hashable {
    package let rule: ContractRule
    /// RFC 6901.
    package let pointer: String
    /// For people, in English; names no personal data.
    package let message: String

    init(_ rule: ContractRule, at pointer: JSONPointer, _ message: String) {
        self.rule = rule
        self.pointer = pointer.text
        self.message = message
    }

    init(_ syntax: JSONSyntaxError) {
        rule = syntax.reason == .duplicateKey ? .duplicateKey : .malformedJSON
        pointer = syntax.pointer
        message = "\(syntax.reason.rawValue) at byte \(syntax.offset)"
    }

    init(_ problem: JSONProblem) {
        // `pattern` is the reader's word for the one character that no text may hold.
        rule = ContractRule(rawValue: problem.code) ?? .text
        pointer = problem.pointer
        message = problem.message
    }
}

extension ContractProblem: CustomStringConvertible {
    package var description: String { "\(rule.rawValue) at \(pointer): \(message)" }
}

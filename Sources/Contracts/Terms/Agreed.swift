import MoneyAndTime

/// How the contract goes on after its last day, unless one side says otherwise.
package struct RenewalTerms: Hashable, Sendable {
    package let months: Int64
    package let noticeDays: Int64
}

/// A capacity that the buyer takes in every period.
package struct Commitment: Hashable, Sendable {
    /// Billed minutes of visits, over all services.
    package let minutesPerPeriod: Int64
    /// Of a minute that is missing.
    package let perMinute: UnitPrice
}

/// A fixed weekly stretch of time, sold whole and accepted in advance.
package struct WeeklyBlock: Hashable, Sendable {
    package enum Weekday: String, Hashable, Sendable, CaseIterable {
        case monday, tuesday, wednesday, thursday, friday, saturday, sunday
    }

    package let service: String
    package let weekday: Weekday
    package let from: TimeOfDay
    /// Later than `from` on the same day.
    package let until: TimeOfDay
    /// The buyer's room.
    package let room: String?
    /// Whether the buyer's nurse is with the patient.
    package let nurse: Bool
    package let placeUntilHours: Int64
    /// The share of the price that unused time costs.
    package let unusedFee: Percentage
    /// Whether what is not placed goes back on sale when placing ends.
    package let reoffer: Bool
}

/// How patient records are handed over.
package struct RecordsTerms: Hashable, Sendable {
    package enum Reference: String, Hashable, Sendable, CaseIterable {
        case patient = "patient_reference"
        case authorisation = "authorisation_reference"
        case diary = "diary_reference"
    }

    package enum Check: String, Hashable, Sendable, CaseIterable {
        case line, device, nurse, interpreter
        case recordAccess = "record_access"
    }

    /// Whose patient register the visit belongs to.
    package let register: Side
    package let documentedIn: String
    package let legalBasis: String
    package let requiredAtBooking: [Reference]
    package let readyIncludes: [Check]
}

extension WeeklyBlock.Weekday {
    /// Monday is 1 (ISO 8601).
    package var iso: Int { (Self.allCases.firstIndex(of: self) ?? 0) + 1 }
}

extension Terms {
    /// What a booking of a service must bring, in the contract's order. Between professionals there
    /// is no patient to refer to.
    package func required(of service: SoldService) -> [RecordsTerms.Reference] {
        (records?.requiredAtBooking ?? []).filter {
            $0 != .patient || service.kind != .professionalConsultation
        }
    }
}

/// The most that the buyer takes in one billing period.
package struct Quota: Hashable, Sendable {
    package let visits: Int64?
    /// Planned minutes.
    package let minutes: Int64?
}

import MoneyAndTime

/// What a contract sells, and at what price.
package struct RateCard: Hashable, Sendable {
    /// In the contract's order; codes are unique.
    package let services: [SoldService]

    /// The service with this code, if it is sold under the contract.
    package func service(_ code: String) -> SoldService? {
        services.first { $0.code == code }
    }
}

/// One service and its price by the minute.
package struct SoldService: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case patientVisit = "patient_visit"
        case professionalConsultation = "professional_consultation"
        /// Its price is shared by the places that are taken.
        case groupSession = "group_session"
        case onDemand = "on_demand"
        /// Once begun, its whole planned length is billed.
        case dutyShift = "duty_shift"
    }

    /// How the two sides meet.
    package enum Modality: String, Hashable, Sendable, CaseIterable {
        case video
        case telephone
        case chat
        case onSite = "on_site"
    }

    /// A slug, unique in the contract.
    package let code: String
    package let name: LocalisedName
    /// How long a visit usually is, for whoever books it.
    package let lengthGuidance: LocalisedName?
    /// What is done before the visit; it goes along with the booking.
    package let preparationInstructions: LocalisedName?
    package let kind: Kind
    package let modality: Modality
    /// By what the service is found: its medical specialty, or its profession where it has none.
    package let field: CodedValue
    package let specialty: CodedValue?
    package let profession: CodedValue?
    /// ISO 639, at least one.
    package let languages: [String]
    /// Into how many places a group session is shared at most; there for one, and only there.
    package let capacity: Int64?
    package let plannedLengths: PlannedLengths
    package let price: ServicePrice
}

/// A name, or some sentences, in the three languages of the market.
package struct LocalisedName: Hashable, Sendable {
    package let finnish: String
    package let swedish: String
    package let english: String
}

/// A code of a published code system.
package struct CodedValue: Hashable, Sendable {
    /// OID, such as `1.2.246.537.6.24`, the Finnish specialties.
    package let system: String
    /// Such as `70`, psychiatry.
    package let code: String
}

/// The lengths in minutes for which a service can be booked.
package struct PlannedLengths: Hashable, Sendable {
    package let minimum: Int64
    package let maximum: Int64
    package let step: Int64

    /// Every allowed length, shortest first.
    package var all: StrideThrough<Int64> {
        stride(from: minimum, through: maximum, by: Int64.Stride(step))
    }

    package func contains(_ minutes: Int64) -> Bool {
        minutes >= minimum && minutes <= maximum && (minutes - minimum) % step == 0
    }
}

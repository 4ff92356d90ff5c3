import MoneyAndTime
import Organisations
import StrictJSON

/// What a booking brings besides its time, under the names that SQL and JSON have for it.
package struct HandOver: Hashable, Sendable {
    package static let nothing = HandOver()

    package let patient: PatientReference?
    /// To the referral or the record, 1 to 100 characters.
    package let record: String?
    /// By what the specialist may see earlier records.
    package let authorisation: String?
    /// The diary number of the matter.
    package let diary: String?
    /// The buyer's unit for which it is booked.
    package let unit: UnitID?
    /// The buyer's member for whom somebody else books it.
    package let onBehalfOf: MemberID?
    /// The buyer's own rooms and staff that the visit takes.
    package let resources: [ResourceID]

    package init(
        patient: PatientReference? = nil, record: String? = nil, authorisation: String? = nil,
        diary: String? = nil, unit: UnitID? = nil, onBehalfOf: MemberID? = nil,
        resources: [ResourceID] = []
    ) {
        self.patient = patient
        self.record = record
        self.authorisation = authorisation
        self.diary = diary
        self.unit = unit
        self.onBehalfOf = onBehalfOf
        self.resources = resources
    }

    /// The same with these rooms and staff.
    package func taking(_ resources: [ResourceID]) -> HandOver {
        HandOver(
            patient: patient, record: record, authorisation: authorisation, diary: diary,
            unit: unit, onBehalfOf: onBehalfOf, resources: resources)
    }

    /// Names of the fields that a service asks for and that are not there.
    package func missing(of required: [String]) -> [String] {
        let given = [
            "patient_reference": patient?.text, "authorisation_reference": authorisation,
            "diary_reference": diary,
        ]
        return required.filter { given[$0] == .some(nil) }
    }

    /// As the booking functions read it.
    var members: [(String, JSON)] {
        [
            ("patient_reference", JSON(patient?.text)),
            ("record_reference", JSON(record)),
            ("authorisation_reference", JSON(authorisation)),
            ("diary_reference", JSON(diary)),
            ("buyer_unit", JSON(unit?.uuidString)),
            ("on_behalf_of", JSON(onBehalfOf?.uuidString)),
            (
                "resources",
                resources.isEmpty ? .null : .array(resources.map { JSON($0.uuidString) })
            ),
        ]
    }
}

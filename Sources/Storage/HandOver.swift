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

    package init(
        patient: PatientReference? = nil, record: String? = nil, authorisation: String? = nil,
        diary: String? = nil, unit: UnitID? = nil, onBehalfOf: MemberID? = nil
    ) {
        self.patient = patient
        self.record = record
        self.authorisation = authorisation
        self.diary = diary
        self.unit = unit
        self.onBehalfOf = onBehalfOf
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
        ]
    }
}

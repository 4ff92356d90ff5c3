import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What a booking brings for the hand-over: references that say nothing to others.
struct HandOverForm {
    let handOver: HandOver

    init(_ form: FormFields, _ errors: inout FieldErrors) {
        handOver = HandOver(
            patient: Self.patient(form.text("patient_reference"), &errors),
            record: Self.line("record_reference", form, &errors),
            authorisation: Self.line("authorisation_reference", form, &errors),
            diary: Self.line("diary_reference", form, &errors),
            unit: errors.read("buyer_unit", "error_choice") {
                try form.text("buyer_unit").map { try UnitID(typeID: $0) }
            } ?? nil,
            onBehalfOf: errors.read("on_behalf_of", "error_choice") {
                try form.text("on_behalf_of").map { try MemberID(typeID: $0) }
            } ?? nil,
            resources: ResourceChoice.chosen(form))
    }

    /// The fields of the form: patient and referral always but for what is between professionals,
    /// the others where the contract asks for them.
    static func fields(
        _ visitor: Visitor, _ typed: FormFields, _ sold: SoldInContract?, _ errors: FieldErrors
    ) -> [[String: Any]] {
        let required = sold?.required ?? []
        let isBetweenProfessionals = sold?.terms["kind"]?.text == "professional_consultation"
        let names = [
            isBetweenProfessionals ? nil : "patient_reference", "record_reference",
            required.contains("authorisation_reference") ? "authorisation_reference" : nil,
            required.contains("diary_reference") ? "diary_reference" : nil,
        ]
        return names.compactMap(\.self).map { name in
            TypedField(
                id: name, label: name, kind: .text, value: typed.text(name) ?? "",
                hint: required.contains(name) ? "\(name)_asked" : "\(name)_hint"
            ).fields(visitor, errors)
        }
    }

    /// The fields that a refusal says are missing.
    static func missing(_ refusal: Refusal) -> [String] {
        (refusal.figures["missing"]?.elements ?? []).compactMap { $0.text?.dropFirst() }
            .map(String.init)
    }

    private static func line(
        _ name: String, _ form: FormFields, _ errors: inout FieldErrors
    ) -> String? {
        guard let text = form.text(name) else { return nil }
        if text.count > 100 { errors.add(name, "error_record_length") }
        if PersonalIdentityCode.looksLike(text) { errors.add(name, "error_identity_code") }
        return text
    }

    private static func patient(
        _ text: String?, _ errors: inout FieldErrors
    ) -> PatientReference? {
        guard let text else { return nil }
        do throws(OrganisationRefusal) {
            return try PatientReference(text)
        } catch .patientReferenceIsPersonalIdentityCode {
            errors.add("patient_reference", "error_identity_code")
        } catch {
            errors.add("patient_reference", "error_patient_form")
        }
        return nil
    }
}

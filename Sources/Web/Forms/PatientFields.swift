import MoneyAndTime
import Organisations

/// The references that go along with time that is held or waited for.
enum PatientFields {
    static func patient(_ form: FormFields, _ errors: inout FieldErrors) -> PatientReference? {
        guard let text = form.text("patient_reference") else { return nil }
        do throws(OrganisationRefusal) {
            return try PatientReference(text)
        } catch .patientReferenceIsPersonalIdentityCode {
            errors.add("patient_reference", "error_identity_code")
        } catch {
            errors.add("patient_reference", "error_patient_form")
        }
        return nil
    }

    static func record(_ form: FormFields, _ errors: inout FieldErrors) -> String? {
        guard let text = form.text("record_reference") else { return nil }
        if text.count > 100 { errors.add("record_reference", "error_record_length") }
        if PersonalIdentityCode.looksLike(text) {
            errors.add("record_reference", "error_identity_code")
        }
        return text
    }
}

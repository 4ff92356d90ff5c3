/// Why something about an organisation, its people or its specialists cannot be as asked.
///
/// The value that was refused is never carried: it may be personal.
package enum OrganisationRefusal: Error, Hashable, Sendable {
    case textMissing(Field)
    case textTooLong(Field, limit: Int)
    /// Control characters, line breaks, or blanks at either end.
    case textNotPlain(Field)
    case emailMalformed
    case countryMalformed
    case rolesMissing
    case rolesExceedMember(Set<Role>)
    case expiryNotInFuture
    case expiryTooFar(limitDays: Int64)
    case tokenMalformed
    case codeMalformed(Field)
    case tooManyCodes(Field, limit: Int)
    case validityEmpty
    case patientReferenceMalformed
    case patientReferenceIsPersonalIdentityCode

    /// The part of the input that a refusal speaks of.
    package enum Field: String, Hashable, Sendable, CaseIterable {
        case legalName = "legal_name"
        case street
        case postalCode = "postal_code"
        case city
        case unitName = "unit_name"
        case memberName = "member_name"
        case credentialLabel = "credential_label"
        case displayLabel = "display_label"
        case profession
        case specialties
        case languages
        case authority
        case licenceNumber = "licence_number"
    }

    /// The stable code that the outside sees.
    package var code: String {
        switch self {
        case .textMissing: "text_missing"
        case .textTooLong: "text_too_long"
        case .textNotPlain: "text_not_plain"
        case .emailMalformed: "email_malformed"
        case .countryMalformed: "country_malformed"
        case .rolesMissing: "roles_missing"
        case .rolesExceedMember: "roles_exceed_member"
        case .expiryNotInFuture: "expiry_not_in_future"
        case .expiryTooFar: "expiry_too_far"
        case .tokenMalformed: "token_malformed"
        case .codeMalformed: "code_malformed"
        case .tooManyCodes: "too_many_codes"
        case .validityEmpty: "validity_empty"
        case .patientReferenceMalformed: "patient_reference_malformed"
        case .patientReferenceIsPersonalIdentityCode:
            "patient_reference_is_personal_identity_code"
        }
    }

    /// The field concerned, where the refusal is of one field.
    package var field: Field? {
        switch self {
        case .textMissing(let field), .textTooLong(let field, _), .textNotPlain(let field),
            .codeMalformed(let field), .tooManyCodes(let field, _):
            field
        default: nil
        }
    }
}

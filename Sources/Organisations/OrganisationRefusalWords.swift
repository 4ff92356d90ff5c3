/// What is wrong, in words for whoever sent it; never with the value itself.
extension OrganisationRefusal: CustomStringConvertible {
    package var description: String {
        switch self {
        case .textMissing: "must not be empty"
        case .textTooLong(_, let limit): "must have at most \(limit) characters"
        case .textNotPlain:
            "must be one line without control characters and without blanks at either end"
        case .emailMalformed: "must be an address such as desk@hospital.example"
        case .countryMalformed: "must be two upper-case letters (ISO 3166-1)"
        case .rolesMissing: "must name at least one role"
        case .rolesExceedMember: "must be among the roles of the one who holds them"
        case .expiryNotInFuture: "must be in the future"
        case .expiryTooFar(let limitDays): "must be within \(limitDays) days"
        case .tokenMalformed: "must be aik_ and 43 characters of base64url"
        case .codeMalformed(.languages): "must be language tags such as fi or en-GB"
        case .codeMalformed: "must be 1 to 32 letters, digits, dots, hyphens or underscores"
        case .tooManyCodes(_, let limit): "must be at most \(limit)"
        case .validityEmpty: "must not end before it begins"
        case .patientReferenceMalformed:
            "must be 1 to 64 letters, digits, dots, underscores, colons or hyphens"
        case .patientReferenceIsPersonalIdentityCode:
            "must not be a personal identity code: send an opaque reference of your own"
        }
    }
}

import Organisations
import StrictJSON

// What the room of organisations refuses of a value from outside, told as the API tells it.

/// Runs a rule of the room; its refusal becomes `InvalidInput` with a pointer, or `Refusal` where
/// the value would be good elsewhere.
package func asInput<Value>(_ rule: () throws -> Value) throws -> Value {
    do {
        return try rule()
    } catch let refusal as OrganisationRefusal {
        if case .rolesExceedMember(let excess) = refusal {
            let roles = excess.map(\.rawValue).sorted().map { JSON($0) }
            throw Refusal(.rolesBeyondMember, figures: ["roles": .array(roles)])
        }
        throw InvalidInput(
            pointer: refusal.pointer, code: refusal.code, message: refusal.description)
    }
}

extension OrganisationRefusal {
    /// Where in the bodies of the API the refused value is.
    fileprivate var pointer: String {
        switch self {
        case .textMissing(let field), .textTooLong(let field, _), .textNotPlain(let field),
            .codeMalformed(let field), .tooManyCodes(let field, _):
            field.pointer
        case .emailMalformed: "/email"
        case .countryMalformed: "/address/country"
        case .rolesMissing, .rolesExceedMember: "/roles"
        case .expiryNotInFuture, .expiryTooFar: "/expires_at"
        case .tokenMalformed: "/token"
        case .validityEmpty: "/valid_through"
        case .patientReferenceMalformed, .patientReferenceIsPersonalIdentityCode:
            "/patient_reference"
        }
    }
}

extension OrganisationRefusal.Field {
    fileprivate var pointer: String {
        switch self {
        case .legalName, .unitName, .memberName: "/name"
        case .street: "/address/street"
        case .postalCode: "/address/postal_code"
        case .city: "/address/city"
        case .credentialLabel, .displayLabel: "/label"
        case .profession: "/profession"
        case .specialties: "/specialty"
        case .languages: "/languages"
        case .authority: "/authority"
        case .licenceNumber: "/number"
        }
    }
}

/// Why a text is not an official identifier: a business id, an account, a reference.
package enum InvalidIdentifier: Error, Hashable {
    case form
    case length
    case country
    case checkDigit
}

extension InvalidIdentifier: CustomStringConvertible {
    package var description: String {
        switch self {
        case .form: "not of the right form"
        case .length: "not of the right length"
        case .country: "not of a known country"
        case .checkDigit: "the check digit is wrong"
        }
    }
}

import MoneyAndTime

/// Someone whose time is sold. Partners see the display label, never a name.
package struct Specialist: Hashable, Sendable {
    package static let mostCodes = 20

    package let id: SpecialistID
    package let organisation: OrganisationID
    /// Work and a number, such as "Psychiatrist 1".
    package let displayLabel: String
    package let profession: String
    /// Codes of the seller's specialty register (in Finland 1.2.246.537.6.24, such as "70").
    package let specialties: Set<String>
    /// Languages of service, BCP 47 primary subtags with an optional region: "fi", "sv", "en-GB".
    package let languages: Set<String>

    package init(
        id: SpecialistID, organisation: OrganisationID, displayLabel: String, profession: String,
        specialties: Set<String>, languages: Set<String>
    ) throws(OrganisationRefusal) {
        self.id = id
        self.organisation = organisation
        self.displayLabel = try PlainLine.checked(displayLabel, .displayLabel, limit: 80)
        self.profession = try PlainLine.checked(profession, .profession, limit: 80)
        self.specialties = try Self.checked(specialties, .specialties, Self.isSpecialty)
        self.languages = try Self.checked(languages, .languages, Self.isLanguage)
    }

    private static func checked(
        _ codes: Set<String>, _ field: OrganisationRefusal.Field, _ isCode: (String) -> Bool
    ) throws(OrganisationRefusal) -> Set<String> {
        guard !codes.isEmpty else { throw .textMissing(field) }
        guard codes.count <= mostCodes else { throw .tooManyCodes(field, limit: mostCodes) }
        guard codes.allSatisfy(isCode) else { throw .codeMalformed(field) }
        return codes
    }

    private static func isSpecialty(_ code: String) -> Bool {
        (1...32).contains(code.utf8.count)
            && code.utf8.allSatisfy { byte in
                switch byte {
                case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
                case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"): true
                default: false
                }
            }
    }

    /// A language that is asked for, as languages of service are kept: upper and lower case of a
    /// tag mean the same (BCP 47; RFC 5646, section 2.1.1).
    package static func language(asked tag: String) throws(OrganisationRefusal) -> String {
        let parts = tag.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false)
        let kept = [parts[0].lowercased()] + parts.dropFirst().map { $0.uppercased() }
        let language = kept.joined(separator: "-")
        guard tag.utf8.allSatisfy({ $0 < 0x80 }), isLanguage(language) else {
            throw .codeMalformed(.languages)
        }
        return language
    }

    private static func isLanguage(_ tag: String) -> Bool {
        let parts = tag.split(separator: "-", omittingEmptySubsequences: false)
        guard let language = parts.first, parts.count <= 2, (2...3).contains(language.utf8.count),
            language.utf8.allSatisfy({ (0x61...0x7A).contains($0) })
        else { return false }
        guard parts.count == 2 else { return true }
        return parts[1].utf8.count == 2 && parts[1].utf8.allSatisfy { (0x41...0x5A).contains($0) }
    }
}

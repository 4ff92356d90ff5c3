import MoneyAndTime
import StrictJSON

// What a body says in words, for people of the other party to read, and by what name it calls a
// service.

extension JSONFields {
    mutating func words(_ key: String, max: Int) throws -> String {
        try required(key).words(max: max)
    }

    /// Nil when it is absent or null.
    mutating func optionalWords(_ key: String, max: Int) throws -> String? {
        try optional(key)?.words(max: max)
    }

    /// The code of a service, as contracts have it.
    mutating func serviceCode(_ key: String) throws -> String {
        try required(key).serviceCode()
    }
}

extension JSONReader {
    /// Words with line breaks and tabs, but without other control characters and the code points
    /// that no XML document may hold; never something that looks like a personal identity code.
    func words(max: Int) throws -> String {
        let text = try string(min: 1, max: max)
        guard text.unicodeScalars.allSatisfy(\.isReadable) else {
            throw problem(
                .pattern, "must not hold control characters but line breaks and tabs")
        }
        guard !PersonalIdentityCode.looksLike(text) else {
            throw JSONProblem(
                pointer: pointer.text, code: "personal_identity_code",
                message: "holds what looks like a personal identity code; say it without")
        }
        return text
    }

    /// Lower-case letters, digits and hyphens.
    func serviceCode() throws -> String {
        let text = try string(min: 1, max: 64)
        guard
            text.utf8.allSatisfy({ byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"):
                    true
                default: false
                }
            })
        else { throw problem(.pattern, "must be lower-case letters, digits and hyphens") }
        return text
    }
}

import Organisations

/// What stands after the @ of an address, in lower case: by it an organisation's provider is found.
package struct EmailDomain: Hashable, Sendable, Comparable {
    package struct Malformed: Error, Hashable, CustomStringConvertible {
        package var description: String {
            "must be a domain such as hospital.example, in lower case"
        }
    }

    package let text: String

    package init(_ text: String) throws(Malformed) {
        // What is no domain makes no address either.
        guard (try? EmailAddress("a@\(text)")) != nil, text == text.lowercased() else {
            throw Malformed()
        }
        self.text = text
    }

    package init(of email: EmailAddress) {
        text = String(email.text.drop { $0 != "@" }.dropFirst()).lowercased()
    }

    package static func < (left: EmailDomain, right: EmailDomain) -> Bool {
        left.text < right.text
    }
}

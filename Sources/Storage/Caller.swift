import MoneyAndTime
import Postgres

/// The SHA-256 of a token: what the database keeps of it.
package struct CredentialDigest: Hashable, Sendable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }
}

/// Who asks, as `enter` found it, and the instant by the market's clock.
package struct Caller: Sendable {
    package let organisation: OrganisationID
    package let credential: CredentialID
    package let member: MemberID?
    package let roles: [String]
    package let now: Instant

    /// First in every segment and transaction: checks the credential and the role, and sets the
    /// organisation for the transaction (invariants 26 and 33).
    package static func enter(_ credential: CredentialDigest, operation: String) -> Query {
        "select * from enter(\(credential.bytes), \(operation)::text)"
    }

    package init(row: Row) throws {
        organisation = try row.decode("organisation")
        credential = try row.decode("credential")
        member = try row.decode("member")
        roles = try row.decode("roles")
        now = try row.decode("now")
    }
}

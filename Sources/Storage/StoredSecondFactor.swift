import MoneyAndTime
import Organisations
import Postgres
import SignIn

/// A row of `second_factor` as far as a code is checked by it.
package struct StoredSecondFactor: Sendable {
    /// Wrong codes in a row after which none is taken for a while.
    package static let mostWrongCodes: Int32 = 5
    /// That while, in seconds.
    package static let lockSeconds: Int32 = 900

    /// Under the master key.
    package let sealedKey: [UInt8]
    package let lastStep: Int64?
    package let isLocked: Bool

    /// Nil where the row has none.
    init?(row: Row) throws {
        guard let sealed = try row["sealed_key", [UInt8]?.self] else { return nil }
        sealedKey = sealed
        lastStep = try row.decode("last_step")
        isLocked = try row.decode("is_locked")
    }

    package static func countWrongCode(of member: MemberID) -> Query {
        "select count_wrong_code(\(member), \(mostWrongCodes), \(lockSeconds))"
    }

    /// Nil for `step` where a recovery code was taken instead.
    package static func take(_ step: Int64?, of member: MemberID) -> Query {
        "select take_step(\(member), \(step))"
    }

    /// `taken`: whether the member had it.
    package static func takeRecoveryCode(_ digest: [UInt8], of member: MemberID) -> Query {
        "select take_recovery_code(\(member), \(digest)) as taken"
    }

    // MARK: By the member's own login

    /// `done` is false where one counts already.
    package static func begin(_ login: CredentialDigest, sealed: [UInt8]) -> Query {
        "select begin_second_factor(\(login.bytes), \(sealed)) as done"
    }

    /// `done` is false where it was confirmed already.
    package static func confirm(
        _ login: CredentialDigest, step: Int64, recoveryCodes: [[UInt8]]
    ) -> Query {
        "select confirm_second_factor(\(login.bytes), \(step), \(recoveryCodes)) as done"
    }

    package static func remove(_ login: CredentialDigest) -> Query {
        "select remove_second_factor(\(login.bytes))"
    }
}

/// What a member sees of the own account.
package struct OwnAccount: Sendable {
    package let organisationName: String
    package let member: MemberID
    package let memberName: String
    package let email: EmailAddress
    package let roles: Set<Role>
    /// Whether a second factor is asked for at all: not at an organisation's own provider.
    package let signsInByMail: Bool
    package let mustHaveSecondFactor: Bool
    package let factor: StoredSecondFactor?
    /// Nil until a code of it was typed.
    package let factorSince: Instant?
    package let recoveryCodesLeft: Int32
    package let now: Instant

    package init(row: Row) throws {
        organisationName = try row.decode("organisation_name")
        member = try row.decode("member")
        memberName = try row.decode("member_name")
        email = try EmailAddress(row.decode("email"))
        roles = try Set(storedNames: row.decode("roles"))
        signsInByMail = try row.decode("signs_in_by_mail")
        mustHaveSecondFactor = try row.decode("is_required")
        factor = try StoredSecondFactor(row: row)
        factorSince = try row.decode("confirmed_at")
        recoveryCodesLeft = try row.decode("codes_left")
        now = try row.decode("now")
    }

    /// Refused (`AK401`) for who has no login.
    package static func find(_ login: CredentialDigest) -> Query {
        "select * from own_account(\(login.bytes))"
    }
}

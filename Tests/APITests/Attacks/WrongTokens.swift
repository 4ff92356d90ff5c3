import Marketplace
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import TestServer

/// Tokens that let nobody in, with the code of the refusal.
struct WrongTokens: Sendable {
    let refusals: [(token: String?, code: String)]

    /// Of members of `organisation` who have every role, made for this.
    init(of organisation: TestOrganisation, in test: TestMarket) async throws {
        let everything = Set(Role.allCases)
        let revoked = try await test.caller(
            everything, email: "revoked@example.org", organisation.admin)
        _ = try await test.market.revokeCredential(
            organisation.admin.request("revokeCredential"), revoked.credential)
        let expired = try await test.caller(
            everything, email: "expired@example.org", organisation.admin)
        let away = try await test.caller(
            everything, email: "away@example.org", organisation.admin)
        try await test.superuser.pool.transaction { transaction in
            try await transaction.query(
                """
                update credential set created_at = created_at - interval '2 days',
                    expires_at = clock_timestamp() - interval '1 second'
                where id = \(expired.credential)
                """)
            try await transaction.query(
                "update member set active = false where id = \(away.member)")
        }
        var random = SystemRandomNumberGenerator()
        let unknown = try CredentialToken(
            secret: (0..<CredentialToken.secretBytes).map { _ in
                UInt8.random(in: .min ... .max, using: &random)
            })
        refusals = [
            (nil, "credential_missing"),
            ("aik_short", "credential_unknown"),
            (unknown.text, "credential_unknown"),
            (revoked.token.text, "credential_revoked"),
            (expired.token.text, "credential_expired"),
            (away.token.text, "member_inactive"),
        ]
    }
}

import MoneyAndTime
import Organisations
import Postgres
import Storage

// Signing in on the pages and out again: a login is a credential that lives in a browser.

extension Market {
    /// Who is signed in; nil where the login is none, or over. Unless it `isUse`, it goes on lying
    /// unused.
    package func login(_ digest: CredentialDigest, isUse: Bool = true) async throws -> Login? {
        try await asRefusals { try await Login.find(digest, isUse: isUse, in: database) }
    }

    /// Stops the next request that comes with it.
    package func signOut(_ digest: CredentialDigest) async throws {
        _ = try await asRefusals { try await database.write([Login.end(digest)]) }
    }

    /// The members of the example organisations. Only in a demo's database; elsewhere not found.
    package func demoPeople() async throws -> [DemoPerson] {
        try await asRefusals {
            try await database.read([DemoPerson.all]).map(DemoPerson.init(row:))
        }
    }

    /// A login as one of them, to be kept by the browser. Only in a demo's database.
    package func signInToDemo(as member: MemberID) async throws -> CredentialToken {
        let token = try Self.newToken()
        return try await asRefusals {
            _ = try await database.write([
                Login.beginInDemo(as: member, newID(), CredentialDigest(of: token))
            ])
            return token
        }
    }
}

import Postgres

/// The database cannot be reached: libpq's reason, and what the person who set it up can do.
struct DatabaseUnreachable: Error, CustomStringConvertible {
    let description: String

    /// Nil for an error of another kind.
    init?(_ error: any Error) {
        guard case .connectionFailed(let reason) = error as? PostgresError else { return nil }
        let advice = Self.advice.first { reason.contains($0.sign) }?.text
        description = "the database cannot be reached: " + reason + (advice.map { ". \($0)" } ?? "")
    }

    /// What libpq says, and what to do then. Its messages are in English, since the program takes
    /// no language from its surroundings.
    private static let advice: [(sign: String, text: String)] = [
        (
            "does not match host name",
            "Connect by a name that stands in the server's certificate, or give the server a "
                + "certificate for this one. A lower sslmode would let anybody pass for it."
        ),
        (
            "certificate verify failed",
            "The server's certificate is not signed by the authority in sslrootcert, has expired, "
                + "or is not valid yet. `openssl s_client -starttls postgres -connect HOST:PORT "
                + "-CAfile FILE` says which."
        ),
        (
            "root certificate file",
            "sslrootcert in the connection string must name the file with the certificate of the "
                + "authority that signed the server's."
        ),
        (
            "does not support SSL",
            "Switch TLS on in the server: ssl = on, with ssl_cert_file and ssl_key_file. Without "
                + "it, passwords and patient references would travel in the clear."
        ),
        (
            "Connection refused",
            "See that it runs, and listens on the host and port in the connection string."
        ),
        (
            "the server does not answer",
            "See that it runs, and that nothing between here and there holds the connection up."
        ),
        (
            "could not translate host name",
            "See that the host in the connection string is written as it should be."
        ),
    ]
}

/// One setting of the program. This table is the only one: `aikatori serve --help` prints it, a
/// configuration file may hold what is in it, and docs/operating.md is compared with it.
package struct Setting: Hashable, Sendable {
    package let name: String
    /// What holds when the setting is not given, for people.
    package let whenUnset: String
    /// What it may be; completes "must be …".
    package let form: String
    package let purpose: String
    /// Whether its value is never repeated in a message.
    package let isSecret: Bool

    private init(
        _ name: String, unset: String, form: String, isSecret: Bool = false, _ purpose: String
    ) {
        self.name = name
        self.whenUnset = unset
        self.form = form
        self.purpose = purpose
        self.isSecret = isSecret
    }
}

// MARK: - Which database

extension Setting {
    private static func connection(_ role: String) -> String {
        "a connection string of libpq, such as postgresql://aikatori_\(role)@db.example/aikatori"
    }

    package static let databaseURL = Setting(
        "DATABASE_URL", unset: "a private cluster under AIKATORI_VAR, with a demo",
        form: connection("app"), isSecret: true,
        "the database to serve, reached as the role aikatori_app")
    package static let migrationDatabaseURL = Setting(
        "MIGRATION_DATABASE_URL", unset: "none: serve only checks that the schema is the newest",
        form: connection("owner"), isSecret: true,
        "the same database, reached as the role aikatori_owner: for migrate, organisation add and "
            + "clock; serve migrates with it before it starts")
    package static let readerDatabaseURL = Setting(
        "READER_DATABASE_URL", unset: "none", form: connection("reader"), isSecret: true,
        "the same database, reached as the role aikatori_reader: for verify")
    package static let folder = Setting(
        "AIKATORI_VAR", unset: "var", form: "the path of a folder",
        "where the private cluster is kept, with its master key and the demo's tokens")
    package static let masterKey = Setting(
        "AIKATORI_MASTER_KEY", unset: "the private cluster's own, made once",
        form: "32 bytes in base64, as `openssl rand -base64 32` prints them", isSecret: true,
        "seals the organisations' signing keys and signs join tokens; with DATABASE_URL, this or "
            + "the file is required")
    package static let masterKeyFile = Setting(
        "AIKATORI_MASTER_KEY_FILE", unset: "none",
        form: "the path of a file that only its owner can read, with 32 bytes in base64",
        "the same, from a file")
    package static let poolConnections = Setting(
        "AIKATORI_POOL_CONNECTIONS", unset: "8", form: "a whole number from 1 to 200",
        "connections for transactions of several steps")
    package static let pipelineConnections = Setting(
        "AIKATORI_PIPELINE_CONNECTIONS", unset: "2", form: "a whole number from 1 to 64",
        "connections that many short requests share; as many as cores serve well")
}

// MARK: - How it serves

extension Setting {
    package static let host = Setting(
        "AIKATORI_HOST", unset: "127.0.0.1", form: "an address or name of this machine",
        "where to listen; beyond loopback a reverse proxy that ends TLS belongs in front")
    package static let port = Setting(
        "AIKATORI_PORT", unset: "8080", form: "a whole number from 0 to 65535",
        "the port to listen on; 0 takes a free one")
    package static let requestDeadline = Setting(
        "AIKATORI_REQUEST_DEADLINE", unset: "15s", form: "a time from 1s to 10m, such as 15s",
        "the longest from a request's head to its answer")
    package static let idleTimeout = Setting(
        "AIKATORI_IDLE_TIMEOUT", unset: "60s", form: "a time from 1s to 1h, such as 60s",
        "how long a connection may be silent")
    package static let drain = Setting(
        "AIKATORI_DRAIN", unset: "20s", form: "a time from 0s to 10m, such as 20s",
        "how long a stop waits for the answers that are under way")
    package static let trustedProxies = Setting(
        "AIKATORI_TRUSTED_PROXIES", unset: "none: nobody's X-Forwarded-For or -Proto is believed",
        form: "addresses or ranges with commas between them, such as 127.0.0.1,10.0.0.0/8",
        "the reverse proxies that are believed on whom a request is from")
    package static let requestsPerToken = Setting(
        "AIKATORI_REQUESTS_PER_TOKEN", unset: "6000", form: "a whole number from 1 to 1000000",
        "the most requests a minute with one token, or in one login")
    package static let requestsPerAddress = Setting(
        "AIKATORI_REQUESTS_PER_ADDRESS", unset: "12000", form: "a whole number from 1 to 1000000",
        "the most requests a minute from one address; one with a token that is not accepted, or a "
            + "failed sign-in, counts as ten")
    package static let logLevel = Setting(
        "AIKATORI_LOG_LEVEL", unset: "info",
        form: "trace, debug, info, notice, warning, error or critical",
        "the least level that is logged")
    package static let tokensFile = Setting(
        "AIKATORI_TOKENS_FILE", unset: "none", form: "the path of a file, without DATABASE_URL",
        "gets the demo organisations' identifiers and tokens as JSON, for programs")
}

extension Setting {
    package static let demo = Setting(
        "AIKATORI_DEMO", unset: "full",
        form: DemoPlan.Size.allCases.map(\.rawValue).joined(separator: " or "),
        "which demo is made at the first start: full has eight organisations with months of life, "
            + "small has four and nothing that has happened yet")
}

// MARK: - How picture and sound go

extension Setting {
    package static let relayAddresses = Setting(
        "AIKATORI_TURN_URLS", unset: "none: picture and sound go straight from browser to browser",
        form: "addresses with commas between them, such as turn:turn.example:3478?transport=udp",
        "the TURN server through which rooms reach browsers behind firewalls")
    package static let relaySecret = Setting(
        "AIKATORI_TURN_SECRET", unset: "none", form: "a text", isSecret: true,
        "the secret that the TURN server shares (coturn: static-auth-secret); AIKATORI_TURN_URLS "
            + "belongs to it")
    package static let relayOnly = Setting(
        "AIKATORI_TURN_ONLY", unset: "no", form: "yes or no",
        "whether browsers use no other way, so that neither side learns the other's address")
}

// MARK: - How people sign in

extension Setting {
    package static let publicURL = Setting(
        "AIKATORI_PUBLIC_URL", unset: "none: pages are found on this machine alone",
        form: "the address of the pages, such as https://aikatori.example",
        "where browsers find the pages: links in mail and the way back from a provider use it")
    package static let sendmail = Setting(
        "AIKATORI_SENDMAIL", unset: "none: no mail goes out",
        form: "the path of a program that takes mail as sendmail does, such as /usr/sbin/sendmail",
        "sends links for signing in; AIKATORI_MAIL_FROM belongs to it")
    package static let mailFrom = Setting(
        "AIKATORI_MAIL_FROM", unset: "none",
        form: "an e-mail address, such as aikatori@hospital.example",
        "the sender of mail, who gets what cannot be delivered")
    package static let typstPython = Setting(
        "AIKATORI_TYPST_PYTHON", unset: "none: invoices are not to be had as PDF",
        form: "the path of a Python that has typst, such as /opt/typst/bin/python",
        "makes invoices as PDF/A-3 (python3 -m venv /opt/typst; pip install typst==0.15.0)")
    package static let operatorFolder = Setting(
        "AIKATORI_EINVOICE_FOLDER", unset: "none: no invoice goes through an operator",
        form: "the path of a folder that this server may write, such as /var/spool/einvoice",
        "gives invoices to an e-invoice operator, and hears what it answers")
    package static let internalAddresses = Setting(
        "AIKATORI_INTERNAL_ADDRESSES", unset: "none: only servers of the internet are asked",
        form: "addresses or ranges with commas between them, such as 10.20.0.0/16",
        "where within one's own network organisations' providers and calendars may be")
}

// MARK: - All of them

extension Setting {
    package static let all: [Setting] = [
        databaseURL, migrationDatabaseURL, readerDatabaseURL, folder, masterKey, masterKeyFile,
        poolConnections, pipelineConnections, host, port, requestDeadline, idleTimeout, drain,
        trustedProxies, requestsPerToken, requestsPerAddress, logLevel, tokensFile, demo,
        publicURL, sendmail, mailFrom, typstPython,
        operatorFolder, internalAddresses, relayAddresses, relaySecret,
        relayOnly,
    ]

    package static func named(_ name: String) -> Setting? { all.first { $0.name == name } }

    /// What `--help` prints.
    package static var help: String {
        let entries = all.map { setting in
            let lines = [
                setting.purpose, "may be: \(setting.form)", "when unset: \(setting.whenUnset)",
            ]
            return ([setting.name] + lines.flatMap(folded)).joined(separator: "\n")
        }
        return """
            Settings come from the environment, then from a file of KEY=VALUE lines: the one given \
            by --config, else aikatori.conf in the folder AIKATORI_VAR, else /etc/aikatori.conf.

            \(entries.joined(separator: "\n\n"))
            """
    }

    /// A text in lines of at most 78 columns: the first indented, those that follow it more.
    private static func folded(_ text: String) -> [String] {
        var lines = ["   "]
        for word in text.split(separator: " ") {
            let line = "\(lines[lines.count - 1]) \(word)"
            if line.count <= 78 {
                lines[lines.count - 1] = line
            } else {
                lines.append("      \(word)")
            }
        }
        return lines
    }

    /// What docs/operating.md holds.
    package static var markdownTable: String {
        let rows = all.map { setting in
            "| `\(setting.name)` | \(setting.purpose) | \(setting.form) | \(setting.whenUnset) |"
        }
        return """
            | setting | what it is for | what it may be | when unset |
            |---|---|---|---|
            \(rows.joined(separator: "\n"))
            """
    }
}

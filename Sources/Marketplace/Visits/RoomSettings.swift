import MoneyAndTime
import Organisations
import Postgres
import SignIn
import Storage
import StrictJSON
import Visits

// Which video systems an organisation can host, and which it can join.

/// What an administrator says of them.
package struct NewRoomSettings: Sendable {
    package struct Jitsi: Sendable {
        package let domain: String
        package let appID: String
        /// Nil keeps the one that is stored for the same server and application.
        package let secret: String?
        package let prefix: String

        package init(domain: String, appID: String, secret: String?, prefix: String) {
            self.domain = domain
            self.appID = appID
            self.secret = secret
            self.prefix = prefix
        }

        /// A name of a host, with a port where it is not 443: in lower case, as Jitsi compares it.
        package static func isDomain(_ text: String) -> Bool {
            text.utf8.count <= 253
                && text.wholeMatch(of: /[a-z0-9\-]+(\.[a-z0-9\-]+)*(:[0-9]{1,5})?/) != nil
        }

        package static func isPrefix(_ text: String) -> Bool {
            text.wholeMatch(of: /[a-z0-9\-]{0,40}/) != nil
        }

        /// Visible ASCII characters, long enough for HS256.
        package static func isSecret(_ text: String) -> Bool {
            (JitsiToken.shortestSecret...1_000).contains(text.utf8.count)
                && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }

        package static func isAppID(_ text: String) -> Bool {
            (1...200).contains(text.utf8.count)
                && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
        }
    }

    package let hostsBuiltIn: Bool
    package let jitsi: Jitsi?
    package let ownLink: StoredRoomSettings.OwnLink?
    package let joins: [Room.Provider]

    package init(
        hostsBuiltIn: Bool, jitsi: Jitsi?, ownLink: StoredRoomSettings.OwnLink?,
        joins: [Room.Provider]
    ) {
        self.hostsBuiltIn = hostsBuiltIn
        self.jitsi = jitsi
        self.ownLink = ownLink
        self.joins = joins
    }

    /// An https address that a room can have when `{visit}` in it, at most once and after the name
    /// of the host, is the visit's own name.
    package static func isOwnLink(_ address: String) -> Bool {
        let host = address.dropFirst("https://".count).prefix { $0 != "/" }
        let rest = address.replacing(RoomChoices.visitMark, with: "", maxReplacements: 1)
        let form = /https:\/\/[A-Za-z0-9.\-]+(:[0-9]{1,5})?(\/[A-Za-z0-9._~!$&()*+,;=:@%\/?#\-]*)?/
        return address.utf8.count <= 400 && !host.contains("{")
            && rest.wholeMatch(of: form) != nil
    }
}

extension Market {
    package func roomSettings(_ request: Request) async throws -> Answer {
        try await StoredRoomSettings(
            row: read(request, StoredRoomSettings.own).atMostOne()
        ).answer
    }

    /// Replaces all of it. What is agreed stays: a server that is no longer named opens its rooms
    /// still.
    package func updateRoomSettings(
        _ request: Request, revision: Int64, _ new: NewRoomSettings
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            var jitsi: StoredRoomSettings.Jitsi?
            if let wanted = new.jitsi {
                let kept = try await sealed(wanted, of: caller.organisation, in: transaction)
                try await transaction.query(StoredRoomSettings.keep(kept))
                jitsi = kept
            }
            let written = StoredRoomSettings(
                hostsBuiltIn: new.hostsBuiltIn, jitsi: jitsi, ownLink: new.ownLink,
                joins: new.joins, revision: revision + 1)
            guard try await transaction.execute(written.write(over: revision)) == 1 else {
                throw Refusal(.revisionDiffers)
            }
            try await transaction.note(
                .init(
                    .organisation, caller.organisation, "organisation.room_settings",
                    revision: written.revision,
                    facts: [
                        "hosts": .array(written.hosts.map { JSON($0.rawValue) }),
                        "joins": .array(written.joins.map { JSON($0.rawValue) }),
                    ]),
                by: caller)
            return written.answer
        }
    }

    private func sealed(
        _ jitsi: NewRoomSettings.Jitsi, of organisation: OrganisationID,
        in transaction: Transaction
    ) async throws -> StoredRoomSettings.Jitsi {
        var secret: [UInt8]?
        if let given = jitsi.secret {
            var random = SystemRandomNumberGenerator()
            secret = try seals.seal(
                Array(given.utf8), for: .jitsi, of: organisation, using: &random)
        } else if let row = try await transaction.query(
            StoredRoomSettings.server(jitsi.domain)
        ).atMostOne(), try row["app_id", String.self] == jitsi.appID {
            // another server, or another application, never gets to see it
            secret = try row.decode("sealed_secret")
        }
        guard let secret else {
            throw InvalidInput(
                pointer: "/jitsi/secret", code: "missing",
                message: "must be given for a new server or application")
        }
        return StoredRoomSettings.Jitsi(
            domain: jitsi.domain, appID: jitsi.appID, sealedSecret: secret, prefix: jitsi.prefix)
    }
}

extension StoredRoomSettings {
    fileprivate var hosts: [Room.Provider] {
        (hostsBuiltIn ? [.builtIn] : []) + (jitsi == nil ? [] : [.jitsi])
            + (ownLink == nil ? [] : [.ownLink])
    }

    /// The secret stays: a server that is named has one.
    var answer: Answer {
        Answer(
            [
                "hosts_built_in": JSON(hostsBuiltIn),
                "jitsi": jitsi.map {
                    [
                        "domain": JSON($0.domain), "app_id": JSON($0.appID),
                        "room_prefix": JSON($0.prefix),
                    ]
                } ?? .null,
                "own_link": ownLink.map {
                    ["name": JSON($0.name), "address": JSON($0.address)]
                } ?? .null,
                "joins": .array(joins.map { JSON($0.rawValue) }),
                "revision": JSON(revision),
            ], revision: revision)
    }
}

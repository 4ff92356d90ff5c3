import MoneyAndTime
import Postgres
import Visits

/// What an organisation says of the video systems that it can host and join: its row of
/// `room_settings`, with the server of `jitsi_server` that it names.
package struct StoredRoomSettings: Sendable {
    /// A Jitsi Meet server that takes the market's tokens.
    package struct Jitsi: Sendable {
        package let domain: String
        package let appID: String
        package let sealedSecret: [UInt8]
        /// What the names of its rooms begin with.
        package let prefix: String

        package init(domain: String, appID: String, sealedSecret: [UInt8], prefix: String) {
            self.domain = domain
            self.appID = appID
            self.sealedSecret = sealedSecret
            self.prefix = prefix
        }
    }

    /// The organisation's own video service.
    package struct OwnLink: Hashable, Sendable {
        package let name: String
        package let address: String

        package init(name: String, address: String) {
            self.name = name
            self.address = address
        }
    }

    package let hostsBuiltIn: Bool
    package let jitsi: Jitsi?
    package let ownLink: OwnLink?
    /// In order of preference.
    package let joins: [Room.Provider]
    /// 0 before anything was set.
    package let revision: Int64

    package init(
        hostsBuiltIn: Bool, jitsi: Jitsi?, ownLink: OwnLink?, joins: [Room.Provider],
        revision: Int64
    ) {
        self.hostsBuiltIn = hostsBuiltIn
        self.jitsi = jitsi
        self.ownLink = ownLink
        self.joins = joins
        self.revision = revision
    }

    /// Of no row: the built-in room is hosted, and everything is joined.
    package init(row: Row?) throws {
        guard let row else {
            self.init(
                hostsBuiltIn: true, jitsi: nil, ownLink: nil,
                joins: [.builtIn, .jitsi, .ownLink], revision: 0)
            return
        }
        let joins = try row["joins", [String].self].map { text in
            guard let provider = Room.Provider(rawValue: text) else {
                throw CellError.malformed("a room's provider")
            }
            return provider
        }
        self.init(
            hostsBuiltIn: try row.decode("hosts_built_in"),
            jitsi: try row["jitsi_domain", String?.self].map {
                Jitsi(
                    domain: $0, appID: try row.decode("app_id"),
                    sealedSecret: try row.decode("sealed_secret"),
                    prefix: try row.decode("jitsi_prefix"))
            },
            ownLink: try row["own_link", String?.self].map {
                OwnLink(name: try row.decode("own_link_name"), address: $0)
            },
            joins: joins, revision: try row.decode("revision"))
    }

    /// The caller's own.
    package static let own: Query = """
        select s.hosts_built_in, s.jitsi_domain, s.jitsi_prefix, j.app_id, j.sealed_secret,
            s.own_link, s.own_link_name, s.joins, s.revision
        from room_settings s
        left join jitsi_server j on j.organisation = s.organisation and j.domain = s.jitsi_domain
        where s.organisation = current_organisation()
        """

    /// The secret of a server of one's own that was named before, for whoever names it again; no
    /// row where it was never.
    package static func server(_ domain: String) -> Query {
        """
        select app_id, sealed_secret from jitsi_server
        where organisation = current_organisation() and domain = \(domain)
        """
    }

    /// Before `write`.
    package static func keep(_ jitsi: Jitsi) -> Query {
        """
        insert into jitsi_server (organisation, domain, app_id, sealed_secret)
        values (current_organisation(), \(jitsi.domain), \(jitsi.appID), \(jitsi.sealedSecret))
        on conflict (organisation, domain) do update
            set app_id = excluded.app_id, sealed_secret = excluded.sealed_secret
        """
    }

    /// No row is changed when the revision is another by now.
    package func write(over revision: Int64) -> Query {
        """
        insert into room_settings as s (organisation, hosts_built_in, jitsi_domain, jitsi_prefix,
            own_link, own_link_name, joins, revision)
        select current_organisation(), \(hostsBuiltIn), \(jitsi?.domain), \(jitsi?.prefix),
            \(ownLink?.address), \(ownLink?.name), \(joins.map(\.rawValue)), \(revision) + 1
        where \(revision) = 0 or exists (
            select from room_settings where organisation = current_organisation())
        on conflict (organisation) do update set hosts_built_in = excluded.hosts_built_in,
            jitsi_domain = excluded.jitsi_domain, jitsi_prefix = excluded.jitsi_prefix,
            own_link = excluded.own_link, own_link_name = excluded.own_link_name,
            joins = excluded.joins, revision = excluded.revision
            where s.revision = \(revision)
        """
    }
}

extension RoomChoices.Choice {
    package init(row: Row) throws {
        guard let provider = Room.Provider(rawValue: try row.decode("provider")) else {
            throw CellError.malformed("a room's provider")
        }
        self.init(
            provider: provider, name: try row.decode("name"), address: try row.decode("address"),
            place: try row.decode("place"))
    }

    /// What the seller of one of the caller's visits hosts, and which of it its buyer joins.
    package static func all(of booking: BookingID) -> Query {
        "select place, provider, name, address from rooms_between(\(booking))"
    }

    /// The visit's own name in addresses, made when it is first asked for.
    package static func name(of booking: BookingID) -> Query {
        "select room_name_of(\(booking)) as name"
    }
}

/// What opens the agreed room for the holder of a join token.
package struct RoomToEnter: Sendable {
    package let provider: Room.Provider
    package let link: String?
    package let seller: OrganisationID
    /// Nil: a guest.
    package let side: Side?
    package let participant: String
    package let label: String
    package let window: TimeSlot
    /// Of a Jitsi server.
    package let appID: String?
    package let sealedSecret: [UInt8]?

    package init(row: Row) throws {
        guard let provider = Room.Provider(rawValue: try row.decode("provider")) else {
            throw CellError.malformed("a room's provider")
        }
        self.provider = provider
        link = try row.decode("link")
        seller = try row.decode("seller")
        side = Side(rawValue: try row.decode("side"))
        participant = try row.decode("participant")
        label = try row.decode("label")
        window = try TimeSlot(start: row.decode("opens"), end: row.decode("closes"))
        appID = try row.decode("app_id")
        sealedSecret = try row.decode("sealed_secret")
    }

    /// As who may be in the room now; refused otherwise.
    package static func find(_ token: JoinTokenDigest) -> Query {
        "select * from room_to_enter(\(token.bytes))"
    }
}

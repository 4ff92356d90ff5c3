import MoneyAndTime
import Organisations
import Postgres
import StrictJSON

/// A way by which an organisation's texts go out: its row of `text_gateway`.
package struct StoredTextGateway: Sendable {
    package enum Method: String, Sendable, CaseIterable {
        case post = "POST"
        case put = "PUT"
    }

    package enum ContentType: String, Sendable, CaseIterable {
        case json = "application/json"
        case form = "application/x-www-form-urlencoded"
        case plain = "text/plain"
    }

    /// A header that proves to the gateway who sends; its secret under the master key.
    package struct Secret: Sendable {
        package let header: String
        package let sealed: [UInt8]

        package init(header: String, sealed: [UInt8]) {
            self.header = header
            self.sealed = sealed
        }
    }

    /// Nil where nothing is sent.
    package let address: String?
    package let method: Method
    package let contentType: ContentType
    /// With `{to}` and `{text}` in it.
    package let body: String
    package let secret: Secret?

    package init(
        address: String?, method: Method, contentType: ContentType, body: String, secret: Secret?
    ) {
        self.address = address
        self.method = method
        self.contentType = contentType
        self.body = body
        self.secret = secret
    }

    package init(row: Row) throws {
        guard let method = Method(rawValue: try row.decode("method")),
            let contentType = ContentType(rawValue: try row.decode("content_type"))
        else { throw CellError.malformed("a text gateway") }
        address = try row.decode("address")
        self.method = method
        self.contentType = contentType
        body = try row.decode("body")
        secret = try row["header", String?.self].map {
            Secret(header: $0, sealed: try row.decode("sealed_secret"))
        }
    }

    /// Of a message's organisation, for the worker; no row where there is none.
    package static func of(_ organisation: OrganisationID) -> Query {
        "select * from text_gateway_of(\(organisation))"
    }
}

/// What an organisation says of texts to its patients.
package struct StoredTextSettings: Sendable {
    package let gateway: StoredTextGateway
    /// Minutes before a visit.
    package let reminders: [Int64]
    /// By language; with `{when}` and `{organisation}` in them.
    package let texts: [String: String]
    /// 0 before anything was set.
    package let revision: Int64

    package init(
        gateway: StoredTextGateway, reminders: [Int64], texts: [String: String], revision: Int64
    ) {
        self.gateway = gateway
        self.reminders = reminders
        self.texts = texts
        self.revision = revision
    }

    /// Of no row: nothing was set.
    package init(row: Row?) throws {
        guard let row else {
            self.init(
                gateway: StoredTextGateway(
                    address: nil, method: .post, contentType: .json, body: "", secret: nil),
                reminders: [], texts: [:], revision: 0)
            return
        }
        let texts = try JSON.parse(row["texts", String.self]).members ?? [:]
        self.init(
            gateway: try StoredTextGateway(row: row), reminders: try row.decode("reminders"),
            texts: Dictionary(
                texts.compactMap { key, value in value.text.map { (key, $0) } }
            ) { first, _ in first },
            revision: try row.decode("revision"))
    }

    /// The caller's own.
    package static let own: Query = """
        select address, method, content_type, body, header, sealed_secret,
            reminders::bigint[] as reminders, texts::text as texts, revision
        from text_gateway where organisation = current_organisation()
        """

    /// No row is changed when the revision is another by now.
    package func write(over revision: Int64) -> Query {
        let texts = JSON.object(
            JSONObject(self.texts.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) }))
        return """
            insert into text_gateway as g (organisation, address, method, content_type, body,
                header, sealed_secret, reminders, texts, revision)
            select current_organisation(), \(gateway.address), \(gateway.method.rawValue),
                \(gateway.contentType.rawValue), \(gateway.body), \(gateway.secret?.header),
                \(gateway.secret?.sealed), \(reminders)::int[], \(texts.compactText)::jsonb,
                \(revision) + 1
            where \(revision) = 0 or exists (
                select from text_gateway where organisation = current_organisation())
            on conflict (organisation) do update set address = excluded.address,
                method = excluded.method, content_type = excluded.content_type,
                body = excluded.body, header = excluded.header,
                sealed_secret = excluded.sealed_secret, reminders = excluded.reminders,
                texts = excluded.texts, revision = excluded.revision
                where g.revision = \(revision)
            """
    }
}

/// Where the patient of a visit is reached: a row of `patient_contact`, which the buyer alone sees.
package struct PatientContact: Sendable {
    package let number: TextNumber
    /// `fi`, `sv` or `en`.
    package let language: String

    package init(number: TextNumber, language: String) {
        self.number = number
        self.language = language
    }

    package init(row: Row) throws {
        number = try TextNumber(row.decode("number"))
        language = try row.decode("language")
    }

    /// `number` is null where none was given; `reminders` are those that the caller sends.
    package static func find(_ booking: BookingID) -> Query {
        """
        select c.number, c.language,
            coalesce((select g.reminders from text_gateway g
                where g.organisation = current_organisation() and g.address is not null),
                '{}')::bigint[] as reminders
        from (select) one left join patient_contact c on c.booking = \(booking)
        """
    }

    package func write(
        _ booking: BookingID, seller: OrganisationID, buyer: OrganisationID
    ) -> Query {
        """
        insert into patient_contact as c (booking, seller, buyer, number, language)
        values (\(booking), \(seller), \(buyer), \(number.text), \(language))
        on conflict (booking) do update
            set number = excluded.number, language = excluded.language
        """
    }

    package static func remove(_ booking: BookingID) -> Query {
        "delete from patient_contact where booking = \(booking)"
    }
}

/// A reminder whose time has come.
package struct PatientReminder: Sendable {
    package let buyer: OrganisationID
    package let buyerName: String
    package let contact: PatientContact
    /// By language.
    package let texts: [String: String]
    package let starts: Instant
    /// The clock on the wall of the buyer's unit.
    package let zone: WallClock
    package let cause: String
    package let expiresAt: Instant

    package init(row: Row) throws {
        buyer = try row.decode("buyer")
        buyerName = try row.decode("buyer_name")
        contact = try PatientContact(row: row)
        let texts = try JSON.parse(row["texts", String.self]).members ?? [:]
        self.texts = Dictionary(
            texts.compactMap { key, value in value.text.map { (key, $0) } }
        ) { first, _ in first }
        starts = try row.decode("starts")
        zone = try WallClock(zone: row.decode("time_zone"))
        cause = try row.decode("cause")
        expiresAt = try row.decode("expires_at")
    }

    /// No row where no text is to go out.
    package static func due(_ kind: Deadline.Kind, _ booking: EventID) -> Query {
        "select * from patient_reminder(\(kind.rawValue)::text, \(booking))"
    }
}

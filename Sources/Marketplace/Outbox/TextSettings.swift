import MoneyAndTime
import Organisations
import Postgres
import SignIn
import Storage
import StrictJSON

// What an organisation says of texts to its patients, and where a visit's patient is reached.

/// What an administrator says of them.
package struct NewTextSettings: Sendable {
    package struct Gateway: Sendable {
        package let address: String
        package let method: StoredTextGateway.Method
        package let contentType: StoredTextGateway.ContentType
        package let body: String
        package let header: String?
        /// Nil keeps the one that is stored for the same address and header.
        package let secret: String?

        package init(
            address: String, method: StoredTextGateway.Method,
            contentType: StoredTextGateway.ContentType, body: String, header: String?,
            secret: String?
        ) {
            self.address = address
            self.method = method
            self.contentType = contentType
            self.body = body
            self.header = header
            self.secret = secret
        }

        /// Whether it names a header, and none of the request's own.
        package static func isHeader(_ name: String) -> Bool {
            let own = ["host", "content-length", "content-type", "transfer-encoding", "connection"]
            return name.wholeMatch(of: /[A-Za-z][A-Za-z0-9\-]{0,63}/) != nil
                && !own.contains(name.lowercased())
        }
    }

    /// Nil: nothing is sent.
    package let gateway: Gateway?
    package let reminders: [Int64]
    package let texts: [String: String]

    package init(gateway: Gateway?, reminders: [Int64], texts: [String: String]) {
        self.gateway = gateway
        self.reminders = reminders
        self.texts = texts
    }
}

extension Market {
    package func textGateway(_ request: Request) async throws -> Answer {
        try await StoredTextSettings(
            row: read(request, StoredTextSettings.own).atMostOne()
        ).answer
    }

    /// Replaces all of it. The gateway must be reached over TLS, as a provider for signing in.
    package func updateTextGateway(
        _ request: Request, revision: Int64, _ new: NewTextSettings
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let stored = try await StoredTextSettings(
                row: transaction.query(StoredTextSettings.own).atMostOne())
            let isDemo = try await transaction.query(StoredSignInSettings.isDemo)
                .only()["demo", Bool.self]
            let written = StoredTextSettings(
                gateway: try new.gateway.map {
                    try sealed($0, keeping: stored.gateway, of: caller.organisation, isDemo)
                }
                    ?? StoredTextGateway(
                        address: nil, method: .post, contentType: .json, body: "", secret: nil),
                reminders: new.reminders, texts: new.texts, revision: revision + 1)
            guard try await transaction.execute(written.write(over: revision)) == 1 else {
                throw Refusal(.revisionDiffers)
            }
            try await transaction.note(
                .init(
                    .organisation, caller.organisation, "organisation.text_gateway",
                    revision: written.revision,
                    facts: ["address": JSON(written.gateway.address)]),
                by: caller)
            return written.answer
        }
    }

    private func sealed(
        _ new: NewTextSettings.Gateway, keeping old: StoredTextGateway,
        of organisation: OrganisationID, _ isDemo: Bool
    ) throws -> StoredTextGateway {
        func invalid(_ member: String, _ message: String) -> InvalidInput {
            InvalidInput(pointer: "/gateway/\(member)", code: "pattern", message: message)
        }
        guard (try? WebAddress(new.address, allowingLoopback: isDemo)) != nil else {
            throw invalid(
                "address", "must be an address such as https://sms.example, without a query")
        }
        guard new.body.contains("{to}"), new.body.contains("{text}") else {
            throw invalid("body", "must hold {to} and {text}")
        }
        var secret: StoredTextGateway.Secret?
        if let header = new.header {
            if let given = new.secret {
                var random = SystemRandomNumberGenerator()
                secret = .init(
                    header: header,
                    sealed: try seals.seal(
                        Array(given.utf8), for: .textGateway, of: organisation, using: &random))
            } else if old.address == new.address, old.secret?.header == header {
                // Another server never gets to see it.
                secret = old.secret
            }
            guard secret != nil else {
                throw invalid("secret", "must be given for a new address or header")
            }
        }
        return StoredTextGateway(
            address: new.address, method: new.method, contentType: new.contentType,
            body: new.body, secret: secret)
    }

    // MARK: Where a patient is reached

    /// The buyer's alone; with the minutes before a visit at which it sends texts.
    package func patientContact(_ request: Request, _ id: BookingID) async throws -> Answer {
        try await view(request) { transaction, caller in
            _ = try await bought(id, by: caller, in: transaction)
            let row = try await transaction.query(PatientContact.find(id)).only()
            return Answer([
                "number": JSON(try row["number", String?.self]),
                "language": JSON(try row["language", String?.self]),
                "reminders": .array(try row["reminders", [Int64].self].map { JSON($0) }),
            ])
        }
    }

    /// Until the visit is over.
    package func setPatientContact(
        _ request: Request, _ id: BookingID, _ contact: PatientContact
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            let booking = try await bought(id, by: caller, in: transaction)
            try await transaction.query(
                contact.write(id, seller: booking.seller, buyer: booking.buyer))
            // that it was given, and nothing of it
            try await transaction.note(
                .init(.booking, id, "booking.patient_contact_set", revision: 0), by: caller)
            // the number is in no stored answer
            return Answer(["is_given": true, "language": JSON(contact.language)])
        }
    }

    package func removePatientContact(
        _ request: Request, _ id: BookingID
    ) async throws -> Answer {
        try await change(request) { transaction, caller in
            _ = try await bought(id, by: caller, in: transaction)
            try await transaction.query(PatientContact.remove(id))
            try await transaction.note(
                .init(.booking, id, "booking.patient_contact_removed", revision: 0), by: caller)
            return Answer(["is_given": false, "language": nil])
        }
    }

    private func bought(
        _ id: BookingID, by caller: Caller, in transaction: Transaction
    ) async throws -> StoredBooking {
        guard let row = try await transaction.query(StoredBooking.find(id)).atMostOne() else {
            throw Refusal(.notFound)
        }
        let booking = try StoredBooking(row: row)
        guard booking.buyer == caller.organisation else { throw Refusal(.notYourSide) }
        return booking
    }
}

extension StoredTextSettings {
    /// The secret stays: only whether there is one is told.
    var answer: Answer {
        Answer(
            [
                "gateway": gateway.address == nil ? .null : gateway.json,
                "reminders": .array(reminders.map { JSON($0) }),
                "texts": .object(
                    JSONObject(
                        PatientReminder.usual.sorted { $0.key < $1.key }.map { key, usual in
                            (key, JSON(texts[key] ?? usual))
                        })),
                "revision": JSON(revision),
            ], revision: revision)
    }
}

extension StoredTextGateway {
    fileprivate var json: JSON {
        [
            "address": JSON(address),
            "method": JSON(method.rawValue),
            "content_type": JSON(contentType.rawValue),
            "body": JSON(body),
            "header": JSON(secret?.header),
            "has_secret": JSON(secret != nil),
        ]
    }
}

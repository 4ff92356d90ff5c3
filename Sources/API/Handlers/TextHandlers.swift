import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Texts to patients: the gateway by which they go out, and where a visit's patient is reached.
enum TextHandlers {
    /// The languages of texts.
    private enum Tongue: String, CaseIterable {
        case fi, sv, en
    }

    static func getGateway(_ call: Call) async throws -> Reply {
        try await .json(call.market.textGateway(call.request))
    }

    static func updateGateway(_ call: Call) async throws -> Reply {
        let settings = try call.object { fields in
            let leads = try fields.array("reminders", max: AlertChoices.leads.count) { reader in
                let lead = try reader.integer(in: 15...1_440)
                guard AlertChoices.leads.contains(lead) else {
                    throw reader.problem(.unknownValue, "must be 15, 60 or 1440")
                }
                return lead
            }
            guard Set(leads).count == leads.count else {
                throw fields.problem("reminders", .pattern, "must name each once")
            }
            let texts = try fields.nested("texts") { texts in
                var all: [String: String] = [:]
                for tongue in Tongue.allCases {
                    all[tongue.rawValue] = try texts.optional(tongue.rawValue)?.text()
                }
                return all
            }
            return try NewTextSettings(
                gateway: fields.optionalNested("gateway", gateway), reminders: leads.sorted(),
                texts: texts)
        }
        return try await .json(
            call.market.updateTextGateway(call.request, revision: call.ifMatch, settings))
    }

    private static func gateway(
        _ fields: inout JSONFields
    ) throws -> NewTextSettings.Gateway {
        let header = try fields.optionalString("header", min: 1, max: 64)
        guard header.map(NewTextSettings.Gateway.isHeader) ?? true else {
            throw fields.problem(
                "header", .pattern, "must name a header, and none of the request's own")
        }
        let secret = try fields.optionalString("secret", min: 1, max: 1_000)
        guard secret?.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) ?? true else {
            throw fields.problem("secret", .pattern, "must be visible ASCII characters")
        }
        return try NewTextSettings.Gateway(
            address: fields.string("address", min: 1, max: 500),
            method: fields.enumeration("method"), contentType: fields.enumeration("content_type"),
            body: fields.required("body").template(max: 2_000), header: header, secret: secret)
    }

    static func getContact(_ call: Call) async throws -> Reply {
        try await .json(call.market.patientContact(call.request, call.id("booking")))
    }

    static func setContact(_ call: Call) async throws -> Reply {
        let contact = try call.object { fields in
            try PatientContact(
                number: fields.parsed("number", max: 40) { try TextNumber($0) },
                language: fields.enumeration("language", as: Tongue.self).rawValue)
        }
        return try await .json(
            call.market.setPatientContact(call.request, call.id("booking"), contact))
    }

    static func removeContact(_ call: Call) async throws -> Reply {
        try await .json(call.market.removePatientContact(call.request, call.id("booking")))
    }
}

extension JSONReader {
    /// A text that is short enough for a telephone, and says when.
    fileprivate func text() throws -> String {
        let text = try template(max: 300)
        guard text.contains("{when}") else { throw problem(.pattern, "must hold {when}") }
        return text
    }

    /// Without control characters but the ends of lines.
    fileprivate func template(max: Int) throws -> String {
        let text = try string(min: 1, max: max)
        let isPlain = text.unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || !(0...0x1F).contains(scalar.value) && scalar.value != 0x7F
        }
        guard isPlain else { throw problem(.pattern, "must be plain text") }
        return text
    }
}

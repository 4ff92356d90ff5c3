import Foundation
import MoneyAndTime
import Organisations
import StrictJSON

/// The demo organisations with a token for each role. The market shows a token once; a demo keeps
/// them in a file, so that the next start can print the same ones.
struct DemoTokens: Sendable {
    struct Entry: Sendable {
        let name: String
        let id: OrganisationID
        let tokens: [Role: CredentialToken]
    }

    let entries: [Entry]

    /// The token of a demo organisation for a role.
    func token(of organisation: DemoOrganisation, _ role: Role) throws -> CredentialToken {
        let entry = entries.first { $0.name == organisation.name }
        guard let token = entry?.tokens[role] else { throw Unreadable() }
        return token
    }

    /// The file is not what the program wrote.
    struct Unreadable: Error, CustomStringConvertible {
        var description: String {
            "the file with the demo's tokens is not what was written: remove the folder of the "
                + "private cluster to begin anew"
        }
    }
}

// MARK: - The file

extension DemoTokens {
    static func file(in folder: URL) -> URL { folder.appending(path: "demo-tokens.json") }

    func write(to file: URL) throws {
        try PrivateFile.write(json.compactText + "\n", to: file)
    }

    init(reading file: URL) throws {
        guard let text = try? PrivateFile.read(file),
            let organisations = (try? JSON.parse(Array(text.utf8)))?["organisations"]?.elements
        else { throw Unreadable() }
        entries = try organisations.map { json in
            guard let name = json["name"]?.text,
                let id = json["id"]?.text.flatMap(OrganisationID.init(_:))
            else { throw Unreadable() }
            var tokens: [Role: CredentialToken] = [:]
            for role in Role.allCases {
                guard let text = json["tokens"]?[role.rawValue]?.text else { throw Unreadable() }
                tokens[role] = try CredentialToken(presented: text)
            }
            return Entry(name: name, id: id, tokens: tokens)
        }
    }

    private var json: JSON {
        let organisations = entries.map { entry -> JSON in
            let tokens = Self.order.map { ($0.rawValue, JSON(entry.tokens[$0]?.text)) }
            return [
                "name": JSON(entry.name),
                "id": JSON(entry.id.description),
                "tokens": .object(JSONObject(tokens)),
            ]
        }
        return ["organisations": .array(organisations)]
    }

    /// In which roles are listed.
    static let order: [Role] = [
        .admin, .signatory, .scheduler, .specialist, .finance, .auditor,
    ]
}

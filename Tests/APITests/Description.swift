import API
import StrictJSON
import Yams

/// `api/openapi.yaml` as the tests read it.
struct Description: Sendable {
    static let shared = Result { try Description() }

    let document: JSON
    let operations: [String: Documented]

    /// An operation of the document.
    struct Documented: Sendable {
        let method: String
        let path: String
        let roles: Set<String>?
        let isOpen: Bool
        let statuses: Set<Int>
        let queryParameters: [String]
        let headerParameters: Set<String>
        let mediaTypes: [String]
        /// Of the body, when it is JSON.
        let schema: JSON?
        let codes: [Int: Set<String>]
    }

    private init() throws {
        let text = String(decoding: try APIDescription.bytes(), as: UTF8.self)
        let document = Self.json(try Yams.load(yaml: text))
        var operations: [String: Documented] = [:]
        for (path, item) in document["paths"]?.members ?? [:] {
            for (method, definition) in item.members ?? [:] {
                guard let id = definition["operationId"]?.text else { continue }
                operations[id] = Self.documented(method, path, item, definition, in: document)
            }
        }
        self.document = document
        self.operations = operations
    }

    private static func documented(
        _ method: String, _ path: String, _ item: JSON, _ definition: JSON, in document: JSON
    ) -> Documented {
        let parameters = [item, definition].flatMap { $0["parameters"]?.elements ?? [] }
            .map { followed($0, in: document) }
        func names(in place: String) -> [String] {
            parameters.filter { $0["in"]?.text == place }.compactMap { $0["name"]?.text }
        }
        let body = definition["requestBody"].map { followed($0, in: document) }
        let content = body?["content"]?.members ?? [:]
        var codes: [Int: Set<String>] = [:]
        for (status, response) in definition["responses"]?.members ?? [:] {
            let response = followed(response, in: document)
            codes[Int(status) ?? 0] = quoted(in: response["description"]?.text ?? "")
        }
        return Documented(
            method: method.uppercased(), path: path,
            roles: definition["x-roles"]?.elements.map { Set($0.compactMap(\.text)) },
            isOpen: definition["security"]?.elements == [],
            statuses: Set(codes.keys), queryParameters: names(in: "query"),
            headerParameters: Set(names(in: "header")), mediaTypes: content.keys.sorted(),
            schema: content["application/json"]?["schema"], codes: codes)
    }

    /// The words between backticks that can be codes.
    private static func quoted(in text: String) -> Set<String> {
        let parts = text.split(separator: "`", omittingEmptySubsequences: false)
        let words = parts.enumerated().filter { !$0.offset.isMultiple(of: 2) }.map(\.element)
        return Set(
            words.filter { word in
                word.utf8.allSatisfy { (0x61...0x7a).contains($0) || $0 == UInt8(ascii: "_") }
            }.map(String.init))
    }
}

// MARK: - References

extension Description {
    /// What a reference names, with the members beside it in front.
    func followed(_ value: JSON) -> JSON { Self.followed(value, in: document) }

    private static func followed(_ value: JSON, in document: JSON) -> JSON {
        guard let reference = value["$ref"]?.text else { return value }
        var target = document
        for key in reference.split(separator: "/").dropFirst() {
            target = target[String(key)] ?? .null
        }
        var members = followed(target, in: document).members ?? [:]
        for (key, own) in value.members ?? [:] where key != "$ref" { members[key] = own }
        return .object(members)
    }
}

// MARK: - YAML as JSON

extension Description {
    /// Of scalars only text, whole numbers and flags are told apart: the rest are examples.
    private static func json(_ value: Any?) -> JSON {
        switch value {
        case let flag as Bool: JSON(flag)
        case let number as Int: JSON(number)
        case let text as String: JSON(text)
        case let list as [Any]: .array(list.map { json($0) })
        case let map as [AnyHashable: Any]:
            .object(JSONObject(map.map { ("\($0.key)", json($0.value)) }))
        case .none: .null
        case .some(let other): JSON("\(other)")
        }
    }
}

import StrictJSON

/// One request and its answer, as they went over the line.
package struct Exchange: Sendable {
    package let method: String
    /// The path with its query.
    package let target: String
    /// Names in lower case; the token is left out.
    package let requestHeaders: [String: String]
    package let requestBody: [UInt8]?
    package let status: Int
    /// Names in lower case.
    package let headers: [String: String]
    package let body: [UInt8]

    /// The answer's body; nil when it is no JSON.
    package var json: JSON? { try? JSON.parse(body) }

    package var text: String { String(decoding: body, as: UTF8.self) }

    /// The stable code of a problem; nil when the answer is none.
    package var code: String? {
        headers["content-type"] == "application/problem+json" ? json?["code"]?.text : nil
    }

    /// The JSON Pointers of what was wrong in the body.
    package var pointers: [String] {
        (json?["errors"]?.elements ?? []).compactMap { $0["pointer"]?.text }
    }

    /// What a failed expectation shows.
    package var summary: String { "\(method) \(target): \(status) \(text.prefix(600))" }
}

extension Exchange {
    /// As a line of the file that the checks from outside read. Bytes that are no UTF-8 are null:
    /// no schema speaks of them.
    var line: JSON {
        [
            "method": JSON(method),
            "target": JSON(target),
            "request_headers": Self.json(requestHeaders),
            "request_body": JSON(requestBody.flatMap { String(validating: $0, as: UTF8.self) }),
            "status": JSON(status),
            "response_headers": Self.json(headers),
            "response_body": body.isEmpty
                ? .null : JSON(String(validating: body, as: UTF8.self)),
        ]
    }

    private static func json(_ headers: [String: String]) -> JSON {
        .object(JSONObject(headers.sorted { $0.key < $1.key }.map { ($0.key, JSON($0.value)) }))
    }
}

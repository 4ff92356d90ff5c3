import StrictJSON

extension Operation.Body {
    /// Refuses another media type than the operation takes; parameters other than a charset of
    /// UTF-8 are left alone.
    func check(contentType: String?) throws(Problem) {
        let accepted: [String]
        switch self {
        case .none: return
        case .json: accepted = ["application/json"]
        case .xml: accepted = ["application/xml", "text/xml"]
        }
        let parts = (contentType ?? "").lowercased().split(separator: ";").map { part in
            part.filter { $0 != " " && $0 != "\t" && $0 != "\"" }
        }
        let charset = parts.dropFirst().first { $0.hasPrefix("charset=") }
        guard let type = parts.first, accepted.contains(type),
            charset == nil || charset == "charset=utf-8"
        else {
            throw Problem(
                .mediaTypeUnsupported,
                "The Content-Type must be \(accepted.joined(separator: " or ")), in UTF-8.")
        }
    }

    /// The body as JSON; null where the operation takes none.
    func parse(_ bytes: [UInt8]) throws -> JSON {
        switch self {
        case .json: return try JSON.parse(bytes)
        case .xml: return .null
        case .none:
            guard bytes.isEmpty else { throw Problem(.bodyNotExpected) }
            return .null
        }
    }
}

/// The head of a request, as far as the API looks at it; header names are in lower case.
struct RequestHead: Sendable {
    let method: String
    /// The path alone, still percent-encoded.
    let path: Substring
    let query: Substring?
    private let headers: [String: [String]]

    /// `target` is the origin form of RFC 9112 §3.2.1.
    init(method: String, target: String, headers: [(name: String, value: String)]) {
        self.method = method
        let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
        path = parts.first ?? ""
        query = parts.count > 1 ? parts[1] : nil
        self.headers = Dictionary(grouping: headers, by: { $0.name.lowercased() })
            .mapValues { $0.map(\.value) }
    }

    func values(_ name: String) -> [String] { headers[name, default: []] }

    /// The value of a header that may be there once.
    func value(_ name: String) throws(Problem) -> String? {
        let values = values(name)
        guard values.count <= 1 else {
            throw Problem(.malformedRequest, "The header is there twice.", parameter: name)
        }
        return values.first
    }

    /// RFC 9112 §3.2: a request without exactly one Host, or with one that cannot be, is answered
    /// with 400.
    func checkHost() throws(Problem) {
        let hosts = values("host")
        guard hosts.count == 1, let host = hosts.first, !host.isEmpty, host.utf8.count <= 255,
            host.utf8.allSatisfy(Self.isHostByte)
        else { throw Problem(.malformedRequest, "There must be one Host header.") }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"):
            true
        default: false
        }
    }
}

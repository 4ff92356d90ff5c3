import Testing

@testable import Web

/// Forms with a file: read exactly or refused, whatever comes.
@Suite("multipart/form-data")
struct MultipartFormTests {
    private static let boundary = "----WebKitFormBoundaryZ7q1"
    private static let type = "multipart/form-data; boundary=\(boundary)"

    private func problem(
        _ body: [UInt8], _ type: String = Self.type
    ) -> MultipartForm.Problem? {
        do throws(MultipartForm.Problem) {
            _ = try MultipartForm(body, contentType: type)
            return nil
        } catch { return error }
    }

    private func problem(
        _ body: String, _ type: String = Self.type
    ) -> MultipartForm.Problem? {
        problem(Array(body.utf8), type)
    }

    /// What Chromium 14x and requests 2.32 of Python write for the same form.
    @Test(arguments: [
        (
            "multipart/form-data; boundary=----WebKitFormBoundaryZ7q1",
            "------WebKitFormBoundaryZ7q1\r\nContent-Disposition: form-data; name=\"seal\"\r\n\r\n"
                + "ab12\r\n------WebKitFormBoundaryZ7q1\r\nContent-Disposition: form-data; "
                + "name=\"file\"; filename=\"tili%22ote;name=.xml\"\r\n"
                + "Content-Type: text/xml\r\n\r\n"
                + "<a>\r\n--</a>\n\r\n------WebKitFormBoundaryZ7q1--\r\n"
        ),
        (
            "multipart/form-data; boundary=9c2f",
            "--9c2f\r\nContent-Disposition: form-data; name=\"seal\"\r\n\r\nab12\r\n"
                + "--9c2f\r\nContent-Disposition: form-data; name=\"file\"; "
                + "filename*=utf-8''tili%C3%B6.xml\r\n\r\n<a>\r\n--</a>\n\r\n--9c2f--\r\n"
        ),
        (
            "Multipart/Form-Data ;  Boundary=\"9c2f\"",
            "--9c2f\r\ncontent-disposition:form-data;name=\"seal\"\r\n"
                + "Content-Transfer-Encoding: 8BIT\r\n\r\nab12\r\n"
                + "--9c2f\r\nX-Other: \t\r\nContent-Disposition: form-data; name=\"file\"; "
                + "filename=\"\"\r\n\r\n<a>\r\n--</a>\n\r\n--9c2f--"
        ),
    ])
    func readsWhatClientsSend(type: String, body: String) throws {
        let form = try MultipartForm(Array(body.utf8), contentType: type)
        #expect(
            form.parts == [
                .init(name: "seal", isFile: false, content: Array("ab12".utf8)),
                .init(name: "file", isFile: true, content: Array("<a>\r\n--</a>\n".utf8)),
            ])
    }

    @Test(
        arguments: [
            ("multipart/form-data", .boundary), ("multipart/form-data; boundary=", .boundary),
            ("multipart/form-data; boundary=\"", .boundary),
            ("multipart/form-data; boundary=a b", .boundary),
            ("multipart/form-data; boundary=ä", .boundary),
            ("multipart/form-data; boundary=a; charset=utf-8", .boundary),
            ("multipart/form-data; charset=utf-8; boundary=a", .boundary),
            ("multipart/mixed; boundary=a", .boundary),
            ("multipart/form-data; boundary=" + String(repeating: "a", count: 71), .boundary),
            ("multipart/form-data; boundary=another", .delimiter), ("", .boundary),
        ] as [(String, MultipartForm.Problem)])
    func refusesContentTypes(type: String, expected: MultipartForm.Problem) {
        let body = "--a\r\nContent-Disposition: form-data; name=\"b\"\r\n\r\n\r\n--a--"
        #expect(problem(body, type) == expected)
    }

    @Test(
        arguments: [
            ("", .disposition), ("Content-Disposition: attachment; name=\"a\"", .disposition),
            ("Content-Disposition: form-data", .disposition),
            ("Content-Disposition: form-data; name=a", .disposition),
            ("Content-Disposition: form-data; name=\"\"", .disposition),
            ("Content-Disposition: form-data; name=\"a", .disposition),
            ("Content-Disposition: form-data; name=\"a\\\"b\"", .disposition),
            ("Content-Disposition: form-data; name=\"../a\"", .disposition),
            ("Content-Disposition: form-data; name=\"ä\"", .disposition),
            ("Content-Disposition: form-data; name=\"a\" b", .disposition),
            ("Content-Disposition: form-data; name=\"a\"; size=1", .disposition),
            ("Content-Disposition: form-data; filename=\"f\"; name=\"a\"", .disposition),
            (
                "Content-Disposition: form-data; name=\"a\"\r\n"
                    + "Content-Disposition: form-data; name=\"b\"", .disposition
            ),
            (
                "Content-Disposition: form-data; name=\"\(String(repeating: "a", count: 65))\"",
                .disposition
            ),
            (
                "Content-Disposition: form-data; name=\"a\"\r\n"
                    + "Content-Transfer-Encoding: base64", .header
            ),
            ("Content-Disposition: form-data;\r\n name=\"a\"", .disposition),
            ("Content-Disposition: form-data; name=\"a\"\r\nno colon", .header),
            ("Content-Disposition: form-data; name=\"a\"; filename=\"\u{0}\"", .header),
            ("Content-Disposition: form-data; name=\"a\"; filename=\"b\nc\"", .header),
            (
                "Content-Disposition: form-data; name=\"a\"; filename=\""
                    + String(repeating: "x", count: 4_096) + "\"", .headerTooLong
            ),
        ] as [(String, MultipartForm.Problem)])
    func refusesHeaders(header: String, expected: MultipartForm.Problem) {
        let lines = header.isEmpty ? "X: y" : header
        let body = "--\(Self.boundary)\r\n\(lines)\r\n\r\nz\r\n--\(Self.boundary)--\r\n"
        #expect(problem(body) == expected)
    }

    @Test func keepsItsBounds() throws {
        func part(_ name: String, _ content: [UInt8], isFile: Bool = false) -> MultipartForm.Part {
            .init(name: name, isFile: isFile, content: content)
        }
        func problem(with parts: [MultipartForm.Part]) -> MultipartForm.Problem? {
            let written = Written(parts: parts, boundary: Self.boundary)
            return self.problem(written.body, written.type)
        }
        let many = (1...20).map { part("f\($0)", []) }
        #expect(problem(with: []) == nil)
        #expect(problem(with: many) == nil)
        #expect(problem(with: many + [part("g", [])]) == .tooManyParts)
        let long = [UInt8](repeating: 97, count: MultipartForm.longestText + 1)
        #expect(problem(with: [part("a", long)]) == .textTooLong)
        #expect(problem(with: [part("a", Array(long.dropLast()))]) == nil)
        #expect(problem(with: [part("a", long, isFile: true)]) == nil)
        #expect(problem(with: [part("a", [0xC3])]) == .notUTF8)
        #expect(problem(with: [part("a", [0xC3], isFile: true)]) == nil)
        let file = [UInt8](repeating: 13, count: 1 << 20)
        let big = Written(parts: [part("a", file, isFile: true)], boundary: Self.boundary)
        #expect(try MultipartForm(big.body, contentType: big.type).parts[0].content == file)
        let parts = [part("a", [1, 2]), part("b", [13, 10, 45, 45], isFile: true)]
        let good = Written(parts: parts, boundary: "x")
        for length in 0..<good.body.count - 2 {
            #expect(self.problem(Array(good.body.prefix(length)), good.type) != nil, "\(length)")
        }
    }

    /// Random forms, written and changed at random: what is read is what a slow reader finds, and
    /// an unchanged body gives back exactly what was written.
    @Test func readsExactlyOrRefuses() throws {
        var random = SplitMix64(seed: 7)
        var (read, refused) = (0, 0)
        for round in 0..<20_000 {
            var written = Written(using: &random)
            if round.isMultiple(of: 4) {
                let form = try MultipartForm(written.body, contentType: written.type)
                #expect(form.parts == written.parts, "round \(round)")
                continue
            }
            for _ in 0..<Int.random(in: 1...3, using: &random) { written.mutate(using: &random) }
            let form = try? MultipartForm(written.body, contentType: written.type)
            let slow = SlowMultipart.parts(of: written.body, boundary: written.boundary)
            #expect(form?.parts == slow, "round \(round)")
            if form == nil { refused += 1 } else { read += 1 }
        }
        #expect(read > 1_000 && refused > 5_000)
    }
}

/// A form as a client writes it.
private struct Written {
    let parts: [MultipartForm.Part]
    let boundary: String
    private(set) var body: [UInt8]

    var type: String { "multipart/form-data; boundary=\(boundary)" }

    init(parts: [MultipartForm.Part], boundary: String) {
        self.parts = parts
        self.boundary = boundary
        body = []
        for part in parts {
            let file = part.isFile ? "; filename=\"a b.xml\"\r\nContent-Type: text/xml" : ""
            let head =
                "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(part.name)\"\(file)"
            body += Array("\(head)\r\n\r\n".utf8) + part.content + [13, 10]
        }
        body += Array("--\(boundary)--\r\n".utf8)
    }

    init(using random: inout SplitMix64) {
        let parts = (0..<Int.random(in: 0...4, using: &random)).map { _ in
            let isFile = Bool.random(using: &random)
            let bytes = isFile ? Self.bytes : Self.bytes.filter { $0 < 0x80 }
            let content = (0..<Int.random(in: 0...30, using: &random)).map { _ in
                bytes.randomElement(using: &random) ?? 0
            }
            return MultipartForm.Part(
                name: ["a", "seal", "file_1", "x-y"].randomElement(using: &random) ?? "a",
                isFile: isFile, content: content)
        }
        let boundary = ["b", "--b", "xyz0123456789"].randomElement(using: &random) ?? "b"
        self.init(parts: parts, boundary: boundary)
    }

    /// Those that the form of a body is made of, and others; never a whole delimiter by chance.
    private static let bytes: [UInt8] = Array("\r\n-=\";:a<>ä ".utf8) + [0, 9]

    mutating func mutate(using random: inout SplitMix64) {
        guard !body.isEmpty else { return }
        let place = Int.random(in: 0..<body.count, using: &random)
        let byte = Self.bytes.randomElement(using: &random) ?? 0
        switch Int.random(in: 0..<6, using: &random) {
        case 0: body[place] = byte
        case 1: body.insert(byte, at: place)
        case 2: body.remove(at: place)
        case 3: body.removeSubrange(place..<min(body.count, place + 8))
        case 4: body.insert(contentsOf: body[place..<min(body.count, place + 24)], at: place)
        default: body = Array(body.prefix(place))
        }
    }
}

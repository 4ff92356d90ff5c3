import Documents
import Testing

@Suite struct XMLWriterTests {
    private func text(_ write: (inout XMLWriter) throws -> Void) rethrows -> String {
        var xml = XMLWriter()
        try write(&xml)
        return String(decoding: xml.finish(), as: UTF8.self)
    }

    @Test func writesInOrderAndIndents() throws {
        let written = try text { xml in
            try xml.element("a", attributes: ["x": "1", "b": "2"]) { xml in
                try xml.element("c:d", "458.10")
                try xml.element("e", "")
            }
        }
        #expect(
            written == """
                <?xml version="1.0" encoding="UTF-8"?>
                <a x="1" b="2">
                  <c:d>458.10</c:d>
                  <e></e>
                </a>

                """)
    }

    @Test(arguments: [
        ("A & B <C> \"D\" 'E'", "A &amp; B &lt;C&gt; \"D\" 'E'"), ("]]>", "]]&gt;"),
        ("</a><b>", "&lt;/a&gt;&lt;b&gt;"), ("&amp;", "&amp;amp;"), ("a\r\nb\tc", "a&#13;\nb\tc"),
        ("Åland ✓ 👩‍⚕️", "Åland ✓ 👩‍⚕️"), ("<!-- x -->", "&lt;!-- x --&gt;"),
    ])
    func escapesText(text given: String, expected: String) throws {
        #expect(try text { try $0.element("a", given) }.contains("<a>\(expected)</a>"))
    }

    @Test(arguments: [
        ("\"><b x=\"", "&quot;&gt;&lt;b x=&quot;"), ("a\nb\tc\rd", "a&#10;b&#9;c&#13;d"),
        ("'&'", "'&amp;'"),
    ])
    func escapesAttributes(given: String, expected: String) throws {
        let written = try text { try $0.element("a", "", attributes: ["x": given]) }
        #expect(written.contains("<a x=\"\(expected)\">"))
    }

    @Test(arguments: [0x00, 0x01, 0x08, 0x0B, 0x0C, 0x1B, 0x1F, 0x7F, 0x85, 0xFFFE, 0xFFFF])
    func refusesWhatXMLCannotHold(code: UInt32) throws {
        let scalar = try #require(Unicode.Scalar(code))
        let failure = XMLWritingFailure.forbiddenCharacter(code, element: "a")
        #expect(throws: failure) { try text { try $0.element("a", "x\(scalar)y") } }
        #expect(throws: failure) {
            try text { try $0.element("a", "", attributes: ["x": "\(scalar)"]) }
        }
    }

    @Test(arguments: ["", "1a", "a b", "a>", "a\"", "-a", "ä"])
    func refusesNames(name: String) {
        #expect(throws: XMLWritingFailure.forbiddenName(name)) {
            try text { try $0.element(name, "") }
        }
        #expect(throws: XMLWritingFailure.forbiddenName(name)) {
            try text { try $0.element("a", "", attributes: [name: "v"]) }
        }
    }
}

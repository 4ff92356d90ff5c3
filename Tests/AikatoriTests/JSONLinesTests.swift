import Logging
import MoneyAndTime
import StrictJSON
import Testing

@testable import Aikatori

@Suite("Logs: one JSON object a line")
struct JSONLinesTests {
    private func line(_ metadata: Logger.Metadata, message: Logger.Message = "request") -> String {
        var lines = JSONLines(level: .info)
        lines[metadataKey: "server"] = "a"
        let event = LogEvent(
            level: .notice, message: message, metadata: metadata, source: "s", file: "f",
            function: "g", line: 1)
        return lines.line(event, at: Instant(microseconds: 1_500_000))
    }

    @Test func order() {
        #expect(
            line(["status": .stringConvertible(200), "operation": "bookTime"])
                == """
                {"time":"1970-01-01T00:00:01.5Z","level":"notice","message":"request",\
                "operation":"bookTime","server":"a","status":200}

                """)
    }

    @Test("a number is a number, and a text of digits stays a text")
    func numbers() throws {
        let json = try JSON.parse(
            Array(
                line([
                    "a": .stringConvertible(1.25), "b": "1", "c": .stringConvertible(Double.nan),
                    "d": ["1", .stringConvertible(-7)], "e": ["x": .stringConvertible(true)],
                ]).utf8))
        #expect(json["a"] == .number(try #require(JSONNumber(text: "1.25"))))
        #expect(json["b"] == "1")
        #expect(json["c"] == "nan")
        #expect(json["d"] == ["1", -7])
        #expect(json["e"] == ["x": "true"])
    }

    @Test("whatever is logged stays on one line, and takes no key of the line's own")
    func escaping() throws {
        let text = line(
            ["level": "forged", "note": "\"\n\u{1b}\u{2028}"], message: "two\nlines")
        #expect(text.split(separator: "\n", omittingEmptySubsequences: false).count == 2)
        let json = try JSON.parse(Array(text.utf8))
        #expect(json["level"] == "notice")
        #expect(json["message"] == "two\nlines")
        #expect(json["note"] == "\"\n\u{1b}\u{2028}")
    }
}

import Foundation
import MoneyAndTime
import Testing

@Suite struct InstantTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0, "1970-01-01T00:00:00Z"),
            ("2026-03-29T09:00:00+03:00", 1_774_764_000_000_000, "2026-03-29T06:00:00Z"),
            ("2026-03-29t06:00:00z", 1_774_764_000_000_000, "2026-03-29T06:00:00Z"),
            ("2026-03-29T06:00:00-00:00", 1_774_764_000_000_000, "2026-03-29T06:00:00Z"),
            ("2026-03-29T06:00:00.5Z", 1_774_764_000_500_000, "2026-03-29T06:00:00.5Z"),
            ("2026-03-29T06:00:00.000001Z", 1_774_764_000_000_001, "2026-03-29T06:00:00.000001Z"),
            ("2026-03-29T06:00:00.1234569Z", 1_774_764_000_123_456, "2026-03-29T06:00:00.123456Z"),
            ("2026-03-29T06:00:00.000Z", 1_774_764_000_000_000, "2026-03-29T06:00:00Z"),
            ("1969-12-31T23:59:59.999999Z", -1, "1969-12-31T23:59:59.999999Z"),
            ("2024-02-29T23:59:59-12:30", 1_709_296_199_000_000, "2024-03-01T12:29:59Z"),
            ("0001-01-01T00:00:00Z", -62_135_596_800_000_000, "0001-01-01T00:00:00Z"),
            ("9998-12-31T23:59:59Z", 253_370_764_799_000_000, "9998-12-31T23:59:59Z"),
        ] as [(String, Int64, String)])
    func readsAndWritesRFC3339(text: String, microseconds: Int64, written: String) throws {
        let instant = try Instant(rfc3339: text)
        #expect(instant.microseconds == microseconds)
        #expect(instant.rfc3339 == written)
    }

    @Test(
        arguments: [
            ("", .form), ("2026-03-29", .form), ("2026-03-29T09:00Z", .form),
            ("2026-03-29T09:00:00", .form), ("2026-03-29 09:00:00Z", .form),
            ("2026-03-29T09:00:00.Z", .form), ("2026-03-29T09:00:00,5Z", .form),
            ("2026-03-29T09:00:00+0300", .form), ("2026-03-29T09:00:00+03", .form),
            ("2026-03-29T09:00:00Z ", .form), (" 2026-03-29T09:00:00Z", .form),
            ("2026-3-29T09:00:00Z", .form), ("+2026-03-29T09:00:00Z", .form),
            ("12026-03-29T09:00:00Z", .form), ("2026-03-29T09:00:00\u{2212}03:00", .form),
            ("٢٠٢٦-03-29T09:00:00Z", .form),
            ("2026-02-29T09:00:00Z", .noSuchTime), ("2026-13-01T09:00:00Z", .noSuchTime),
            ("2026-04-31T09:00:00Z", .noSuchTime), ("2026-00-01T09:00:00Z", .noSuchTime),
            ("2026-01-00T09:00:00Z", .noSuchTime), ("0000-01-01T00:00:00Z", .noSuchTime),
            ("2026-03-29T24:00:00Z", .noSuchTime), ("2026-03-29T09:60:00Z", .noSuchTime),
            ("2026-06-30T23:59:60Z", .noSuchTime), ("2026-03-29T09:00:00+24:00", .noSuchTime),
            ("2026-03-29T09:00:00+03:60", .noSuchTime),
            ("0001-01-01T00:00:00+00:01", .noSuchTime), ("9999-01-01T00:00:00Z", .noSuchTime),
            ("9998-12-31T23:59:59-23:59", .noSuchTime),
        ] as [(String, InvalidInstant)])
    func refusesOtherTexts(text: String, error: InvalidInstant) {
        #expect(throws: error) { try Instant(rfc3339: text) }
    }

    @Test func agreesWithFoundation() throws {
        var random = SplitMix64(seed: 10)
        for _ in 0..<3_000 {
            let seconds = Int64.random(in: -62_135_596_800...253_402_300_799, using: &random)
            let instant = try Instant(secondsSince1970: seconds)
            #expect(try Instant(rfc3339: instant.rfc3339) == instant)
            // Foundation's own formatter uses the Julian calendar before 1582.
            if seconds > -12_219_292_800 {
                let date = Date(timeIntervalSince1970: TimeInterval(seconds))
                #expect(instant.rfc3339 == date.formatted(.iso8601))
            }
        }
    }

    @Test func extremesCanBeWritten() {
        #expect(Instant(microseconds: .max).rfc3339 == "+294247-01-10T04:00:54.775807Z")
        #expect(Instant(microseconds: .min).rfc3339 == "-290308-12-21T19:59:05.224192Z")
    }

    @Test func secondsBetweenAreRoundedDown() throws {
        let start = Instant(microseconds: 0)
        #expect(try Instant(microseconds: 1_999_999).seconds(since: start) == 1)
        #expect(try Instant(microseconds: -1).seconds(since: start) == -1)
        #expect(try start.adding(seconds: -5).seconds(since: start) == -5)
        #expect(try start.adding(seconds: 5).microseconds == 5_000_000)
    }
}

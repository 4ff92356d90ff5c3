import MoneyAndTime
import Scheduling
import Testing

@Suite struct AvailabilityRefusalTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let code: String
        let make: @Sendable () throws -> Void
        var testDescription: String { code }
    }

    static let rows: [Row] = [
        Row(code: "days_missing") {
            _ = try rule(
                .weekly(days: [], startsOn: date("2026-05-04"), until: nil, except: []), "09:00",
                "10:00")
        },
        Row(code: "dates_reversed") {
            _ = try rule(
                .weekly(
                    days: [.monday], startsOn: date("2026-05-04"), until: date("2026-05-03"),
                    except: []), "09:00", "10:00")
        },
        Row(code: "times_out_of_range") {
            _ = try rule(.once(date("2026-05-04")), "24:00", "10:00")
        },
        Row(code: "services_missing") { _ = try terms(services: []) },
        Row(code: "lengths_out_of_range") { _ = try terms(shortest: 0) },
        Row(code: "lengths_out_of_range") { _ = try terms(shortest: 61, longest: 60) },
        Row(code: "lengths_out_of_range") { _ = try terms(longest: 1_441) },
        Row(code: "buffer_out_of_range") { _ = try terms(buffer: -1) },
        Row(code: "buffer_out_of_range") { _ = try terms(buffer: 241) },
        Row(code: "window_too_short") {
            _ = try rule(
                .once(date("2026-05-04")), "09:00", "09:24", terms: terms(buffer: 10))
        },
        Row(code: "too_many_exceptions") {
            let first = try date("2026-05-04")
            let many = try Set((0...AvailabilityRule.mostExceptions).map(first.adding(days:)))
            _ = try rule(
                .weekly(days: [.monday], startsOn: first, until: nil, except: many), "09:00",
                "10:00")
        },
        Row(code: "horizon_too_long") {
            let first = try date("2026-05-04")
            _ = try Recurrence.expand(
                rule(.once(first), "09:00", "10:00"), over: first...first.adding(days: 1_100))
        },
    ]

    @Test(arguments: rows) func refuses(_ row: Row) {
        let refusal = #expect(throws: AvailabilityRefusal.self) { try row.make() }
        #expect(refusal?.code == row.code)
    }

    @Test func justFits() throws {
        _ = try rule(.once(date("2026-05-04")), "09:00", "09:25", terms: terms(buffer: 10))
    }
}

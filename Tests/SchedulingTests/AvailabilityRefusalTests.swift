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
            _ = try WeeklyPattern(days: [], startsOn: date("2026-05-04"))
        },
        Row(code: "dates_reversed") {
            _ = try WeeklyPattern(
                days: [.monday], startsOn: date("2026-05-04"), end: .until(date("2026-05-03")))
        },
        Row(code: "interval_out_of_range") {
            _ = try WeeklyPattern(
                days: [.monday], startsOn: date("2026-05-04"), intervalWeeks: 0)
        },
        Row(code: "interval_out_of_range") {
            _ = try WeeklyPattern(
                days: [.monday], startsOn: date("2026-05-04"), intervalWeeks: 53)
        },
        Row(code: "count_out_of_range") {
            _ = try WeeklyPattern(
                days: [.monday], startsOn: date("2026-05-04"), end: .count(0))
        },
        Row(code: "count_out_of_range") {
            _ = try WeeklyPattern(
                days: [.monday], startsOn: date("2026-05-04"), end: .count(1_001))
        },
        Row(code: "extra_date_not_possible") {
            _ = try WeeklyPattern(
                days: [.monday], startsOn: date("2026-05-04"), extra: [date("2026-05-03")])
        },
        Row(code: "extra_date_not_possible") {
            _ = try WeeklyPattern(
                days: [.monday], startsOn: date("2026-05-04"), except: [date("2026-05-06")],
                extra: [date("2026-05-06")])
        },
        Row(code: "times_out_of_range") {
            _ = try rule(.once(date("2026-05-04")), "24:00", "10:00")
        },
        Row(code: "services_missing") { _ = try terms(services: []) },
        Row(code: "contracts_missing") { _ = try terms(contracts: []) },
        Row(code: "lengths_out_of_range") { _ = try terms(shortest: 0) },
        Row(code: "lengths_out_of_range") { _ = try terms(shortest: 61, longest: 60) },
        Row(code: "lengths_out_of_range") { _ = try terms(longest: 1_441) },
        Row(code: "buffer_out_of_range") { _ = try terms(buffer: -1) },
        Row(code: "buffer_out_of_range") { _ = try terms(buffer: 241) },
        Row(code: "buffer_out_of_range") { _ = try terms(before: -1) },
        Row(code: "buffer_out_of_range") { _ = try terms(before: 241) },
        Row(code: "pauses_out_of_range") { try paused("09:00", "10:00") },
        Row(code: "pauses_out_of_range") { try paused("14:00", "15:00") },
        Row(code: "pauses_out_of_range") { try paused("08:00", "08:30") },
        Row(code: "pauses_out_of_range") { try paused("12:00", "12:00") },
        Row(code: "pauses_out_of_range") { try paused("12:00", "11:00") },
        Row(code: "pauses_out_of_range") { try paused("12:00", "13:00", "11:00", "11:30") },
        Row(code: "pauses_out_of_range") { try paused("12:00", "13:00", "13:00", "13:30") },
        Row(code: "pauses_out_of_range") { try paused("12:00", "13:00", "12:30", "13:30") },
        Row(code: "too_many_pauses") {
            try paused(
                "09:10", "09:15", "09:20", "09:25", "09:30", "09:35", "09:40", "09:45", "09:50",
                "09:55", "10:10", "10:15", "10:20", "10:25", "10:30", "10:35", "10:40", "10:45",
                "10:50", "10:55", "11:10", "11:15")
        },
        Row(code: "window_too_short") {
            _ = try rule(
                .once(date("2026-05-04")), "09:00", "10:00", pauses: [("09:24", "09:36")],
                terms: terms(buffer: 10))
        },
        Row(code: "window_too_short") {
            _ = try rule(
                .once(date("2026-05-04")), "09:00", "09:24", terms: terms(buffer: 10))
        },
        Row(code: "too_many_exceptions") {
            let first = try date("2026-05-04")
            let many = try Set((0...WeeklyPattern.mostExceptions).map(first.adding(days:)))
            _ = try WeeklyPattern(days: [.monday], startsOn: first, except: many)
        },
        Row(code: "too_many_extra_dates") {
            let first = try date("2026-05-04")
            let many = try Set((0...WeeklyPattern.mostExtraDates).map(first.adding(days:)))
            _ = try WeeklyPattern(days: [.monday], startsOn: first, extra: many)
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

    /// From nine to three, with pauses.
    private static func paused(_ times: String...) throws {
        let pauses = stride(from: 0, to: times.count, by: 2).map { (times[$0], times[$0 + 1]) }
        _ = try rule(.once(date("2026-05-04")), "09:00", "15:00", pauses: pauses)
    }

    @Test func justFits() throws {
        _ = try rule(.once(date("2026-05-04")), "09:00", "09:25", terms: terms(buffer: 10))
        _ = try rule(
            .once(date("2026-05-04")), "09:00", "09:35", terms: terms(before: 10, buffer: 10))
        // in one of the parts, which suffices
        _ = try rule(
            .once(date("2026-05-04")), "09:00", "10:00", pauses: [("09:05", "09:35")],
            terms: terms(buffer: 10))
    }
}

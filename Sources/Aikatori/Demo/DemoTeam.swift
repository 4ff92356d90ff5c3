import MoneyAndTime
import Scheduling

/// Specialists of one kind in one of the demo's organisations. They are known by their work and a
/// number, and share out the team's weekly patterns.
struct DemoTeam: Sendable {
    let seller: DemoOrganisation
    /// Such as `Psychiatrist`; the first one is called Psychiatrist 1.
    let work: String
    /// By the national classification of specialties, as the contracts' templates name it.
    let specialty: String
    let count: Int
    let grid: StartGrid
    let lengths: ClosedRange<Int64>
    let bufferAfterMinutes: Int64
    /// The first letters of their licences' numbers, which begin with EX for example.
    let licence: String
    let patterns: [Pattern]

    /// On which days of the week, and from when to when by the wall clock.
    struct Pattern: Sendable {
        let days: Set<Weekday>
        let from: String
        let to: String

        static let wholeWeek: Set<Weekday> = [.monday, .tuesday, .wednesday, .thursday, .friday]
    }

    static let all: [DemoTeam] = [
        .psychiatrists(8), .physicians(6),
        DemoTeam(
            seller: .university, work: "Neurologist", specialty: "77", count: 6, grid: .fifteen,
            lengths: 30...60, bufferAfterMinutes: 0, licence: "EX-2",
            patterns: [
                Pattern(days: [.monday, .tuesday, .thursday], from: "08:30", to: "11:30"),
                Pattern(days: [.wednesday, .friday], from: "12:00", to: "15:30"),
            ]),
        DemoTeam(
            seller: .university, work: "Dermatologist", specialty: "60", count: 6, grid: .five,
            lengths: 10...30, bufferAfterMinutes: 5, licence: "EX-3",
            patterns: [
                Pattern(days: [.tuesday, .wednesday], from: "08:00", to: "12:00"),
                Pattern(days: [.monday, .friday], from: "12:30", to: "15:30"),
                Pattern(days: [.thursday], from: "08:00", to: "16:00"),
            ]),
        DemoTeam(
            seller: .physicians, work: "General practitioner", specialty: "98", count: 8,
            grid: .five, lengths: 5...60, bufferAfterMinutes: 5, licence: "EX-4",
            patterns: [
                Pattern(days: Pattern.wholeWeek, from: "08:00", to: "11:00"),
                Pattern(days: Pattern.wholeWeek, from: "13:00", to: "16:00"),
                Pattern(days: [.monday, .wednesday, .saturday], from: "09:00", to: "15:00"),
            ]),
        DemoTeam(
            seller: .physicians, work: "Geriatrician", specialty: "97", count: 5, grid: .fifteen,
            lengths: 30...90, bufferAfterMinutes: 15, licence: "EX-5",
            patterns: [
                Pattern(days: [.tuesday, .thursday], from: "09:00", to: "14:00"),
                Pattern(days: [.wednesday, .friday], from: "10:00", to: "15:00"),
            ]),
        DemoTeam(
            seller: .physicians, work: "Physiotherapist", specialty: "2264", count: 1,
            grid: .fifteen, lengths: 45...90, bufferAfterMinutes: 15, licence: "EX-6",
            patterns: [Pattern(days: [.saturday], from: "09:00", to: "13:00")]),
    ]

    static func psychiatrists(_ count: Int) -> DemoTeam {
        DemoTeam(
            seller: .hospital, work: "Psychiatrist", specialty: "70", count: count, grid: .fifteen,
            lengths: 30...90, bufferAfterMinutes: 15, licence: "EX-10",
            patterns: [
                Pattern(days: Pattern.wholeWeek, from: "09:00", to: "15:00"),
                Pattern(days: [.tuesday, .thursday], from: "12:00", to: "18:00"),
                Pattern(days: [.monday, .wednesday], from: "08:00", to: "12:00"),
                Pattern(days: [.wednesday, .friday], from: "10:00", to: "16:00"),
            ])
    }

    static func physicians(_ count: Int) -> DemoTeam {
        DemoTeam(
            seller: .hospital, work: "Physician", specialty: "98", count: count, grid: .five,
            lengths: 5...60, bufferAfterMinutes: 5, licence: "EX-11",
            patterns: [
                Pattern(days: Pattern.wholeWeek, from: "08:00", to: "16:00"),
                Pattern(days: [.monday, .thursday], from: "08:00", to: "14:00"),
                Pattern(days: [.tuesday, .friday], from: "09:00", to: "15:00"),
            ])
    }

    /// Every first one speaks Swedish too, every second one English.
    func languages(of number: Int) -> Set<String> {
        number % 2 == 1 ? ["fi", "sv"] : ["fi", "en"]
    }

    func pattern(of number: Int) -> Pattern { patterns[(number - 1) % patterns.count] }

    func terms() throws -> OfferTerms {
        try OfferTerms(
            grid: grid, shortestMinutes: lengths.lowerBound, longestMinutes: lengths.upperBound,
            bufferAfterMinutes: bufferAfterMinutes)
    }
}

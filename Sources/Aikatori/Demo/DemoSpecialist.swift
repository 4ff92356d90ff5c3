import MoneyAndTime
import Scheduling

/// A specialist of the demo's hospital, known by work and a number, with a week's pattern.
struct DemoSpecialist: Sendable {
    let label: String
    /// As the templates of contracts name it: 70 psychiatry, 98 general practice.
    let specialty: String
    let languages: Set<String>
    let licence: String
    let days: Set<Weekday>
    let from: String
    let to: String
    let grid: StartGrid
    let lengths: ClosedRange<Int64>
    let bufferMinutes: Int64

    static let all = [
        DemoSpecialist(
            label: "Psychiatrist 1", specialty: "70", languages: ["fi", "sv"], licence: "EX-1001",
            days: [.monday, .tuesday, .wednesday, .thursday, .friday], from: "09:00", to: "15:00",
            grid: .fifteen, lengths: 30...90, bufferMinutes: 15),
        DemoSpecialist(
            label: "Psychiatrist 2", specialty: "70", languages: ["fi", "en"], licence: "EX-1002",
            days: [.tuesday, .thursday], from: "12:00", to: "18:00", grid: .fifteen,
            lengths: 30...90, bufferMinutes: 15),
        DemoSpecialist(
            label: "Physician 1", specialty: "98", languages: ["fi", "sv"], licence: "EX-1003",
            days: [.monday, .tuesday, .wednesday, .thursday, .friday], from: "08:00", to: "16:00",
            grid: .five, lengths: 5...60, bufferMinutes: 5),
    ]

    func terms() throws -> OfferTerms {
        try OfferTerms(
            grid: grid, shortestMinutes: lengths.lowerBound, longestMinutes: lengths.upperBound,
            bufferMinutes: bufferMinutes)
    }
}

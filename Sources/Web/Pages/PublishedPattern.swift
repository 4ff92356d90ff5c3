import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON

/// A published pattern of a specialist's time, in words.
struct PublishedPattern {
    private let json: JSON
    private let zone: WallClock

    init(_ json: JSON) throws {
        self.json = json
        zone = try WallClock(zone: json["time_zone"]?.text ?? "")
    }

    var isWithdrawn: Bool { json["withdrawn_at"]?.text != nil }
    var specialist: String { json["specialist"]?.text ?? "" }

    /// The last day on which a window of it may start; nil where it has no end.
    private var lastDay: CalendarDate? {
        let pattern = json["pattern"]
        return (pattern?["date"]?.text ?? pattern?["until"]?.text)
            .flatMap { try? CalendarDate(iso: $0) }
    }

    func fields(_ visitor: Visitor) throws -> [String: Any] {
        let language = visitor.language
        let pattern = json["pattern"] ?? .null
        func time(_ key: String) throws -> String {
            language.time(try TimeOfDay(json[key]?.text ?? ""))
        }
        let times = "\(try time("from"))–\(try time("to"))"
        func minutes(_ key: String) -> String {
            language.length(seconds: (json[key]?.integer ?? 0) * 60)
        }
        var fields: [String: Any] = [
            "address": "/availability/\(json["id"]?.text ?? "")",
            "times": times,
            "lengths": visitor.say(
                "availability_lengths", minutes("shortest_minutes"), minutes("longest_minutes"),
                minutes("grid_minutes"), minutes("buffer_minutes")),
        ]
        if let date = pattern["date"]?.text {
            fields["days"] = language.date(try CalendarDate(iso: date))
            return fields
        }
        let words = (pattern["weekdays"]?.elements ?? []).compactMap(\.text)
        let days = Weekday.allCases.filter { words.contains($0.word) }
        fields["days"] = days.map { language.shortWeekdays[$0.rawValue - 1] }
            .joined(separator: ", ")
        let first = language.date(try CalendarDate(iso: pattern["starts_on"]?.text ?? ""))
        fields["duration"] = [
            "text": lastDay.map { visitor.say("availability_from_until", first, language.date($0)) }
                ?? visitor.say("availability_since", first)
        ]
        let exceptions = try (pattern["exceptions"]?.elements ?? []).map {
            language.date(try CalendarDate(iso: $0.text ?? ""))
        }
        if !exceptions.isEmpty {
            fields["exceptions"] = ["text": exceptions.joined(separator: ", ")]
        }
        return fields
    }

    /// The specialist's patterns that are for sale and not over, oldest first.
    static func current(
        _ visitor: Visitor, of specialist: OwnSpecialist
    ) async throws -> [PublishedPattern] {
        let today = try specialist.zone.date(of: visitor.signedIn.now)
        return try await all(visitor, of: specialist).filter { pattern in
            !pattern.isWithdrawn && pattern.lastDay.map { $0 >= today } ?? true
        }
    }

    /// What the specialist's newest pattern asks of visits, to begin a new one with.
    static func newest(
        _ visitor: Visitor, of specialist: OwnSpecialist
    ) async throws -> JSON? {
        try await all(visitor, of: specialist).last?.json
    }

    private static func all(
        _ visitor: Visitor, of specialist: OwnSpecialist
    ) async throws -> [PublishedPattern] {
        try await visitor.every {
            try await visitor.market.listAvailability(
                visitor.asking("listAvailability"), specialist: specialist.id, page: $0)
        }.map(PublishedPattern.init)
    }
}

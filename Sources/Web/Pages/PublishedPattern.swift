import Marketplace
import MoneyAndTime
import Scheduling
import Storage
import StrictJSON

/// A published pattern of a specialist's time, in words.
struct PublishedPattern {
    let json: JSON
    private let zone: WallClock

    init(_ json: JSON) throws {
        self.json = json
        zone = try WallClock(zone: json["time_zone"]?.text ?? "")
    }

    var isWithdrawn: Bool { json["withdrawn_at"]?.text != nil }
    /// Whether nobody has to say yes first.
    var isOnSale: Bool { [nil, "approved"].contains(json["approval"]?["state"]?.text) }
    var isReplaced: Bool { json["replaced_by"]?.text != nil }

    /// From which day on which other pattern stands in its place.
    var replacement: (from: CalendarDate, by: String)? {
        get throws {
            guard let day = json["replaced_from"]?.text, let other = json["replaced_by"]?.text
            else { return nil }
            return (try CalendarDate(iso: day), other)
        }
    }

    var specialist: String { json["specialist"]?.text ?? "" }

    /// The last day on which a window of it may start; nil where it has no end.
    private var lastDay: CalendarDate? {
        json["last_date"]?.text.flatMap { try? CalendarDate(iso: $0) }
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
                minutes("grid_minutes"), minutes("buffer_after_minutes")),
        ]
        if let before = json["buffer_before_minutes"]?.integer, before > 0 {
            fields["before"] = [
                "text": visitor.say(
                    "availability_buffer_before", language.length(seconds: before * 60))
            ]
        }
        let pauses = try (json["pauses"]?.elements ?? []).map { pause in
            let ends = try ["from", "to"].map {
                language.time(try TimeOfDay(pause[$0]?.text ?? ""))
            }
            return ends.joined(separator: "–")
        }
        if !pauses.isEmpty { fields["pauses"] = ["text": pauses.joined(separator: ", ")] }
        if let date = pattern["date"]?.text {
            fields["days"] = language.date(try CalendarDate(iso: date))
            return fields
        }
        let words = (pattern["weekdays"]?.elements ?? []).compactMap(\.text)
        let days = Weekday.allCases.filter { words.contains($0.word) }
        fields["days"] = days.map { language.shortWeekdays[$0.rawValue - 1] }
            .joined(separator: ", ")
        if let weeks = pattern["interval_weeks"]?.integer, weeks > 1 {
            fields["interval"] = ["text": visitor.say("availability_every", "\(weeks)")]
        }
        let first = language.date(try CalendarDate(iso: pattern["starts_on"]?.text ?? ""))
        fields["duration"] = [
            "text": lastDay.map { visitor.say("availability_from_until", first, language.date($0)) }
                ?? visitor.say("availability_since", first)
        ]
        for key in ["exceptions", "extra"] {
            let days = try (pattern[key]?.elements ?? []).map { try visitor.day($0) }
            if !days.isEmpty { fields[key] = ["text": days.joined(separator: ", ")] }
        }
        if pattern["except_holidays"]?.flag == true { fields["holidays"] = true }
        return fields
    }

    /// The names of the only contracts that may see it; nil where all may.
    func contracts(_ visitor: Visitor) async throws -> String? {
        guard let only = json["contracts"]?.elements else { return nil }
        let contracts = try await ContractList.all(visitor)
        return only.compactMap { contracts[$0]?.name }.joined(separator: ", ")
    }

    /// The specialist's patterns that are for sale and not over, oldest first.
    static func current(
        _ visitor: Visitor, of specialist: OwnSpecialist
    ) async throws -> [PublishedPattern] {
        let today = try specialist.zone.date(of: visitor.signedIn.now)
        return try await all(visitor, of: specialist).filter { pattern in
            !pattern.isWithdrawn && pattern.isOnSale && pattern.lastDay.map { $0 >= today } ?? true
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

import MoneyAndTime
import StrictJSON

/// Who was there when, as bars over the planned time: the seller's side, the buyer's, and the time
/// that counts. Each bar says the same in words.
struct AttendancePicture {
    /// Units of the picture's width.
    static let width: Int64 = 1_000

    private let view: VisitView
    private let from: Instant
    private let until: Instant

    /// From the planned start, or the first who came, to the planned end, or the last who left.
    init(_ view: VisitView) throws {
        self.view = view
        var from = view.row.starts
        var until = view.row.ends
        for side in ["seller", "buyer"] {
            for slot in try Self.slots(view.visit["attendance"]?[side]) {
                from = min(from, slot.start)
                until = max(until, slot.end)
            }
        }
        (self.from, self.until) = (from, until)
    }

    var fields: [String: Any] {
        get throws {
            let rows = [
                ("sender_seller", view.visit["attendance"]?["seller"], "there"),
                ("sender_buyer", view.visit["attendance"]?["buyer"], "there"),
                ("picture_together", view.visit["billable"]?["intervals"], "together"),
            ]
            let visitor = view.visitor
            return [
                "planned": bar(view.row.starts, view.row.ends),
                "bars": try rows.map { key, spans, kind -> [String: Any] in
                    let slots = try Self.slots(spans)
                    let words = try view.spans(spans).compactMap { $0["text"] as? String }
                    return [
                        "label": visitor.say(key),
                        "words": words.isEmpty
                            ? visitor.say("picture_nobody") : words.joined(separator: ", "),
                        "kind": kind,
                        "spans": slots.map { bar($0.start, $0.end) },
                    ]
                },
            ]
        }
    }

    private static func slots(_ json: JSON?) throws -> [TimeSlot] {
        try (json?.elements ?? []).map { try TimeSlot(shown: $0) }
    }

    /// Its place and its width; never so small that it cannot be seen.
    private func bar(_ start: Instant, _ end: Instant) -> [String: Any] {
        let (x, right) = (place(start), place(end))
        return ["x": "\(x)", "width": "\(max(2, right - x))"]
    }

    private func place(_ instant: Instant) -> Int64 {
        let whole = max(1, until.microseconds - from.microseconds)
        let part = Double(instant.microseconds - from.microseconds) / Double(whole)
        return Int64(min(max(part, 0), 1) * Double(Self.width))
    }
}

import MoneyAndTime
import StrictJSON
import Visits

// The figures of a visit on pages: as forms send them, and in words.

extension Attestation.Figures {
    /// Of an attestation in a visit's sheet.
    init?(said json: JSON?) {
        guard let seconds = json?["billable_seconds"]?.integer else { return nil }
        self.init(
            seconds: seconds,
            extra: ExtraTime(
                preparation: json?["preparation_minutes"]?.integer ?? 0,
                recordWriting: json?["record_writing_minutes"]?.integer ?? 0),
            lineFailed: json?["technical_failure"]?.flag ?? false)
    }

    /// What a visit's sheet says was measured, entered and reported.
    init(computedIn visit: JSON) {
        self.init(
            seconds: visit["billable"]?["seconds"]?.integer ?? 0,
            extra: ExtraTime(
                preparation: visit["extra_time"]?["preparation_minutes"]?.integer ?? 0,
                recordWriting: visit["extra_time"]?["record_writing_minutes"]?.integer ?? 0),
            lineFailed: visit["technical_failure"]?["reported_by"]?.text != nil)
    }

    /// `1020`, or `1020-5-10-1` where there is more than the time together.
    var formText: String {
        guard extra != .none || lineFailed else { return "\(seconds)" }
        return "\(seconds)-\(extra.preparation)-\(extra.recordWriting)-\(lineFailed ? 1 : 0)"
    }

    init?(formText: String) {
        let parts = formText.split(separator: "-", omittingEmptySubsequences: false)
        let numbers = parts.compactMap { Int64($0) }
        guard numbers.count == parts.count, numbers.allSatisfy({ 0 <= $0 && $0 <= 86_400 })
        else { return nil }
        switch numbers.count {
        case 1: self.init(seconds: numbers[0])
        case 4 where numbers[3] <= 1:
            self.init(
                seconds: numbers[0],
                extra: ExtraTime(preparation: numbers[1], recordWriting: numbers[2]),
                lineFailed: numbers[3] == 1)
        default: return nil
        }
    }
}

extension Visitor {
    /// `17 min 20 s; preparation 5 min; the line failed`.
    func words(of figures: Attestation.Figures) -> String {
        var parts = [language.length(seconds: figures.seconds)]
        func add(_ key: String, _ minutes: Int64) {
            guard minutes > 0 else { return }
            parts.append(say(key, language.number("\(minutes)")))
        }
        add("figures_preparation", figures.extra.preparation)
        add("figures_record_writing", figures.extra.recordWriting)
        if figures.lineFailed { parts.append(say("figures_failed")) }
        return parts.joined(separator: "; ")
    }
}

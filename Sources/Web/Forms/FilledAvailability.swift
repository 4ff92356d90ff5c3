import Marketplace
import MoneyAndTime
import StrictJSON

extension FormFields {
    /// The form of a published pattern, as if it had just been typed in: from a first day on, with
    /// the weeks in which the pattern has days. Of days that are over nothing is said.
    static func of(pattern sheet: JSON, notBefore day: CalendarDate) throws -> FormFields {
        var values = hours(of: sheet)
        let pattern = sheet["pattern"] ?? .null
        values["contracts"] = (sheet["contracts"]?.elements ?? []).compactMap(\.text)
        if let date = pattern["date"]?.text {
            values["kind"] = ["once"]
            values["date"] = [max(try CalendarDate(iso: date), day).iso]
            return FormFields(filled: values)
        }
        let startsOn = try CalendarDate(iso: pattern["starts_on"]?.text ?? "")
        let weeks = Int(pattern["interval_weeks"]?.integer ?? 1)
        var first = max(startsOn, day)
        if weeks > 1, startsOn < day {
            let turn = weeks * 7
            first = try startsOn.adding(
                days: (day.days(since: startsOn) + turn - 1) / turn * turn)
        }
        values["kind"] = ["weekly"]
        values["weekdays"] = (pattern["weekdays"]?.elements ?? []).compactMap(\.text)
        values["interval_weeks"] = ["\(weeks)"]
        values["starts_on"] = [first.iso]
        values["until"] = [sheet["last_date"]?.text ?? ""]
        for key in ["exceptions", "extra"] {
            let days = try (pattern[key]?.elements ?? []).compactMap(\.text)
                .filter { try CalendarDate(iso: $0) >= first }
            values[key] = [days.joined(separator: ", ")]
        }
        if pattern["except_holidays"]?.flag == true { values["except_holidays"] = ["yes"] }
        return FormFields(filled: values)
    }

    /// The form of a template, from a first day on.
    static func of(template: JSON, from day: CalendarDate) -> FormFields {
        var values = hours(of: template)
        values["kind"] = ["weekly"]
        values["contracts"] = (template["contracts"]?.elements ?? []).compactMap(\.text)
        values["weekdays"] = (template["weekdays"]?.elements ?? []).compactMap(\.text)
        values["interval_weeks"] = ["\(template["interval_weeks"]?.integer ?? 1)"]
        values["starts_on"] = [day.iso]
        if template["except_holidays"]?.flag == true { values["except_holidays"] = ["yes"] }
        return FormFields(filled: values)
    }

    private static func hours(of sheet: JSON) -> [String: [String]] {
        var values: [String: [String]] = [:]
        let (from, to) = (sheet["from"]?.text ?? "", sheet["to"]?.text ?? "")
        let end = to == "24:00" ? "00:00" : to
        values["from"] = [from]
        values["to"] = [end]
        // times of day are in the order of their text
        if end <= from, end != "00:00" { values["overnight"] = ["yes"] }
        values["pauses"] = [
            (sheet["pauses"]?.elements ?? []).map {
                "\($0["from"]?.text ?? "")–\($0["to"]?.text ?? "")"
            }.joined(separator: ", ")
        ]
        for key in [
            "grid_minutes", "shortest_minutes", "longest_minutes", "buffer_before_minutes",
            "buffer_after_minutes",
        ] {
            values[key] = ["\(sheet[key]?.integer ?? 0)"]
        }
        return values
    }
}

import MoneyAndTime
import StrictJSON

/// The two specialists whose time is sold.
struct Specialists: Sendable {
    let first: String
    let second: String
}

extension Scene {
    func publishTime() async throws -> Specialists {
        teller.heading("2. Time on sale, over the end of summer time")
        let units = try await cast.hospital.scheduling.get("/v1/units")
        let unit = try units.text(at: "/items/0/id")
        let first = try await specialist("Psychiatrist 1", languages: ["fi", "sv"], in: unit)
        let second = try await specialist("Psychiatrist 2", languages: ["fi", "en"], in: unit)
        // 11 Tuesdays and 11 Thursdays from 19 October to the end of the year, less one day
        try await publish(
            [
                "specialist": JSON(first), "from": "09:00", "to": "12:00",
                "pattern": [
                    "kind": "weekly", "weekdays": ["tuesday", "thursday"],
                    "starts_on": "2026-10-19", "until": "2026-12-31",
                    "exceptions": ["2026-12-24"],
                ],
                "grid_minutes": 30, "shortest_minutes": 30, "longest_minutes": 90,
                "buffer_after_minutes": 0,
            ], windows: 21,
            "Psychiatrist 1: Tuesdays and Thursdays, 9:00 to 12:00, until the end of the year, "
                + "but not on Christmas Eve")
        // 25 October and the five Sundays of November
        try await publish(
            [
                "specialist": JSON(second), "from": "01:00", "to": "05:00",
                "pattern": [
                    "kind": "weekly", "weekdays": ["sunday"], "starts_on": "2026-10-19",
                    "until": "2026-11-29", "exceptions": [],
                ],
                "grid_minutes": 60, "shortest_minutes": 30, "longest_minutes": 60,
                "buffer_after_minutes": 0,
            ], windows: 6,
            "Psychiatrist 2: on call early on Sundays, 1:00 to 5:00, until 29 November")
        try await tellDaylightSaving(Specialists(first: first, second: second))
        return Specialists(first: first, second: second)
    }

    private func specialist(
        _ label: String, languages: [String], in unit: String
    ) async throws -> String {
        let made = try await cast.hospital.scheduling.post(
            "/v1/specialists",
            [
                "unit": JSON(unit), "label": JSON(label), "profession": "physician",
                "specialty": "70", "languages": .array(languages.map { JSON($0) }),
            ])
        let id = try made.text(at: "/id")
        _ = try await cast.hospital.admin.post(
            "/v1/specialists/\(id)/licences",
            [
                "authority": "Example authority", "number": JSON("L-\(label.suffix(1))"),
                "valid_from": "2020-01-01", "valid_through": "2029-12-31",
            ])
        return id
    }

    private func publish(_ offer: JSON, windows: Int64, _ words: String) async throws {
        let published = try await cast.hospital.scheduling.post("/v1/availability", offer)
        try expect("windows of \(words)", published.integer(at: "/windows"), is: windows)
        teller.item("\(words): \(windows) windows")
    }

    /// What the patterns come to in the weeks before and after the change, as a buyer finds it.
    private func tellDaylightSaving(_ specialists: Specialists) async throws {
        teller.say(
            "Early on Sunday 25 October the clocks go back from 4:00 to 3:00. The patterns are of "
                + "the wall clock; the market keeps instants in UTC. What the buyer finds:")
        let rows = try await [
            window(
                "Psychiatrist 1", specialists.first, on: "2026-10-20", 30, 3,
                "Tue 20 Oct 2026 06:00"),
            window(
                "Psychiatrist 1", specialists.first, on: "2026-10-27", 30, 3,
                "Tue 27 Oct 2026 07:00"),
            window(
                "Psychiatrist 2", specialists.second, on: "2026-10-25", 60, 5,
                "Sat 24 Oct 2026 22:00"),
            window(
                "Psychiatrist 2", specialists.second, on: "2026-11-01", 60, 4,
                "Sat 31 Oct 2026 23:00"),
        ]
        teller.table(
            Table(
                columns: [
                    .left("specialist"), .left("first start in Helsinki"), .left("in UTC"),
                    .right("open for"),
                ], rows: rows))
        teller.say("From 1:00 to 5:00 it is five hours on that day, and all five can be booked.")
    }

    /// One window: its first start, and for how long it is open, which is as many hours as there
    /// are starts of visits of that length.
    private func window(
        _ label: String, _ specialist: String, on date: String, _ minutes: Int64, _ hours: Int64,
        _ utc: String
    ) async throws -> [String] {
        let midnight = try at(date, "00:00")
        let found = try await cast.healthCentre.scheduling.get(
            "/v1/times",
            [
                "from": midnight.rfc3339, "until": midnight.adding(seconds: 86_400).rfc3339,
                "minutes": "\(minutes)", "specialist": specialist, "limit": "50",
            ]
        ).list(at: "/items")
        guard let first = found.first else {
            throw NotAsExpected(what: "\(label) on \(date)", expected: "time", came: "none")
        }
        let (starts, end) = try (first.instant(at: "/starts"), first.instant(at: "/free_until"))
        let zero = try WallClock(zone: "UTC")
        let came = "\(zero.day(zero.date(of: starts))) \(zero.timeOfDay(of: starts))"
        try expect("the first start of \(label) on \(date) in UTC", came, is: utc)
        try expect("the time of \(label) on \(date)", end.seconds(since: starts), is: hours * 3600)
        try expect(
            "the starts of \(label) on \(date)", Int64(found.count), is: hours * 60 / minutes)
        return [label, wall.words(starts), came, "\(hours) hours"]
    }
}

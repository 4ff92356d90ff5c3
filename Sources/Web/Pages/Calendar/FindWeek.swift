import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// What a search finds, as a week: how many starts each hour has, and the lowest price of them.
enum FindWeek {
    static func isAsked(_ query: FormFields) -> Bool { query.text("view") == "week" }

    /// The same search as a list and as a week.
    static func views(_ visitor: Visitor) -> [String: Any] {
        let isWeek = isAsked(visitor.request.query)
        let kept = FindPages.keptQuery(
            visitor, FindPages.asked.filter { !["view", "hour"].contains($0) })
        let list = "/find?" + kept.joined(separator: "&")
        return [
            "label_of_tabs": visitor.say("find_views"),
            "tabs": [
                ["text": visitor.say("find_view_list"), "address": list, "current": !isWeek],
                [
                    "text": visitor.say("find_view_week"), "address": list + "&view=week",
                    "current": isWeek,
                ],
            ],
        ]
    }

    /// Only the starts of one hour, and what is said of that.
    static func narrow(
        _ wish: inout FoundTime.Wish, to start: Instant, _ visitor: Visitor
    ) throws -> [String: Any] {
        let zone = try visitor.signedIn.zone
        (wish.from, wish.until) = (start, try start.adding(seconds: 3_600))
        let slot = try TimeSlot(start: start, end: wish.until)
        let day = zone.date(of: start)
        let times = visitor.language.times(slot, on: day, in: zone)
        let kept = FindPages.keptQuery(visitor, FindPages.asked.filter { $0 != "hour" })
        return [
            "text": visitor.say("find_hour", "\(visitor.language.date(day)) \(times)"),
            "address": "/find?" + kept.joined(separator: "&"),
            "week": "/find?" + (kept + ["view=week"]).joined(separator: "&"),
        ]
    }

    /// The week in which a day lies.
    static func result(
        _ visitor: Visitor, _ asked: FoundTime.Wish, from day: CalendarDate
    ) async throws -> [String: Any] {
        let login = try visitor.signedIn
        let week = try CalendarWeek(of: day, zone: login.zone)
        var wish = asked
        (wish.from, wish.until) = try (week.slot.start, week.slot.end)
        let body = try await visitor.market.timesByHour(
            visitor.asking("findTimesByHour"), wish: wish
        ).body
        let kept = FindPages.keptQuery(
            visitor, FindPages.asked.filter { !["view", "hour", "from"].contains($0) })
        var cells: [Int: [CalendarDate: [[String: Any]]]] = [:]
        for hour in body["hours"]?.elements ?? [] {
            let start = try Instant(rfc3339: hour["from"]?.text ?? "")
            let date = login.zone.date(of: start)
            let price = try Money(decimal: hour["lowest_price"]?.text ?? "")
            let query = kept + ["from=\(date.iso)", "hour=\(start.rfc3339.inQuery)"]
            // an hour that comes twice has two of them
            cells[login.zone.timeOfDay(of: start).minuteOfDay / 60, default: [:]][
                date, default: []
            ].append([
                "address": "/find?" + query.joined(separator: "&"),
                "count": visitor.say("find_cell_count", "\(hour["starts"]?.integer ?? 0)"),
                "price": visitor.say("find_cell_price", visitor.language.money(price)),
                "moment": visitor.language.moment(start, in: login.zone),
            ])
        }
        let days = try (0..<7).map { try week.monday.adding(days: $0) }
        func address(_ day: CalendarDate) -> String {
            "/find?" + (kept + ["view=week", "from=\(day.iso)"]).joined(separator: "&")
        }
        let today = login.zone.date(of: login.now)
        var found: [String: Any] = [
            "caption": visitor.say("find_week_caption", "\(week.monday.week)"),
            "heads": days.map { ["date": visitor.language.shortDate($0)] },
            "hour_rows": cells.sorted { $0.key < $1.key }.map { hour, row -> [String: Any] in
                [
                    "hour": visitor.language.clock(hour < 10 ? "0\(hour):00" : "\(hour):00"),
                    "cells": days.map { day -> [String: Any] in
                        [
                            "date": visitor.language.shortDate(day),
                            "hits": row[day, default: []],
                        ]
                    },
                ]
            },
            "next_week": address(try week.monday.adding(days: 7)),
        ]
        if cells.isEmpty { found["nothing_found"] = true }
        if body["complete"]?.flag == false { found["incomplete"] = true }
        if week.monday > today {
            found["before_week"] = ["address": address(try week.monday.adding(days: -7))]
        }
        return ["week_found": found, "zone": login.zone.zone]
    }
}

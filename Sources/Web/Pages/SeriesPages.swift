import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Booking a found time every week: first what can be had of it, then all of that at once.
enum SeriesPages {
    private static let intervals: ClosedRange<Int64> = 1...4
    private static let counts: [Int64] = Array(2...12) + [16, 20, 26]

    /// How often, on the page of the time that was found.
    static func choices(_ visitor: Visitor) -> [String: Any] {
        [
            "interval": Choice.field(
                "interval", visitor.say("series_interval"),
                intervals.map { Choice("\($0)", visitor.say("series_interval_\($0)")) },
                selected: "1"),
            "count": Choice.field(
                "count", visitor.say("series_count"), counts.map { Choice("\($0)", "\($0)") },
                selected: "6"),
        ]
    }

    private struct Asked {
        let time: ChosenTime
        let interval: Int64
        let count: Int64
        /// The buyer's own rooms and staff, and how an address names them.
        let resources: [ResourceID]
        private let named: [String]

        init(_ fields: FormFields) throws(InvalidLink) {
            time = try ChosenTime(fields)
            guard let interval = fields.text("interval").flatMap({ Int64($0) }),
                let count = fields.text("count").flatMap({ Int64($0) }),
                SeriesPages.intervals.contains(interval), SeriesPages.counts.contains(count)
            else { throw InvalidLink() }
            (self.interval, self.count) = (interval, count)
            resources = ResourceChoice.chosen(fields)
            named = ResourceChoice.parameters(fields)
        }

        var hidden: [[String: Any]] {
            time.hidden + [
                ["name": "interval", "value": "\(interval)"],
                ["name": "count", "value": "\(count)"],
            ]
        }

        var address: String {
            let fields = hidden.map { field in
                "\(field["name"] ?? "")=\("\(field["value"] ?? "")".inQuery)"
            }
            return "/series?" + (fields + named).joined(separator: "&")
        }

        func wanted(
            _ mode: Market.WantedSeries.Mode, _ handOver: HandOverForm? = nil
        ) -> Market.WantedSeries {
            Market.WantedSeries(
                contract: time.contract, service: time.service, specialist: time.specialist,
                minutes: time.minutes,
                starts: .weekly(first: time.starts, intervalWeeks: interval, count: count),
                mode: mode, handOver: handOver?.handOver ?? .nothing.taking(resources))
        }
    }

    /// Each visit with its price, or with why it cannot be had.
    static func show(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        return try await show(visitor, visitor.request.query, errors: FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ fields: FormFields, errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let asked = try Asked(fields)
        let preview = try await visitor.market.previewSeries(
            visitor.asking("previewSeries"), asked.wanted(.best)
        ).body
        let sold = try await SoldInContract.all(visitor)
            .first(contract: asked.time.contract.description, service: asked.time.service)
        var total = Money.zero
        var rows: [[String: Any]] = []
        for visit in preview["visits"]?.elements ?? [] {
            let starts = try Instant(rfc3339: visit["starts"]?.text ?? "")
            let ends = try starts.adding(seconds: asked.time.minutes * 60)
            var row: [String: Any] = ["moment": visitor.language.span(starts, ends, in: login.zone)]
            if let quote = try visit["quote"]?.text.map({ try Money(decimal: $0) }) {
                total = try total.adding(quote)
                row["price"] = visitor.language.money(quote)
                row["state"] = visitor.say("series_free")
                row["is_live"] = true
            } else {
                row["price"] = "–"
                row["state"] = visitor.say("series_not_free")
                row["reason"] = ["text": reason(visit["refusal"], visitor)]
            }
            rows.append(row)
        }
        let bookable = preview["bookable"]?.integer ?? 0
        var all: [String: Any] = [
            "service_name": sold?.name ?? asked.time.service,
            "seller": sold?.sellerName ?? "", "rows": rows,
            "length": visitor.language.length(seconds: asked.time.minutes * 60),
            "total": visitor.language.money(total), "hidden": asked.hidden,
            "search": asked.time.search(login.zone),
        ]
        if bookable > 0 {
            var asking = form(visitor, fields, errors, asked, sold, bookable: bookable)
            asking["booked_for"] =
                try await BookedFor(visitor).fields(visitor, fields, errors)
                + ResourceChoice(visitor).fields(visitor, fields, errors)
            all["bookable"] = asking
        }
        return try visitor.page(
            "series", title: visitor.say("series_title"), all, status: status, errors: errors)
    }

    private static func form(
        _ visitor: Visitor, _ fields: FormFields, _ errors: FieldErrors, _ asked: Asked,
        _ sold: SoldInContract?, bookable: Int64
    ) -> [String: Any] {
        let isWhole = bookable == asked.count
        return [
            "mode": isWhole ? "all_or_none" : "best",
            "button": isWhole
                ? visitor.say("series_book_all", "\(bookable)")
                : visitor.say("series_book_best", "\(bookable)", "\(asked.count)"),
            "references": HandOverForm.fields(visitor, fields, sold, errors),
        ]
    }

    private static func reason(_ refusal: JSON?, _ visitor: Visitor) -> String {
        guard let code = refusal?["code"]?.text.flatMap(RefusalCode.init(rawValue:)) else {
            return ""
        }
        return visitor.reason(Refusal(code, figures: refusal?["figures"] ?? .object([:])))
    }

    static func book(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let form = visitor.request.form
        let asked = try Asked(form)
        guard
            let mode = form.text("mode").flatMap(Market.WantedSeries.Mode.init(rawValue:))
        else { throw InvalidLink() }
        var errors = FieldErrors()
        let handOver = HandOverForm(form, &errors)
        guard errors.isEmpty else {
            return try await show(visitor, form, errors: errors, status: 422)
        }
        do {
            let made = try await visitor.market.bookSeries(
                visitor.asking("bookSeries"),
                asked.wanted(mode, handOver))
            return .see("/bookings?series=\(made.body["series"]?.text ?? "")&done=booked")
        } catch let refusal as Refusal where refusal.code == .handOverMissing {
            for name in HandOverForm.missing(refusal) { errors.add(name, "error_hand_over") }
            return try await show(visitor, form, errors: errors, status: 422)
        } catch let refusal as Refusal where refusal.code == .seriesRefused {
            return try visitor.page(
                "refused", title: visitor.say("refused_title"),
                [
                    "reason": visitor.reason(refusal),
                    "thing": ["address": asked.address, "text": visitor.say("series_look_again")],
                ], status: 409)
        }
    }
}

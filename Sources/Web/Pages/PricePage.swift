import Contracts
import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// What a visit would cost under a contract: the question and its answer on one page, which can be
/// linked to.
enum PricePage {
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try ContractPages.id(parameter)
        let chosen = try await ChosenVersion(visitor, id)
        let (sheet, version) = (chosen.sheet, chosen.version)
        let form = try PriceForm(visitor, version)
        var errors = FieldErrors()
        var fields: [String: Any] = [:]
        let questions = form.isAsked ? form.questions(&errors) : []
        if !questions.isEmpty, let refused = chosen.refused { errors.add("date", refused) }
        if errors.isEmpty, !questions.isEmpty {
            do {
                var prices: [JSON] = []
                for question in questions {
                    prices.append(
                        try await visitor.market.priceVisit(
                            visitor.asking("priceVisit"), id,
                            number: version["number"]?.integer ?? 0, question
                        ).body)
                }
                fields["answer"] = try answer(prices, to: questions, form, visitor, version)
            } catch let input as InvalidInput {
                form.add(input, to: &errors)
            }
        }
        fields.merge(form.fields(errors)) { $1 }
        fields["address"] = "/contracts/\(id)/price"
        fields["contract_address"] = "/contracts/\(id)"
        if let asked = chosen.asked {
            fields["contract_address"] = "/contracts/\(id)?version=\(asked)"
            fields["asked_version"] = ["number": "\(asked)", "text": try chosen.words]
        }
        fields["contract"] = sheet["title"]?.text ?? ""
        return try visitor.page(
            "price", title: visitor.say("pricing_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    private static func answer(
        _ prices: [JSON], to questions: [JSON], _ form: PriceForm, _ visitor: Visitor,
        _ version: JSON
    ) throws -> [String: Any] {
        let totals = try prices.map { try Money(decimal: $0["total"]?.text ?? "") }
        let total = try totals.reduce(Money.zero) { try $0.adding($1) }
        let lines = prices.count == 1 ? prices[0]["lines"]?.elements ?? [] : []
        var answer: [String: Any] = [
            "facts": form.facts.map { ["name": visitor.say($0.name), "text": $0.text] },
            "version": visitor.say(
                "pricing_version", "\(version["number"]?.integer ?? 0)",
                visitor.say("version_\(version["state"]?.text ?? "")")),
            "total": visitor.language.money(total),
        ]
        if prices.count > 1 {
            let rows = zip(questions, zip(prices, totals)).enumerated().map { index, share in
                self.share(index, share.0, share.1.0, share.1.1, visitor)
            }
            answer["shares"] = ["rows": rows, "sum": visitor.language.number(total.decimal)]
        } else {
            answer["explained"] = ["steps": visitor.explanation(of: prices[0]["trace"])]
        }
        if total == .zero {
            answer["is_free"] = true
        }
        if !lines.isEmpty { answer["bill"] = ["rows": lines.map { row($0, form, visitor) }] }
        if total < .zero { answer["is_owed"] = true }
        return answer
    }

    /// What one of several buyers pays, and how that was made.
    private static func share(
        _ index: Int, _ question: JSON, _ price: JSON, _ total: Money, _ visitor: Visitor
    ) -> [String: Any] {
        let share = question["visit"]?["share"]
        return [
            "name": visitor.say(
                "pricing_share", "\(index + 1)", visitor.count(share?["places"]),
                visitor.count(share?["places_in_all"])),
            "amount": visitor.language.number(total.decimal),
            "steps": visitor.explanation(of: price["trace"]),
        ]
    }

    private static func row(
        _ line: JSON, _ form: PriceForm, _ visitor: Visitor
    ) -> [String: Any] {
        var name = visitor.say("line_\(line["kind"]?.text ?? "")")
        if let code = line["code"]?.text { name += ": \(form.name(ofTerm: code))" }
        var row: [String: Any] = [
            "name": name, "amount": visitor.language.number(line["amount"]?.text ?? ""),
        ]
        if let minutes = line["minutes"]?.text {
            row["billed"] = ["minutes": visitor.language.number(minutes)]
        }
        return row
    }
}

/// The version by which a price is worked out: one that was asked for, else the one that both have
/// signed and that rules on the day in question.
private struct ChosenVersion {
    let sheet: JSON
    let version: JSON
    /// The number that was asked for.
    let asked: Int64?
    /// Why there is no price on that day, in words; nil where there is one.
    let refused: String?
    private let visitor: Visitor
    private let zone: WallClock

    init(_ visitor: Visitor, _ id: ContractID) async throws {
        self.visitor = visitor
        sheet = try await visitor.market.contract(visitor.asking("getContract"), id).body
        asked = visitor.request.query.text("version").flatMap { Int64($0) }
        let timeline = try ContractTimeline(sheet)
        let now = try visitor.signedIn.now
        guard let usual = asked ?? timeline.usual(now) else { throw Refusal(.notFound) }
        let asking = try visitor.asking("getContractVersion")
        let shown = try await visitor.market.contractVersion(asking, id, number: usual).body
        let zone = try WallClock(zone: shown["document"]?["time_zone"]?.text ?? "")
        self.zone = zone
        let start = Self.start(visitor.request.query, zone)
        let ends = try sheet["notice"]?["ends_at"]?.text.map { try Instant(rfc3339: $0) }
        func isOpen(_ start: Instant) -> Bool { ends.map { start < $0 } ?? true }
        if asked != nil {
            version = shown
            let span = try ContractTimeline.span(of: shown)
            let isWithin = start.map { span.contains($0) && isOpen($0) } ?? true
            refused =
                isWithin
                ? nil : Self.words(visitor, "error_pricing_version_day", usual, span, ends, zone)
        } else if let start, let ruling = timeline.ruling(start, signedBy: now), isOpen(start) {
            version =
                Int64(ruling.number) == usual
                ? shown
                : try await visitor.market.contractVersion(
                    asking, id, number: Int64(ruling.number)
                ).body
            refused = nil
        } else {
            version = shown
            let spans = timeline.signed.map(\.span)
            if start == nil {
                refused = nil
            } else if let first = spans.map(\.start).min(), let last = spans.map(\.end).max() {
                refused = Self.words(
                    visitor, "error_pricing_day", nil, try TimeSlot(start: first, end: last),
                    ends, zone)
            } else {
                refused = visitor.say("error_pricing_unsigned")
            }
        }
    }

    /// When the visit in question starts; noon where the time cannot be read.
    private static func start(_ query: FormFields, _ zone: WallClock) -> Instant? {
        guard let date = query.text("date").flatMap({ try? CalendarDate(iso: $0) }),
            let noon = try? TimeOfDay(minuteOfDay: 720)
        else { return nil }
        let time = query.text("time").flatMap { try? TimeOfDay($0) }
        return zone.instant(date, time ?? noon)
    }

    /// Of the version that was asked for.
    var words: String {
        get throws {
            visitor.say(
                "pricing_asked", "\(version["number"]?.integer ?? 0)",
                visitor.say("version_\(version["state"]?.text ?? "")"),
                try visitor.language.date(
                    zone.date(of: Instant(rfc3339: version["effective_from"]?.text ?? ""))),
                try visitor.lastDay(before: version["effective_until"], in: zone))
        }
    }

    /// A text with the first and the last day of a span, which a notice may have cut short.
    private static func words(
        _ visitor: Visitor, _ key: String, _ number: Int64?, _ span: TimeSlot, _ ends: Instant?,
        _ zone: WallClock
    ) -> String {
        let language = visitor.language
        let end = ends.map { min($0, span.end) } ?? span.end
        let last = (try? end.adding(seconds: -1)) ?? end
        let days = [span.start, last].map { language.date(zone.date(of: $0)) }
        return number.map { visitor.say(key, "\($0)", days[0], days[1]) }
            ?? visitor.say(key, days[0], days[1])
    }
}

import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Finding time: the question and its answers on one page, then the time that was chosen.
enum FindPages {
    /// So many times at once: a page that one can look over.
    static let most = 60
    static let asked =
        [
            "specialty", "service", "language", "from", "minutes", "hours_from", "hours_until",
            "now", "weekdays", "view", "hour",
        ] + ResourceChoice.names

    static func find(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler, .specialist])
        let login = try visitor.signedIn
        let own = login.organisation.description
        let sold = try await SoldInContract.all(visitor).filter { $0.seller != own }
        let query = visitor.request.query
        let today = login.zone.date(of: login.now)
        let isAsked = asked.contains { query.text($0) != nil }
        var errors = FieldErrors()
        let first = errors.read("from", "error_date") {
            try query.text("from").map { try CalendarDate(iso: $0) } ?? today
        }
        let services = services(query, among: sold, &errors)
        let timed = services.filter { !$0.isInSessions }
        let minutes = query.text("minutes").flatMap { Int64($0) } ?? timed.map(\.shortest).min()
        if let minutes, !timed.isEmpty, !timed.contains(where: { $0.lengths.contains(minutes) }) {
            errors.add("minutes", "error_length")
        }
        let hours = hours(query, &errors)
        var fields = form(
            visitor, sold: sold, asked: services, today: today, errors)
        fields["own_resources"] = try await ResourceChoice(visitor).fields(visitor, query)
        fields["guidance"] = guidance(of: isAsked ? services : [])
        let isNow = query.text("now") != nil
        if isAsked, errors.isEmpty, !isNow, services.contains(where: \.isInSessions), let first {
            fields["sessions"] = try await FindSessions.result(
                visitor, from: first, hours: hours, sold: sold)
        }
        if isAsked, errors.isEmpty, !timed.isEmpty, let first, let minutes {
            var wish = try wish(visitor, of: timed, from: first, minutes: minutes)
            (wish.hours, wish.weekdays) = (hours, weekdays(query))
            wish.resources = ResourceChoice.chosen(query)
            if isNow { try wish.beAtOnce(visitor.signedIn.now) }
            fields["result"] = try await answer(
                visitor, wish, isNow: isNow, from: first, sold: sold)
            if isNow { fields["now"] = true } else { fields["views"] = FindWeek.views(visitor) }
        }
        if sold.isEmpty { fields["no_contract"] = true }
        if sold.contains(where: \.isOnDemand) { fields["asks_now"] = true }
        if sold.contains(where: \.isInSessions) { fields["in_sessions"] = true }
        if query.text("done") == "released" {
            fields["done"] = ["text": visitor.say("find_done_released")]
        }
        return try visitor.page(
            "find", title: visitor.say("find_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    /// What a search finds, as a list or as a week.
    private static func answer(
        _ visitor: Visitor, _ asked: FoundTime.Wish, isNow: Bool, from first: CalendarDate,
        sold: [SoldInContract]
    ) async throws -> [String: Any] {
        let query = visitor.request.query
        var wish = asked
        if !isNow, FindWeek.isAsked(query) {
            return try await FindWeek.result(visitor, wish, from: first)
        }
        var hour: [String: Any]?
        if !isNow, let start = query.text("hour").flatMap({ try? Instant(rfc3339: $0) }) {
            hour = try FindWeek.narrow(&wish, to: start, visitor)
        }
        let after = try query.text("after").map { try FoundTime.Place(cursor: $0) }
        let found = try await visitor.market.findTimes(
            visitor.asking("findTimes"), wish: wish, page: Page(after: after, limit: most))
        var fields =
            found.body["items"]?.elements?.isEmpty == false
            ? result(found, visitor, sold: sold)
            : try await nothing(visitor, asked, sold: sold)
        fields["hour"] = hour
        return fields
    }

    /// Those that are checked; none means every day.
    static func weekdays(_ query: FormFields) -> Set<Weekday> {
        let words = query.all("weekdays")
        return Set(Weekday.allCases.filter { words.contains($0.word) })
    }

    /// Days of the week of which any may be checked.
    static func weekdays(_ visitor: Visitor, _ values: FormFields) -> [String: Any] {
        CheckBoxes.fields(
            "weekdays", visitor.say("find_weekdays"),
            Weekday.allCases.map { Choice($0.word, visitor.say("weekday_\($0.word)")) },
            chosen: Set(values.all("weekdays")))
    }

    /// Those that a question means: of a specialty, or by name, or all.
    private static func services(
        _ query: FormFields, among sold: [SoldInContract], _ errors: inout FieldErrors
    ) -> [SoldInContract] {
        let (specialty, code) = (query.text("specialty"), query.text("service"))
        let named = sold.filter { code == nil || $0.code == code }
        if named.isEmpty, code != nil { errors.add("service", "error_service") }
        if specialty != nil, !sold.contains(where: { $0.specialty == specialty }) {
            errors.add("specialty", "error_specialty")
        }
        let asked = named.filter { specialty == nil || $0.specialty == specialty }
        if asked.isEmpty, errors.isEmpty, !sold.isEmpty {
            errors.add("service", "error_service_of_specialty")
        }
        return asked
    }

    /// One alone means from midnight, or until midnight.
    static func hours(
        _ query: FormFields, _ errors: inout FieldErrors
    ) -> FoundTime.Hours? {
        let (from, until) = (query.text("hours_from"), query.text("hours_until"))
        guard from != nil || until != nil else { return nil }
        let hours = errors.read("hours_until", "error_hours") {
            FoundTime.Hours(
                from: try TimeOfDay(from ?? "00:00"), until: try TimeOfDay(until ?? "24:00"))
        }
        if let hours, hours == nil { errors.add("hours_until", "error_hours") }
        return hours ?? nil
    }

    private static func wish(
        _ visitor: Visitor, of asked: [SoldInContract], from first: CalendarDate, minutes: Int64
    ) throws -> FoundTime.Wish {
        let login = try visitor.signedIn
        var wish = FoundTime.Wish(
            from: login.zone.instant(first, try TimeOfDay("00:00")),
            until: login.zone.instant(try first.adding(days: 14), try TimeOfDay("00:00")),
            minutes: minutes)
        let query = visitor.request.query
        wish.service = query.text("service")
        wish.specialty =
            query.text("specialty") ?? (wish.service == nil ? nil : asked.first?.specialty)
        wish.language = ChosenTime.language(query)
        return wish
    }

    private static func form(
        _ visitor: Visitor, sold: [SoldInContract], asked: [SoldInContract], today: CalendarDate,
        _ errors: FieldErrors
    ) -> [String: Any] {
        let query = visitor.request.query
        var seen: Set<String> = []
        let services = sold.filter { seen.insert($0.code).inserted }.sorted { $0.name < $1.name }
        let fields = sold.compactMap { CareField($0.terms) }
        let specialties = Dictionary(fields.map { ($0.code, visitor.name(of: $0)) }) { $1 }
            .sorted { $0.value < $1.value }
        let lengths = Set(
            (asked.isEmpty ? sold : asked).filter { !$0.isInSessions }.flatMap(\.lengths)
        ).sorted()
        func question(_ id: String, any: String, _ choices: [Choice]) -> [String: Any] {
            Choice.field(
                id, visitor.say("find_\(id)"), [Choice("", visitor.say(any))] + choices,
                selected: query.text(id), error: errors.message(of: id).map { visitor.say($0) })
        }
        return [
            "specialty": question(
                "specialty", any: "find_any_specialty",
                specialties.map { Choice($0.key, $0.value) }),
            "service": question(
                "service", any: "find_any_service", services.map { Choice($0.code, $0.name) }),
            "language": language(visitor, query),
            "from": TypedField(
                id: "from", label: "find_from", kind: .date,
                value: query.text("from") ?? today.iso
            ).fields(visitor, errors),
            "minutes": question(
                "minutes", any: "find_shortest",
                lengths.map { Choice("\($0)", visitor.language.length(seconds: $0 * 60)) }),
            "hours": hours(visitor, query, errors),
            "weekdays": weekdays(visitor, query),
            "view_kept": FindWeek.isAsked(query) ? [["name": "view", "value": "week"]] : [],
        ]
    }

    /// How long the visits that are asked for usually are, where their contracts say it.
    private static func guidance(of services: [SoldInContract]) -> [[String: Any]] {
        let lines = services.compactMap { service in
            service.guidance.map { "\(service.name): \($0)" }
        }
        return Set(lines).sorted().map { ["text": $0] }
    }

    /// In which language the specialist serves.
    static func language(_ visitor: Visitor, _ values: FormFields) -> [String: Any] {
        let languages = ["fi", "sv", "en"].map { code in
            Choice(code, visitor.say("language_\(code)"))
        }
        return Choice.field(
            "language", visitor.say("find_language"),
            [Choice("", visitor.say("find_any_language"))] + languages,
            selected: values.text("language"))
    }

    /// Within which hours the visit lies.
    static func hours(
        _ visitor: Visitor, _ values: FormFields, _ errors: FieldErrors
    ) -> [[String: Any]] {
        ["hours_from", "hours_until"].map { id in
            TypedField(
                id: id, label: "find_\(id)", kind: .time, value: values.text(id) ?? ""
            ).fields(visitor, errors)
        }
    }

    /// What comes near, and where to wait.
    private static func nothing(
        _ visitor: Visitor, _ wish: FoundTime.Wish, sold: [SoldInContract]
    ) async throws -> [String: Any] {
        let near =
            try await visitor.market.nearestTimes(
                visitor.asking("findNearestTimes"), wish: wish
            ).body["alternatives"]?.elements ?? []
        let zone = try visitor.signedIn.zone
        let alternatives = near.map { alternative -> [String: Any] in
            let differences = (alternative["differences"]?.elements ?? []).compactMap(\.text)
            let words = differences.enumerated().map { place, difference -> String in
                let word = visitor.say("find_near_\(difference)")
                return place == 0 ? word : word.prefix(1).lowercased() + word.dropFirst()
            }
            let times = (alternative["times"]?.elements ?? []).map { time in
                FoundLine(
                    time, visitor, zone: zone,
                    keepsResources: !differences.contains("resources"),
                    service: sold.first(
                        contract: time["contract"]?.text, service: time["service"]?.text)?.name
                ).fields
            }
            return [
                "title": words.joined(separator: ", "),
                "times": times,
            ]
        }
        var nothing: [String: Any] = ["none": true, "alternatives": alternatives]
        if !near.isEmpty { nothing["some_near"] = true }
        if try visitor.signedIn.roles.contains(.scheduler) {
            let kept = keptQuery(
                visitor,
                [
                    "specialty", "service", "from", "minutes", "language", "hours_from",
                    "hours_until", "weekdays",
                ])
            nothing["waiting"] = ["address": "/waiting/new?" + kept.joined(separator: "&")]
        }
        return nothing
    }

    /// Of the question that was asked, for a link that goes on with it.
    static func keptQuery(_ visitor: Visitor, _ names: [String] = asked) -> [String] {
        names.flatMap { name in
            visitor.request.query.all(name).filter { !$0.isEmpty }
                .map { "\(name)=\($0.inQuery)" }
        }
    }

    private static func result(
        _ found: Answer, _ visitor: Visitor, sold: [SoldInContract]
    ) -> [String: Any] {
        let items = found.body["items"]?.elements ?? []
        guard let login = visitor.login else { return ["none": true] }
        var days: [FoundDay] = []
        var rules: [String] = []
        for item in items {
            let service = sold.first(
                contract: item["contract"]?.text, service: item["service"]?.text)
            let time = FoundLine(item, visitor, zone: login.zone, service: service?.name)
            if days.last?.date != time.date { days.append(FoundDay(date: time.date)) }
            days[days.count - 1].add(time)
            if let service {
                let rule =
                    "\(service.sellerName): \(visitor.priceRule(of: service)) "
                    + visitor.cancellationRule(of: service)
                if !rules.contains(rule) { rules.append(rule) }
            }
        }
        var result: [String: Any] = [
            "days": days.map(\.fields),
            "rules": rules.map { ["text": $0] },
            "zone": login.zone.zone,
        ]
        if let next = found.body["next"]?.text {
            result["more"] = [
                "address": "/find?"
                    + (keptQuery(visitor, asked) + ["after=\(next.inQuery)"]).joined(separator: "&")
            ]
        }
        return result
    }

    // MARK: - One time

    static func show(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, visitor.request.query, errors: FieldErrors())
    }

    /// The time that the fields name, as the search finds it now.
    static func show(
        _ visitor: Visitor, _ fields: FormFields, errors: FieldErrors, status: Int = 200
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let time = try ChosenTime(fields)
        var wish = FoundTime.Wish(
            from: time.starts, until: try time.starts.adding(seconds: 1), minutes: time.minutes)
        wish.service = time.service
        wish.specialist = time.specialist
        let found = try await visitor.market.findTimes(
            visitor.asking("findTimes"), wish: wish, page: Page(after: nil, limit: 50))
        let item = found.body["items"]?.elements?.first {
            $0["contract"]?.text == time.contract.description
        }
        guard let item else {
            return try visitor.page(
                "refused", title: visitor.say("refused_title"),
                [
                    "reason": visitor.say("refusal_taken"),
                    "find": ["address": time.search(login.zone)],
                ],
                status: 409)
        }
        let sold = try await SoldInContract.all(visitor)
            .first(contract: time.contract.description, service: time.service)
        var all = FoundLine(item, visitor, zone: login.zone).fields
        all["service_name"] = sold?.name ?? time.service
        all["rule"] = sold.map(visitor.priceRule) ?? ""
        all["cancellation"] = visitor.cancellation(item["terms"], zone: login.zone)
        if let text = sold?.guidance { all["guidance"] = ["text": text] }
        if let text = sold?.instructions { all["instructions"] = ["text": text] }
        all["hidden"] = time.hidden
        all["search"] = time.search(login.zone)
        if login.roles.contains(.scheduler) {
            all["series"] = SeriesPages.choices(visitor).merging(
                ["hidden": time.hidden + ResourceChoice.hidden(fields)]
            ) { $1 }
        }
        all["references"] = HandOverForm.fields(visitor, fields, sold, errors)
        if login.roles.contains(.scheduler) {
            all["booked_for"] =
                try await BookedFor(visitor).fields(visitor, fields, errors)
                + ResourceChoice(visitor).fields(visitor, fields, errors)
        }
        return try visitor.page(
            "time", title: visitor.say("time_title"), all, status: status, errors: errors)
    }

    // MARK: - Holding it

    static func hold(_ visitor: Visitor) async throws -> PageReply {
        let form = visitor.request.form
        let time = try ChosenTime(form)
        var errors = FieldErrors()
        let handOver = HandOverForm(form, &errors)
        guard errors.isEmpty else {
            return try await show(visitor, form, errors: errors, status: 422)
        }
        do {
            let held = try await visitor.market.bookTime(
                visitor.asking("bookTime"),
                .init(
                    contract: time.contract, service: time.service, specialist: time.specialist,
                    starts: time.starts, minutes: time.minutes, hold: true,
                    handOver: handOver.handOver))
            return .see(time.address(of: held.body["id"]?.text ?? ""))
        } catch let refusal as Refusal where refusal.code == .handOverMissing {
            for name in HandOverForm.missing(refusal) { errors.add(name, "error_hand_over") }
            return try await show(visitor, form, errors: errors, status: 422)
        } catch let refusal as Refusal where ResourceChoice.note(refusal, form, &errors) {
            return try await show(visitor, form, errors: errors, status: 409)
        } catch let refusal as Refusal where refusal.code != .roleNotAllowed {
            return try visitor.page(
                "refused", title: visitor.say("refused_title"),
                [
                    "reason": visitor.reason(refusal),
                    "find": ["address": time.search(try visitor.signedIn.zone)],
                ], status: 409)
        }
    }
}

extension FoundTime.Wish {
    /// Someone now: the coming four hours of those who are at hand.
    fileprivate mutating func beAtOnce(_ now: Instant) throws {
        (from, until) = (now, try now.adding(seconds: 14_400))
        (weekdays, hours, isPresent) = ([], nil, true)
    }
}

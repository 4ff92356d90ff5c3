import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Finding time: the question and its answers on one page, then the time that was chosen.
enum FindPages {
    /// So many times at once: a page that one can look over.
    static let most = 60

    static func find(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler, .specialist])
        let login = try visitor.signedIn
        let own = login.organisation.description
        let sold = try await SoldInContract.all(visitor).filter { $0.seller != own }
        let query = visitor.request.query
        let today = login.zone.date(of: login.now)
        let isAsked = query.text("service") != nil
        var errors = FieldErrors()
        let first = errors.read("from", "error_date") {
            try query.text("from").map { try CalendarDate(iso: $0) } ?? today
        }
        let chosen = query.text("service").flatMap { code in sold.first { $0.code == code } }
        if isAsked, chosen == nil { errors.add("service", "error_service") }
        let minutes = query.text("minutes").flatMap { Int64($0) } ?? chosen?.shortest
        if let chosen, let minutes, !chosen.lengths.contains(minutes) {
            errors.add("minutes", "error_length")
        }
        var fields = form(
            visitor, sold: sold, chosen: chosen, minutes: minutes, today: today, errors)
        if isAsked, errors.isEmpty, let chosen, let first, let minutes {
            let found = try await times(
                visitor, of: chosen, from: first, minutes: minutes, language: query.text("language")
            )
            fields["result"] = result(found, visitor, sold: sold, minutes: minutes)
        }
        if sold.isEmpty { fields["no_contract"] = true }
        return try visitor.page(
            "find", title: visitor.say("find_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    private static func times(
        _ visitor: Visitor, of service: SoldInContract, from first: CalendarDate, minutes: Int64,
        language: String?
    ) async throws -> Answer {
        let login = try visitor.signedIn
        var wish = FoundTime.Wish(
            from: login.zone.instant(first, try TimeOfDay("00:00")),
            until: login.zone.instant(try first.adding(days: 14), try TimeOfDay("00:00")),
            minutes: minutes)
        wish.service = service.code
        wish.specialty = service.specialty
        wish.language = language.flatMap { ["fi", "sv", "en"].contains($0) ? $0 : nil }
        let after = try visitor.request.query.text("after").map {
            try FoundTime.Place(cursor: $0)
        }
        return try await visitor.market.findTimes(
            visitor.asking("findTimes"), wish: wish, page: Page(after: after, limit: most))
    }

    private static func form(
        _ visitor: Visitor, sold: [SoldInContract], chosen: SoldInContract?, minutes: Int64?,
        today: CalendarDate, _ errors: FieldErrors
    ) -> [String: Any] {
        let query = visitor.request.query
        var seen: Set<String> = []
        let services = sold.filter { seen.insert($0.code).inserted }.sorted { $0.name < $1.name }
        let lengths = Set((chosen.map { [$0] } ?? services).flatMap(\.lengths)).sorted()
        let languages = ["fi", "sv", "en"].map { code in
            Choice(code, visitor.say("language_\(code)"))
        }
        return [
            "service": Choice.field(
                "service", visitor.say("find_service"),
                services.map { Choice($0.code, $0.name) }, selected: query.text("service")),
            "language": Choice.field(
                "language", visitor.say("find_language"),
                [Choice("", visitor.say("find_any_language"))] + languages,
                selected: query.text("language")),
            "from": TypedField(
                id: "from", label: "find_from", kind: .date,
                value: query.text("from") ?? today.iso
            ).fields(visitor, errors),
            "minutes": Choice.field(
                "minutes", visitor.say("find_minutes"),
                [Choice("", visitor.say("find_shortest"))]
                    + lengths.map { Choice("\($0)", visitor.language.length(seconds: $0 * 60)) },
                selected: minutes.map { "\($0)" }),
        ]
    }

    private static func result(
        _ found: Answer, _ visitor: Visitor, sold: [SoldInContract], minutes: Int64
    ) -> [String: Any] {
        let items = found.body["items"]?.elements ?? []
        guard !items.isEmpty, let login = visitor.login else { return ["none": true] }
        var days: [FoundDay] = []
        var rules: [String] = []
        for item in items {
            let time = FoundLine(item, visitor, zone: login.zone)
            if days.last?.date != time.date { days.append(FoundDay(date: time.date)) }
            days[days.count - 1].add(time)
            let service = sold.first(
                contract: item["contract"]?.text, service: item["service"]?.text)
            if let service {
                let rule = "\(service.sellerName): \(visitor.priceRule(of: service))"
                if !rules.contains(rule) { rules.append(rule) }
            }
        }
        var result: [String: Any] = [
            "days": days.map(\.fields),
            "rules": rules.map { ["text": $0] },
            "zone": login.zone.zone,
        ]
        if let next = found.body["next"]?.text {
            let query = visitor.request.query
            let kept = ["service", "language", "from", "minutes"].compactMap { name in
                query.text(name).map { "\(name)=\($0.inQuery)" }
            }
            result["more"] = [
                "address": "/find?" + (kept + ["after=\(next.inQuery)"]).joined(separator: "&")
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
                ["reason": visitor.say("refusal_taken"), "find": true], status: 409)
        }
        let sold = try await SoldInContract.all(visitor)
            .first(contract: time.contract.description, service: time.service)
        var all = FoundLine(item, visitor, zone: login.zone).fields
        all["service_name"] = sold?.name ?? time.service
        all["rule"] = sold.map(visitor.priceRule) ?? ""
        all["hidden"] = time.hidden
        for (name, hint) in [
            ("patient_reference", "time_patient_hint"), ("record_reference", "time_record_hint"),
        ] {
            all[name] = TypedField(
                id: name, label: name, kind: .text, value: fields.text(name) ?? "", hint: hint
            ).fields(visitor, errors)
        }
        return try visitor.page(
            "time", title: visitor.say("time_title"), all, status: status, errors: errors)
    }

    // MARK: - Holding it

    static func hold(_ visitor: Visitor) async throws -> PageReply {
        let form = visitor.request.form
        let time = try ChosenTime(form)
        var errors = FieldErrors()
        let patient = reference(form.text("patient_reference"), &errors)
        let record = form.text("record_reference")
        if let record {
            if record.count > 100 { errors.add("record_reference", "error_record_length") }
            if PersonalIdentityCode.looksLike(record) {
                errors.add("record_reference", "error_identity_code")
            }
        }
        guard errors.isEmpty else {
            return try await show(visitor, form, errors: errors, status: 422)
        }
        do {
            let held = try await visitor.market.bookTime(
                visitor.asking("bookTime"),
                .init(
                    contract: time.contract, service: time.service, specialist: time.specialist,
                    starts: time.starts, minutes: time.minutes, hold: true,
                    patientReference: patient, recordReference: record))
            return .see("/bookings/\(held.body["id"]?.text ?? "")")
        } catch let refusal as Refusal where refusal.code != .roleNotAllowed {
            return try visitor.page(
                "refused", title: visitor.say("refused_title"),
                ["reason": visitor.reason(refusal), "find": true], status: 409)
        }
    }

    private static func reference(
        _ text: String?, _ errors: inout FieldErrors
    ) -> PatientReference? {
        guard let text else { return nil }
        do throws(OrganisationRefusal) {
            return try PatientReference(text)
        } catch .patientReferenceIsPersonalIdentityCode {
            errors.add("patient_reference", "error_identity_code")
        } catch {
            errors.add("patient_reference", "error_patient_form")
        }
        return nil
    }
}

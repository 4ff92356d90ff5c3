import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The form by which a need is posted.
struct NeedForm {
    private let form: FormFields
    private let service: ServiceForm

    init(_ form: FormFields) {
        self.form = form
        service = ServiceForm(typed: form)
    }

    // MARK: What it means

    func details(_ visitor: Visitor, _ errors: inout FieldErrors) throws -> NeedDetails? {
        let zone = try visitor.signedIn.zone
        let title = errors.words(
            "title", form.text("title"), max: 200, tooLong: "error_line_long",
            missing: "error_need_title")
        let wanted = service.service(&errors, hasPrice: false)
        let regions = Set(form.all("regions").compactMap(Region.init(rawValue:)))
        if regions.isEmpty { errors.add("regions", "error_regions") }
        let minutes = form.text("minutes").flatMap { Int64($0) } ?? 0
        if !(1...100_000).contains(minutes) { errors.add("minutes", "error_need_minutes") }
        func date(_ id: String) -> CalendarDate? {
            errors.read(id, "error_date") { try CalendarDate(iso: form.text(id) ?? "") }
        }
        let (starts, ends, last) = (date("starts_on"), date("ends_on"), date("answer_by"))
        if let starts, let ends, ends < starts { errors.add("ends_on", "error_last_day") }
        let answerBy = try last.map { try zone.endOfDay($0) }
        if let answerBy, try answerBy <= visitor.signedIn.now {
            errors.add("answer_by", "error_answer_by")
        }
        let words = errors.words(
            "words", form.text("words"), max: 4_000, tooLong: "error_words_long",
            missing: "error_need_words")
        let sellers = form.all("sellers").compactMap { try? OrganisationID(typeID: $0) }
        let toSome = form.text("shown_to") == "some"
        if toSome, sellers.isEmpty { errors.add("sellers", "error_need_sellers") }
        if sellers.count > 50 { errors.add("sellers", "error_need_sellers_many") }
        guard errors.isEmpty, let title, let wanted, let starts, let ends, let words, let answerBy
        else { return nil }
        return NeedDetails(
            title: title, service: wanted, regions: regions, minutes: minutes,
            per: form.text("per").flatMap(StoredNeed.Period.init(rawValue:)) ?? .week,
            startsOn: starts, endsOn: ends, words: words, answerBy: answerBy,
            sellers: toSome ? Set(sellers).sorted() : nil)
    }

    // MARK: As the page reads it

    /// `sellers`: those with a published profile, whom one may name.
    func fields(
        _ visitor: Visitor, sellers: [JSON], _ errors: FieldErrors
    ) throws -> [String: Any] {
        let today = try visitor.signedIn.zone.date(of: visitor.signedIn.now)
        let first = try today.firstOfMonth.adding(months: 1)
        func message(_ id: String) -> String? { errors.message(of: id).map { visitor.say($0) } }
        func field(
            _ id: String, _ kind: TypedField.Kind = .text, _ usual: String = "",
            hint: String? = nil
        ) -> [String: Any] {
            TypedField(
                id: id, label: "need_\(id)", kind: kind, value: form.text(id) ?? usual, hint: hint
            ).fields(visitor, errors)
        }
        var fields: [String: Any] = [
            "heading": field("title", hint: "need_title_hint"),
            "wanted": service.fields(visitor, errors, hasPrice: false),
            "areas": CheckBoxes.fields(
                "regions", visitor.say("need_regions"), visitor.regionChoices,
                chosen: Set(form.all("regions")), error: message("regions")),
            "amount": field("minutes", hint: "need_minutes_hint"),
            "period": Choice.field(
                "per", visitor.say("need_per"),
                StoredNeed.Period.allCases.map {
                    Choice($0.rawValue, visitor.say("need_per_\($0.rawValue)"))
                }, selected: form.text("per") ?? "week"),
            "days": [
                field("starts_on", .date, first.iso),
                field("ends_on", .date, try first.adding(months: 12).adding(days: -1).iso),
                field("answer_by", .date, try today.adding(days: 14).iso),
            ],
            "note": TypedField(
                id: "words", label: "need_words", kind: .text, value: form.text("words") ?? "",
                hint: "need_words_hint"
            ).fields(visitor, errors),
        ]
        guard !sellers.isEmpty else { return fields }
        fields["naming"] = [
            "audience": Choice.field(
                "shown_to", visitor.say("need_shown_to"),
                [
                    Choice("all", visitor.say("need_shown_to_all")),
                    Choice("some", visitor.say("need_shown_to_some")),
                ], selected: form.text("shown_to") ?? "all"),
            "named": CheckBoxes.fields(
                "sellers", visitor.say("need_sellers"),
                sellers.map {
                    Choice($0["organisation"]?.text ?? "", $0["name"]?.text ?? "")
                }, chosen: Set(form.all("sellers")), error: message("sellers")),
        ]
        return fields
    }
}

extension WallClock {
    /// When a day is over.
    fileprivate func endOfDay(_ day: CalendarDate) throws -> Instant {
        instant(try day.adding(days: 1), try TimeOfDay("00:00"))
    }
}

import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// Publishing a specialist's time, and taking it off sale.
enum AvailabilityPages {
    // MARK: - Publishing

    static func showForm(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let own = try await OwnSpecialist.all(visitor)
        guard
            let specialist = try own.chosen(by: visitor.request.query.text("specialist"))
        else { throw InvalidLink() }
        return try show(try await form(visitor, specialist), visitor, own)
    }

    private static func form(
        _ visitor: Visitor, _ specialist: OwnSpecialist
    ) async throws -> AvailabilityForm {
        try AvailabilityForm(
            visitor, specialist,
            newest: try await PublishedPattern.newest(visitor, of: specialist),
            try await ContractList.all(visitor))
    }

    private static func show(
        _ form: AvailabilityForm, _ visitor: Visitor, _ own: [OwnSpecialist],
        errors: FieldErrors = FieldErrors(), status: Int = 200
    ) throws -> PageReply {
        var fields = form.fields(visitor, own: own, errors)
        fields["back"] = "/calendar?specialist=\(form.specialist.id)&week=\(form.day.iso)"
        return try visitor.page(
            "availability_new", title: visitor.say("availability_new_title"), fields,
            status: status, errors: errors)
    }

    static func publish(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let own = try await OwnSpecialist.all(visitor)
        guard let id = visitor.request.form.text("specialist"),
            let specialist = try own.chosen(by: id)
        else { throw InvalidLink() }
        let form = try await form(visitor, specialist)
        var errors = FieldErrors()
        guard let offered = form.offered(&errors) else {
            return try show(form, visitor, own, errors: errors, status: 422)
        }
        do {
            _ = try await visitor.market.publishAvailability(
                visitor.asking("publishAvailability"), offered)
        } catch {
            guard let errors = form.errors(of: error) else { throw error }
            let status = error is Refusal ? 409 : 422
            return try show(form, visitor, own, errors: errors, status: status)
        }
        let first = try offered.firstDay(notBefore: visitor.signedIn.now, specialist.zone)
        return .see("/calendar?specialist=\(specialist.id)&week=\(first.iso)&done=published")
    }

    // MARK: - One pattern

    /// The pattern in words, what is booked in it, and the button that takes it off sale.
    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let sheet = try await visitor.market.availability(
            visitor.asking("getAvailability"), id(parameter)
        ).body
        let pattern = try PublishedPattern(sheet)
        let own = try await OwnSpecialist.all(visitor)
        var fields = try pattern.fields(visitor)
        fields["label"] = try own.chosen(by: pattern.specialist)?.label ?? ""
        if let contracts = try await pattern.contracts(visitor) {
            fields["contracts"] = ["text": contracts]
        }
        fields["calendar"] = "/calendar?specialist=\(pattern.specialist)"
        fields["kept"] = kept(sheet["kept_bookings"]?.integer ?? 0, visitor)
        if pattern.isWithdrawn {
            fields["is_withdrawn"] = true
        } else {
            fields["windows"] = visitor.say(
                "availability_windows", visitor.language.number("\(sheet["windows"]?.integer ?? 0)")
            )
            if try visitor.signedIn.roles.contains(.scheduler) { fields["may_withdraw"] = true }
        }
        return try visitor.page(
            "availability", title: visitor.say("availability_title"), fields)
    }

    private static func kept(_ count: Int64, _ visitor: Visitor) -> String {
        switch count {
        case 0: visitor.say("availability_kept_none")
        case 1: visitor.say("availability_kept_one")
        default: visitor.say("availability_kept", visitor.language.number("\(count)"))
        }
    }

    static func withdraw(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let withdrawn = try await visitor.market.withdrawAvailability(
            visitor.asking("withdrawAvailability"), id(parameter)
        ).body
        let specialist = withdrawn["specialist"]?.text ?? ""
        return .see("/calendar?specialist=\(specialist)&done=withdrawn")
    }

    private static func id(_ parameter: String) throws(InvalidLink) -> AvailabilityRuleID {
        guard let id = try? AvailabilityRuleID(typeID: parameter) else { throw InvalidLink() }
        return id
    }
}

extension Market.OfferedTime {
    /// The day on which the first window may start, to show the week in which it is.
    fileprivate func firstDay(notBefore now: Instant, _ zone: WallClock) -> CalendarDate {
        switch pattern {
        case .once(let day): day
        case .weekly(let weekly): max(weekly.startsOn, zone.date(of: now))
        }
    }
}

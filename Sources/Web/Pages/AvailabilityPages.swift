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
        let filled = try await TemplatePages.beginning(visitor, for: specialist)
        return try await show(try await form(visitor, specialist, filled: filled), visitor, own)
    }

    static func form(
        _ visitor: Visitor, _ specialist: OwnSpecialist, filled: FormFields? = nil
    ) async throws -> AvailabilityForm {
        try AvailabilityForm(
            visitor, specialist,
            newest: try await PublishedPattern.newest(visitor, of: specialist),
            try await ContractList.all(visitor), filled: filled)
    }

    private static func show(
        _ form: AvailabilityForm, _ visitor: Visitor, _ own: [OwnSpecialist],
        errors: FieldErrors = FieldErrors(), status: Int = 200
    ) async throws -> PageReply {
        var fields = form.fields(visitor, own: own, errors)
            .merging(try await TemplatePages.fields(visitor, form)) { $1 }
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
            return try await show(form, visitor, own, errors: errors, status: 422)
        }
        do {
            let made = try await visitor.market.publishAvailability(
                visitor.asking("publishAvailability"), offered
            ).body
            if made["approval"]?["state"]?.text != nil { return .see(ApprovalPages.proposed) }
        } catch {
            guard let errors = form.errors(of: error) else { throw error }
            let status = error is Refusal ? 409 : 422
            return try await show(form, visitor, own, errors: errors, status: status)
        }
        let first = try offered.firstDay(notBefore: visitor.signedIn.now, specialist.zone)
        return .see("/calendar?specialist=\(specialist.id)&week=\(first.iso)&done=published")
    }

    // MARK: - One pattern

    /// The pattern in words, what is booked in it, and the button that takes it off sale.
    static func show(
        _ visitor: Visitor, _ parameter: String, errors: FieldErrors = FieldErrors(),
        status: Int = 200
    ) async throws -> PageReply {
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
        } else if let waiting = ApprovalPages.state(of: sheet, visitor) {
            fields["windows"] = waiting
            let isOpen = sheet["approval"]?["state"]?.text == StoredApproval.State.proposed.rawValue
            if isOpen, try visitor.signedIn.roles.contains(.scheduler) {
                fields["may_withdraw"] = true
            }
        } else {
            fields["windows"] = visitor.say(
                "availability_windows", visitor.language.number("\(sheet["windows"]?.integer ?? 0)")
            )
            if try visitor.signedIn.roles.contains(.scheduler) {
                fields["may_withdraw"] = true
                if !pattern.isReplaced { fields["may_change"] = true }
            }
        }
        if let (day, other) = try pattern.replacement {
            fields["replaced"] = [
                "address": "/availability/\(other)",
                "text": visitor.say("change_replaced", visitor.language.date(day)),
            ]
        }
        return try await show(
            pattern, fields, visitor, own, errors: errors, status: status)
    }

    /// The page of a pattern, with the forms that copy it.
    static func show(
        _ pattern: PublishedPattern, _ fields: [String: Any], _ visitor: Visitor,
        _ own: [OwnSpecialist], errors: FieldErrors = FieldErrors(), status: Int = 200
    ) async throws -> PageReply {
        var fields = fields
        if try visitor.signedIn.roles.contains(.scheduler) {
            fields["may_copy"] = TemplatePages.copying(pattern, own, visitor, errors)
        }
        return try visitor.page(
            "availability", title: visitor.say("availability_title"), fields, status: status,
            errors: errors)
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

    static func id(_ parameter: String) throws(InvalidLink) -> AvailabilityRuleID {
        guard let id = try? AvailabilityRuleID(typeID: parameter) else { throw InvalidLink() }
        return id
    }
}

extension Market.OfferedTime {
    /// The day on which the first window may start, to show the week in which it is.
    func firstDay(notBefore now: Instant, _ zone: WallClock) -> CalendarDate {
        switch pattern {
        case .once(let day): day
        case .weekly(let weekly): max(weekly.startsOn, zone.date(of: now))
        }
    }
}

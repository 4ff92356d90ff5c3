import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// Another pattern in the place of a published one: what it would do first, and then the button.
enum AvailabilityChangePages {
    /// The pattern that is changed, whose it is, and the form.
    fileprivate struct Subject {
        let sheet: JSON
        let specialist: OwnSpecialist
        let form: AvailabilityForm

        var address: String { "/availability/\(sheet["id"]?.text ?? "")" }
        var zone: WallClock { specialist.zone }
    }

    private static func subject(
        _ visitor: Visitor, _ parameter: String
    ) async throws -> Subject {
        try visitor.require([.scheduler])
        let sheet = try await visitor.market.availability(
            visitor.asking("getAvailability"), AvailabilityPages.id(parameter)
        ).body
        let own = try await OwnSpecialist.all(visitor)
        guard let specialist = try own.chosen(by: sheet["specialist"]?.text ?? "") else {
            throw InvalidLink()
        }
        let today = try specialist.zone.date(of: visitor.signedIn.now)
        let form = try await AvailabilityPages.form(
            visitor, specialist, filled: FormFields.of(pattern: sheet, notBefore: today))
        return Subject(sheet: sheet, specialist: specialist, form: form)
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try show(try await subject(visitor, parameter), visitor)
    }

    private static func show(
        _ subject: Subject, _ visitor: Visitor, preview: [String: Any]? = nil,
        errors: FieldErrors = FieldErrors(), status: Int = 200
    ) throws -> PageReply {
        var fields = subject.form.fields(visitor, own: [subject.specialist], errors)
        // whose time it is stays
        fields["specialist"] = nil
        fields["label"] = subject.specialist.label
        fields["action"] = "\(subject.address)/change"
        fields["back"] = subject.address
        if let preview { fields["preview"] = preview }
        return try visitor.page(
            "availability_change", title: visitor.say("change_title"), fields, status: status,
            errors: errors)
    }

    /// Without the digest of a preview it shows that; with it, it does what was seen.
    static func change(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let subject = try await subject(visitor, parameter)
        var errors = FieldErrors()
        guard let offered = subject.form.offered(&errors) else {
            return try show(subject, visitor, errors: errors, status: 422)
        }
        let change = Market.ChangedTime(from: subject.first(of: offered), offered: offered)
        let id = try AvailabilityPages.id(parameter)
        do {
            guard let digest = visitor.request.form.text("digest") else {
                return try show(
                    subject, visitor, preview: try await preview(id, change, subject, visitor))
            }
            let made = try await visitor.market.changeAvailability(
                visitor.asking("changeAvailability"), id, change, digest: digest
            ).body
            if made["approval"]?["state"]?.text != nil { return .see(ApprovalPages.proposed) }
            return .see(
                "/calendar?specialist=\(subject.specialist.id)&week=\(change.from.iso)&done=changed"
            )
        } catch let refusal as Refusal where refusal.code == .availabilityChanged {
            errors.add(nil, "refusal_availability_changed")
            return try show(
                subject, visitor, preview: try await preview(id, change, subject, visitor),
                errors: errors, status: 409)
        } catch {
            guard let errors = subject.form.errors(of: error) else { throw error }
            return try show(
                subject, visitor, errors: errors, status: error is Refusal ? 409 : 422)
        }
    }

    private static func preview(
        _ id: AvailabilityRuleID, _ change: Market.ChangedTime, _ subject: Subject,
        _ visitor: Visitor
    ) async throws -> [String: Any] {
        let plan = try await visitor.market.previewAvailabilityChange(
            visitor.asking("previewAvailabilityChange"), id, change
        ).body
        let sold = try await SoldInContract.all(visitor)
        let kept = try (plan["kept"]?.elements ?? []).map { visit -> [String: Any] in
            var fields = try BookingRow(visit["booking"] ?? .null, visitor, sold: sold).fields
            fields["place"] = visitor.say("change_\(visit["place"]?.text ?? "")")
            return fields
        }
        func first(_ key: String) throws -> [[String: Any]] {
            try (plan[key]?["first"]?.elements ?? []).prefix(10).map { window in
                let slot = try TimeSlot(shown: window)
                let day = subject.zone.date(of: slot.start)
                let times = visitor.language.times(slot, on: day, in: subject.zone)
                return ["text": "\(visitor.language.date(day)) \(times)"]
            }
        }
        func count(_ key: String) -> String {
            visitor.language.number("\(plan[key]?["windows"]?.integer ?? 0)")
        }
        let form = visitor.request.form
        let carried = form.names.filter { !["seal", "key", "digest"].contains($0) }.sorted()
        return [
            "from": visitor.language.date(change.from),
            "removed": count("removed"), "removed_first": try first("removed"),
            "added": count("added"), "added_first": try first("added"),
            "same": visitor.language.number("\(plan["same_windows"]?.integer ?? 0)"),
            "kept": kept, "has_kept": !kept.isEmpty,
            "digest": plan["digest"]?.text ?? "",
            "carried": carried.flatMap { name in
                form.all(name).map { ["name": name, "value": $0] }
            },
        ]
    }
}

extension AvailabilityChangePages.Subject {
    /// The day from which on the old pattern has nothing: the first of the new one, or of a single
    /// day that is changed, where that comes first.
    fileprivate func first(of offered: Market.OfferedTime) -> CalendarDate {
        let first =
            switch offered.pattern {
            case .once(let day): day
            case .weekly(let weekly): weekly.startsOn
            }
        let old = sheet["pattern"]?["date"]?.text.flatMap { try? CalendarDate(iso: $0) }
        return min(first, old ?? first)
    }
}

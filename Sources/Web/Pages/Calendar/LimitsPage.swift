import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// How many planned minutes of a specialist may be sold in a day and in a week.
enum LimitsPage {
    private static let kinds: [(id: String, most: Int64)] = [
        ("daily_minutes", WorkingLimits.longestDay), ("weekly_minutes", WorkingLimits.longestWeek),
    ]

    private static func read(
        _ visitor: Visitor, _ fields: FormFields
    ) async throws -> (id: SpecialistID, sheet: JSON) {
        try visitor.require([.scheduler, .admin])
        guard let text = fields.text("specialist"), let id = try? SpecialistID(typeID: text) else {
            throw InvalidLink()
        }
        return (
            id,
            try await visitor.market.specialist(visitor.asking("getSpecialist"), id).body
        )
    }

    static func show(_ visitor: Visitor) async throws -> PageReply {
        let (_, sheet) = try await read(visitor, visitor.request.query)
        return try show(visitor, sheet, typed: nil, revision: sheet["revision"]?.integer)
    }

    private static func show(
        _ visitor: Visitor, _ sheet: JSON, typed: FormFields?, revision: Int64?,
        errors: FieldErrors = FieldErrors(), status: Int = 200
    ) throws -> PageReply {
        let id = sheet["id"]?.text ?? ""
        return try visitor.page(
            "limits", title: visitor.say("limits_title"),
            [
                "label": sheet["label"]?.text ?? "", "whose": id,
                "revision": "\(revision ?? 0)", "back": "/calendar?specialist=\(id)",
                "limits": kinds.map { kind in
                    let stands = sheet[kind.id]?.integer.map { "\($0)" }
                    return TypedField(
                        id: kind.id, label: "limits_\(kind.id)", kind: .text,
                        value: typed.map { $0.text(kind.id) ?? "" } ?? stands ?? "",
                        hint: "limits_\(kind.id)_hint"
                    ).fields(visitor, errors)
                },
            ], status: status, errors: errors)
    }

    /// The limits alone; all else stays as it was read, from the revision that was shown.
    static func save(_ visitor: Visitor) async throws -> PageReply {
        let form = visitor.request.form
        let (id, sheet) = try await read(visitor, form)
        guard let revision = form.text("revision").flatMap({ Int64($0) }) else {
            throw InvalidLink()
        }
        var errors = FieldErrors()
        var minutes: [Int64?] = []
        for kind in kinds {
            let number = form.text(kind.id).flatMap { Int64($0) }
            if form.text(kind.id) != nil, !(1...kind.most).contains(number ?? 0) {
                errors.add(kind.id, "error_limits_\(kind.id)")
            }
            minutes.append(number)
        }
        guard errors.isEmpty,
            let limits = WorkingLimits(dailyMinutes: minutes[0], weeklyMinutes: minutes[1])
        else {
            return try show(
                visitor, sheet, typed: form, revision: revision, errors: errors, status: 422)
        }
        do {
            _ = try await visitor.market.updateSpecialist(
                visitor.asking("updateSpecialist"), id, revision: revision,
                SpecialistDetails(
                    label: sheet["label"]?.text ?? "",
                    profession: sheet["profession"]?.text ?? "",
                    specialty: sheet["specialty"]?.text ?? "",
                    languages: Set((sheet["languages"]?.elements ?? []).compactMap(\.text)),
                    limits: limits),
                isActive: sheet["active"]?.flag == true)
        } catch let refusal as Refusal where refusal.code == .revisionDiffers {
            errors.add(nil, "refusal_revision_differs")
            return try show(
                visitor, sheet, typed: form, revision: revision, errors: errors, status: 409)
        }
        return .see("/calendar?specialist=\(id)&done=limits")
    }
}

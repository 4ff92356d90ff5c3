import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Time that waits for a manager's yes, and whether it has to.
enum ApprovalPages {
    private static let address = "/availability/proposals"
    /// Where one comes after proposing.
    static let proposed = "\(address)?done=proposed"

    /// What a pattern that is not on sale says of itself; nil where nobody has to say yes.
    static func state(of sheet: JSON, _ visitor: Visitor) -> String? {
        switch sheet["approval"]?["state"]?.text {
        case StoredApproval.State.proposed.rawValue: visitor.say("approval_is_proposed")
        case StoredApproval.State.declined.rawValue:
            visitor.say("approval_is_declined", sheet["approval"]?["reason"]?.text ?? "")
        default: nil
        }
    }

    static func list(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor)
    }

    private static func show(
        _ visitor: Visitor, errors: FieldErrors = FieldErrors(), status: Int = 200
    ) async throws -> PageReply {
        let setting = try await visitor.market.availabilityApproval(
            visitor.asking("getAvailabilityApproval")
        ).body
        let patterns = try await visitor.every {
            try await visitor.market.listProposedAvailability(
                visitor.asking("listProposedAvailability"), state: nil, page: $0)
        }
        let own = try await OwnSpecialist.all(visitor)
        let isManager = try visitor.signedIn.roles.contains(.admin)
        let isRequired = setting["required"]?.flag == true
        var (waiting, decided): ([[String: Any]], [[String: Any]]) = ([], [])
        for sheet in patterns {
            var fields = try row(sheet, own, visitor)
            if sheet["approval"]?["state"]?.text == StoredApproval.State.proposed.rawValue {
                if isManager {
                    fields["may_decide"] = [
                        "reason": TypedField(
                            id: "reason-\(sheet["id"]?.text ?? "")",
                            label: "approval_reason", kind: .text, value: "",
                            hint: "approval_reason_hint"
                        ).fields(visitor, errors)
                    ]
                }
                waiting.append(fields)
            } else {
                decided.append(fields)
            }
        }
        var fields: [String: Any] = [
            "setting_text": visitor.say(isRequired ? "approval_is_on" : "approval_is_off"),
            "has_none": waiting.isEmpty, "waiting": waiting,
            // the newest first, as far as anyone looks back
            "decided": Array(decided.reversed().prefix(50)),
        ]
        if isManager {
            fields["setting"] = [
                "revision": "\(setting["revision"]?.integer ?? 0)",
                "required": CheckBoxes.fields(
                    "required", visitor.say("approval_setting"),
                    [Choice("yes", visitor.say("approval_setting_yes"))],
                    chosen: isRequired ? ["yes"] : []),
            ]
        }
        if let done = visitor.request.query.text("done"),
            ["proposed", "approved", "declined", "saved"].contains(done)
        {
            fields["done"] = ["text": visitor.say("approval_done_\(done)")]
        }
        return try visitor.page(
            "approvals", title: visitor.say("approval_title"), fields, status: status,
            errors: errors)
    }

    private static func row(
        _ sheet: JSON, _ own: [OwnSpecialist], _ visitor: Visitor
    ) throws -> [String: Any] {
        let pattern = try PublishedPattern(sheet)
        let approval = sheet["approval"] ?? .null
        let zone = try visitor.signedIn.zone
        func moment(_ key: String) throws -> String {
            visitor.language.moment(
                try Instant(rfc3339: approval[key]?.text ?? ""), in: zone)
        }
        var fields = try pattern.fields(visitor)
        fields["label"] = try own.chosen(by: pattern.specialist)?.label ?? ""
        fields["proposed"] = visitor.say(
            "approval_proposed_by",
            approval["proposed_by"]?.text ?? visitor.say("approval_machine"),
            try moment("proposed_at"))
        if let replaced = approval["replaces"]?.text, let day = approval["replaces_from"]?.text {
            fields["replaces"] = [
                "address": "/availability/\(replaced)",
                "text": visitor.say(
                    "approval_replaces", visitor.language.date(try CalendarDate(iso: day))),
            ]
        }
        if approval["decided_at"]?.text != nil {
            let decided = try moment("decided_at")
            fields["verdict"] =
                approval["reason"]?.text.map { visitor.say("approval_was_declined", $0) }
                ?? visitor.say("approval_was_approved", decided)
        }
        return fields
    }

    static func save(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        let form = visitor.request.form
        guard let revision = form.text("revision").flatMap({ Int64($0) }) else {
            throw InvalidLink()
        }
        _ = try await visitor.market.updateAvailabilityApproval(
            visitor.asking("updateAvailabilityApproval"), revision: revision,
            required: form.all("required") == ["yes"])
        return .see("\(address)?done=saved")
    }

    static func approve(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        _ = try await visitor.market.approveAvailability(
            visitor.asking("approveAvailability"), AvailabilityPages.id(parameter))
        return .see("\(address)?done=approved")
    }

    static func decline(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.admin])
        let id = try AvailabilityPages.id(parameter)
        // another organisation's is not there, whatever was typed
        _ = try await visitor.market.availability(visitor.asking("getAvailability"), id)
        var errors = FieldErrors()
        let reason = errors.words(
            "reason-\(parameter)", visitor.request.form.text("reason-\(parameter)"), max: 500,
            tooLong: "error_reason_length", missing: "error_approval_reason")
        guard let reason else {
            return try await show(visitor, errors: errors, status: 422)
        }
        _ = try await visitor.market.declineAvailability(
            visitor.asking("declineAvailability"), id, reason: reason)
        return .see("\(address)?done=declined")
    }
}

import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What a scheduler does with a stretch that is marked in a specialist's week: publish it where the
/// ground is free, or take it off sale where it is published. Without script the same forms are
/// filled in by hand.
enum CalendarMarking {
    static let id = "marking"

    /// Nil for those who may not publish.
    static func fields(
        _ visitor: Visitor, _ specialist: OwnSpecialist
    ) async throws -> [String: Any]? {
        guard try visitor.signedIn.roles.contains(.scheduler), specialist.isActive else {
            return nil
        }
        let form = try AvailabilityForm(
            visitor, specialist, newest: try await PublishedPattern.newest(visitor, of: specialist),
            try await ContractList.all(visitor), kind: .once)
        let none = FieldErrors()
        var publishing = form.fields(visitor, own: [specialist], none)
        // whose it is and which kind are said already; a stretch has no pauses
        for key in ["specialist", "tabs", "pauses"] { publishing[key] = nil }
        publishing["times"] = ["from", "to"].map { id in
            TypedField(id: id, label: "availability_\(id)", kind: .time, value: "")
                .fields(visitor, none)
        }
        publishing["dates"] = [
            TypedField(id: "date", label: "availability_date", kind: .date, value: "")
                .fields(visitor, none)
        ]
        var fields = script(visitor)
        fields["publishing"] = publishing
        fields["whose"] = specialist.id.description
        fields["stretch"] = SalePausePages.typedFields(visitor, FormFields([]), none)
        return fields
    }

    /// What the script of the grid says, and which form it fills.
    static func script(_ visitor: Visitor) -> [String: Any] {
        [
            "form_id": id, "clock": visitor.language == .english ? "09:30" : "9.30",
            "says": visitor.say("grid_says"), "label": visitor.say("grid_label"),
            "help": visitor.say("grid_help"),
        ]
    }
}

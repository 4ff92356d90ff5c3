import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// On the page of a duty shift: whether somebody is on duty, and the seller's buttons for it.
enum DutyPart {
    /// Nil where the visit is no duty shift.
    static func fields(_ view: VisitView) throws -> [String: Any]? {
        guard let duty = view.visit["duty"], duty != .null else { return nil }
        let isOn = duty["on_duty"]?.flag == true
        var fields: [String: Any] = [
            "is_on": isOn, "spans": try view.spans(duty["intervals"]),
            "said": view.visitor.say(isOn ? "duty_on" : "duty_off"),
        ]
        if view.isSeller, view.mayJoin {
            fields["saying"] = [
                "do": isOn ? "end" : "begin",
                "button": view.visitor.say(isOn ? "duty_end" : "duty_begin"),
                "is_end": isOn,
            ]
        }
        return fields
    }

    static func say(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try visitor.require([.scheduler, .specialist])
        let id = try BookingPages.id(parameter)
        guard let what = visitor.request.form.text("do"), ["begin", "end"].contains(what) else {
            throw InvalidLink()
        }
        _ = try await visitor.market.sayDuty(
            visitor.asking(what == "begin" ? "beginDuty" : "endDuty"), id, isOn: what == "begin")
        return .see("/visits/\(id)")
    }
}

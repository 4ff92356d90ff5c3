import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The organisation's units, and the number that guests of their visits call.
enum UnitPages {
    static func list(_ visitor: Visitor) async throws -> PageReply {
        try await list(visitor, errors: FieldErrors())
    }

    private static func list(
        _ visitor: Visitor, errors: FieldErrors, status: Int = 200
    ) async throws -> PageReply {
        let units = try await visitor.every {
            try await visitor.market.listUnits(visitor.asking("listUnits"), page: $0)
        }
        let mayChange = try visitor.signedIn.roles.contains(.admin)
        let sent = visitor.request.form
        var fields: [String: Any] = [
            "units": units.enumerated().map { index, unit -> [String: Any] in
                let id = unit["id"]?.text ?? ""
                let telephone = unit["telephone"]?.text
                let isSent = sent.text("unit") == id
                var row: [String: Any] = [
                    "name": unit["name"]?.text ?? "", "zone": unit["time_zone"]?.text ?? "",
                    "number": telephone ?? visitor.say("units_no_telephone"),
                ]
                if mayChange {
                    let field = "telephone-\(index + 1)"
                    var form: [String: Any] = [
                        "unit": id, "revision": "\(unit["revision"]?.integer ?? 0)",
                        "field": field,
                        "value": isSent ? sent.text("telephone") ?? "" : telephone ?? "",
                    ]
                    if isSent, let wrong = errors.entries.first {
                        form["wrong"] = ["text": visitor.say(wrong.text)]
                    }
                    row["edit"] = form
                }
                return row
            }
        ]
        if visitor.request.query.text("done") == "saved" {
            fields["done"] = ["text": visitor.say("units_done_saved")]
        }
        return try visitor.page(
            "units", title: visitor.say("units_title"), fields, status: status, errors: errors)
    }

    static func save(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.admin])
        let form = visitor.request.form
        guard let id = form.text("unit").flatMap({ try? UnitID(typeID: $0) }),
            let revision = form.text("revision").flatMap({ Int64($0) })
        else { throw InvalidLink() }
        let unit = try await visitor.market.unit(visitor.asking("getUnit"), id).body
        let units = try await visitor.every {
            try await visitor.market.listUnits(visitor.asking("listUnits"), page: $0)
        }
        let place = units.firstIndex { $0["id"]?.text == id.description } ?? 0
        var errors = FieldErrors()
        var telephone: TelephoneNumber?
        if let typed = form.text("telephone") {
            telephone = errors.read("telephone-\(place + 1)", "error_telephone") {
                try TelephoneNumber(typed)
            }
        }
        guard errors.isEmpty else { return try await list(visitor, errors: errors, status: 422) }
        do {
            _ = try await visitor.market.updateUnit(
                visitor.asking("updateUnit"), id, revision: revision,
                name: unit["name"]?.text ?? "",
                timeZone: WallClock(zone: unit["time_zone"]?.text ?? ""), telephone: telephone)
        } catch let refusal as Refusal where refusal.code == .revisionDiffers {
            errors.add("telephone-\(place + 1)", "refusal_revision_differs")
            return try await list(visitor, errors: errors, status: 409)
        }
        return .see("/settings/units?done=saved")
    }
}

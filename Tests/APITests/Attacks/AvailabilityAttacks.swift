import API
import MoneyAndTime
import Organisations
import StrictJSON
import TestMarket
import TestServer

extension Trade {
    /// A pattern to be changed and copied, and templates.
    struct Availabilities: Sendable {
        /// Saturday evenings, in which nothing is booked.
        let toChange: String
        let toPublishFrom: String
        let toRemove: String
        let toApprove: String
        let toDecline: String
        let salePause: String
    }

    var availability: [Attack] {
        // of a change far beyond what is expanded, so that it takes nothing off sale: SHA-256 of
        // its canonical bytes
        let far = World.changed(World.evenings(of: unpublished), from: "2029-01-06")
        var changed = far.members ?? [:]
        changed["digest"] =
            "e132f8c0f3fa3a94099b243ce82934e7124fc6f67bdd6e4bc7ac92bd710d61aa"
        // a shift that is over, so that nothing becomes of it
        let roster: JSONObject = [
            "file": JSON("specialist,date,from,to\n\(idle.specialist),2027-03-01,09:00,12:00\n"),
            "first_day": "2027-03-01", "last_day": "2027-03-31",
        ]
        var rosterToImport = roster
        rosterToImport["digest"] =
            "bce64e56ea3e9055a3367143fd3bfc4f8ce059bf40ed22b5d8d0de04563e09d3"
        return [
            Attack(
                operation: .previewAvailabilityChange, path: [world.availability],
                body: .json(
                    World.changed(World.weekly(of: world.specialist), from: "2027-08-02"))),
            Attack(
                operation: .changeAvailability, path: [availabilities.toChange],
                body: .json(.object(changed))),
            Attack(
                operation: .copyAvailability, path: [availabilities.toChange],
                body: .json(["specialist": JSON(idle.specialist)])),
            Attack(operation: .listAvailabilityTemplates, outsider: .ownOnly),
            Attack(
                operation: .addAvailabilityTemplate, body: .json(World.template("Evenings")),
                outsider: .ownOnly),
            Attack(
                operation: .removeAvailabilityTemplate, path: [availabilities.toRemove]),
            Attack(
                operation: .publishFromTemplate, path: [availabilities.toPublishFrom],
                body: .json([
                    "specialist": JSON(unpublished), "starts_on": "2027-09-01",
                    "until": "2027-09-30",
                ])),
            Attack(
                operation: .previewRoster, body: .json(.object(roster)),
                outsider: .refused(422, "invalid_input")),
            Attack(
                operation: .importRoster, body: .json(.object(rosterToImport)),
                outsider: .refused(422, "invalid_input")),
            Attack(operation: .getBusyCalendar, path: [unpublished]),
            Attack(
                operation: .setBusyCalendar, path: [idle.specialist],
                body: .json(["calendar": "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"])),
            Attack(operation: .removeBusyCalendar, path: [world.specialist]),
            Attack(
                operation: .previewSalePause, path: [world.specialist],
                query: "from=2027-07-05T00:00:00Z&until=2027-07-12T00:00:00Z"),
            Attack(
                operation: .pauseSale, path: [unpublished],
                body: .json([
                    "from": "2027-08-02T00:00:00Z", "until": "2027-08-03T00:00:00Z",
                ])),
            Attack(operation: .endSalePause, path: [availabilities.salePause]),
            Attack(
                operation: .getUnitCalendar, path: [seller.unit.description],
                query: "from=2027-07-05T00:00:00Z&until=2027-07-12T00:00:00Z"),
            Attack(operation: .getAvailabilityApproval, outsider: .ownOnly),
            Attack(
                operation: .updateAvailabilityApproval, body: .json(["required": false]),
                revision: "\"2\"", outsider: .refused(412, "revision_differs")),
            Attack(
                operation: .listProposedAvailability, query: "state=proposed",
                outsider: .ownOnly),
            Attack(operation: .approveAvailability, path: [availabilities.toApprove]),
            Attack(
                operation: .declineAvailability, path: [availabilities.toDecline],
                body: .json(["reason": "The room is taken."])),
        ]
    }
}

extension World {
    /// Saturday evenings from the first of March on.
    static func evenings(of specialist: String) -> JSON {
        var members = weekly(of: specialist).members ?? [:]
        members["pattern"] = [
            "kind": "weekly", "weekdays": ["saturday"], "starts_on": "2027-03-01",
        ]
        members["from"] = "20:00"
        members["to"] = "22:00"
        return .object(members)
    }

    /// The same pattern from a later day on.
    static func changed(_ offered: JSON, from day: String) -> JSON {
        var members = offered.members ?? [:]
        var pattern = members["pattern"]?.members ?? [:]
        pattern["starts_on"] = JSON(day)
        members["pattern"] = .object(pattern)
        members["change_from"] = JSON(day)
        return .object(members)
    }

    /// Sunday mornings.
    static func template(_ name: String) -> JSON {
        [
            "name": JSON(name), "weekdays": ["sunday"], "interval_weeks": 1,
            "except_holidays": false, "from": "08:00", "to": "12:00",
            "pauses": [["from": "10:00", "to": "10:15"]], "services": [JSON(service)],
            "grid_minutes": 15, "shortest_minutes": 10, "longest_minutes": 90,
            "buffer_before_minutes": 0, "buffer_after_minutes": 5,
        ]
    }

    /// Two proposals wait; the setting is off again after them.
    func availabilities(of specialist: String) async throws -> Trade.Availabilities {
        for each in [specialist, self.specialist] {
            _ = try await client.post(
                "/v1/specialists/\(each)/busy-calendar",
                ["calendar": "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n"], as: seller.scheduler
            ).made()
        }
        try await setApproval(true, revision: 0)
        let toApprove = try await proposed(of: specialist, "18:00", "20:00")
        let toDecline = try await proposed(of: specialist, "22:00", "23:00")
        try await setApproval(false, revision: 1)
        return Trade.Availabilities(
            toChange: try await client.post(
                "/v1/availability", Self.evenings(of: specialist), as: seller.scheduler
            ).made().text("id"),
            toPublishFrom: try await kept("Sunday mornings"),
            toRemove: try await kept("To be removed"), toApprove: toApprove,
            toDecline: toDecline,
            salePause: try await client.post(
                "/v1/specialists/\(specialist)/sale-pauses",
                ["from": "2027-08-09T00:00:00Z", "until": "2027-08-10T00:00:00Z"],
                as: seller.scheduler
            ).made().text("id"))
    }

    private func proposed(
        of specialist: String, _ from: String, _ to: String
    ) async throws -> String {
        var evening = Self.evenings(of: specialist).members ?? [:]
        evening["from"] = JSON(from)
        evening["to"] = JSON(to)
        return try await client.post(
            "/v1/availability", .object(evening), as: seller.scheduler
        ).made().text("id")
    }

    private func setApproval(_ required: Bool, revision: Int) async throws {
        _ = try await client.send(
            "PUT", "/v1/availability-approval",
            headers: [
                "Authorization": "Bearer \(seller.admin.token.text)",
                "Content-Type": "application/json", "If-Match": "\"\(revision)\"",
            ], body: JSON.object(["required": JSON(required)]).write()
        ).made()
    }

    private func kept(_ name: String) async throws -> String {
        try await client.post(
            "/v1/availability-templates", Self.template(name), as: seller.scheduler
        ).made().text("id")
    }
}

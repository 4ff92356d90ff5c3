import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// The door of a visit on its page: who is in the room, and the guests who wait to be let in.
struct VisitDoor {
    let visitor: Visitor
    let view: VisitView
    let visit: BookingID
    let handshake: JSON
    let errors: FieldErrors

    private var zone: WallClock { view.zone }
    private var address: String { "/visits/\(visit)" }

    /// Only before the minutes are fixed, and for those who may act.
    func add(to fields: inout [String: Any]) async throws {
        guard view.row.state == "booked", view.now < view.closes else { return }
        let guests = view.visit["guests"]?.elements ?? []
        let people = try await visitor.market.peopleInRoom(visitor.asking("getVisit"), visit)
        let words = PeopleWords(visitor: visitor, zone: zone)
        var inside = people.filter { $0.side != nil }.map(words.fields)
        inside += try guests.filter { $0["state"]?.text == "in" }.map(guestInside(words))
        if !inside.isEmpty {
            var people: [String: Any] = ["rows": inside]
            if !RoomPages.isBuiltIn(handshake), guests.contains(where: { $0["state"] == "in" }) {
                people["elsewhere"] = true
            }
            fields["people"] = people
        }
        addLasting(to: &fields)
        guard view.mayAct, view.isAgreed, !view.isOver else { return }
        fields["guests_address"] = ["link": "\(address)/guests"]
        if RoomPages.isBuiltIn(handshake) {
            fields["check_address"] = ["link": "\(address)/check"]
        }
        let waiting = guests.filter { $0["state"]?.text == "waiting" }
        if !waiting.isEmpty {
            fields["door"] = ["rows": try waiting.enumerated().map { try row($1, $0, of: guests) }]
        }
    }

    /// A guest who is in, with how it was identified; whoever may can put it out again.
    private func guestInside(
        _ words: PeopleWords
    ) -> (JSON) throws -> [String: Any] {
        { guest in
            let admission = guest["let_in"]
            var fields: [String: Any] = [
                "name": visitor.say("guest_kind_\(guest["kind"]?.text ?? "")"),
                "since": visitor.say("people_since", try time(admission?["at"])),
            ]
            if let how = admission?["identification"]?.text
                .flatMap(Identification.init(rawValue:))
            {
                let side = visitor.say("sender_\(admission?["side"]?.text ?? "")")
                fields["of"] = words.identified(
                    how, by: admission?["by"]?.text ?? "", of: side)
            }
            if try isSilent(guest) {
                fields["silent"] = ["text": visitor.say("door_silent", try time(guest["seen_at"]))]
            }
            if view.mayAct { fields["put_out"] = ["guest": guest["id"]?.text ?? ""] }
            return fields
        }
    }

    /// A guest who waits, with the form that lets it in.
    private func row(
        _ guest: JSON, _ index: Int, of all: [JSON]
    ) throws -> [String: Any] {
        let link = guest["link"]?.text
        let places = all.filter {
            $0["link"]?.text == link && ["waiting", "in"].contains($0["state"]?.text)
        }
        let chosen = visitor.request.form.text("identified")
        let id = guest["id"]?.text ?? ""
        var row: [String: Any] = [
            "guest": id, "field": "identified-\(index + 1)",
            "name": visitor.say("guest_kind_\(guest["kind"]?.text ?? "")"),
            "since": visitor.say("door_since", try time(guest["came_at"])),
            "ways": Identification.allCases.map { way -> [String: Any] in
                var option: [String: Any] = [
                    "value": way.rawValue, "text": visitor.say("identified_\(way.rawValue)"),
                ]
                if way.rawValue == chosen { option["selected"] = true }
                return option
            },
        ]
        if try isSilent(guest) {
            row["silent"] = ["text": visitor.say("door_silent", try time(guest["seen_at"]))]
        }
        if places.count > 1 { row["twice"] = true }
        if visitor.request.form.text("guest") == id,
            let wrong = errors.message(of: "identified-\(index + 1)")
        {
            row["wrong"] = ["text": visitor.say(wrong)]
        }
        return row
    }

    /// For how long the sides have met, breaks included; it goes on while both are there.
    private func addLasting(to fields: inout [String: Any]) {
        guard let first = view.visit["billable"]?["intervals"]?.elements?.first,
            let start = try? TimeSlot(shown: first).start
        else { return }
        let present = view.visit["present"]
        let isOn = ["seller", "buyer"].allSatisfy { present?[$0]?.elements?.isEmpty == false }
        let last = view.visit["billable"]?["intervals"]?.elements?.last
        let end = isOn ? view.now : (try? last.map { try TimeSlot(shown: $0).end }) ?? start
        guard let seconds = try? max(0, end.seconds(since: start)) else { return }
        fields["lasting"] = [
            "seconds": "\(seconds)", "running": isOn ? "yes" : "no",
            "since": visitor.language.time(start, in: zone),
            "text": visitor.language.length(seconds: seconds / 60 * 60),
        ]
    }

    private func isSilent(_ guest: JSON) throws -> Bool {
        let seen = try Instant(rfc3339: guest["seen_at"]?.text ?? "")
        return try view.now.seconds(since: seen) > 60
    }

    private func time(_ json: JSON?) throws -> String {
        visitor.language.time(try Instant(rfc3339: json?.text ?? ""), in: zone)
    }
}

extension VisitDoor {
    /// Lets a guest in, with how it was identified, or puts it out.
    static func answer(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        try visitor.require([.scheduler, .specialist])
        let visit = try await visitor.market.visit(visitor.asking("getVisit"), id).body
        let form = visitor.request.form
        guard let guest = form.text("guest").flatMap({ try? GuestID(typeID: $0) }),
            let guests = visit["guests"]?.elements,
            guests.contains(where: { $0["id"]?.text == guest.description })
        else { throw InvalidLink() }
        var errors = FieldErrors()
        let waiting = guests.filter { $0["state"]?.text == "waiting" }
        let place = waiting.firstIndex { $0["id"]?.text == guest.description }
        let field = place.map { "identified-\($0 + 1)" }
        do {
            switch form.text("do") {
            case "put_out":
                _ = try await visitor.market.putGuestOut(visitor.asking("putGuestOut"), guest)
                return .see("/visits/\(id)")
            case "let_in": break
            default: throw InvalidLink()
            }
            if let how = form.text("identified").flatMap(Identification.init(rawValue:)) {
                _ = try await visitor.market.letGuestIn(
                    visitor.asking("letGuestIn"), guest, identified: how)
                return .see("/visits/\(id)")
            }
            errors.add(field, "error_identified")
        } catch let refusal as Refusal where refusal.code == .guestNotWaiting {
            errors.add(nil, "refusal_guest_not_waiting")
        }
        return try await VisitPages.show(visitor, id, errors: errors, status: 422)
    }
}

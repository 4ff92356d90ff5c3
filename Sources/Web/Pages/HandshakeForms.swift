import MoneyAndTime
import Visits

/// The forms for what this side may say now.
struct HandshakeForms {
    let visitor: Visitor
    let zone: WallClock
    let errors: FieldErrors
    let state: String
    let isAwaited: Bool
    let starts: Instant
    /// By when the other side is asked to answer, unless the form is changed.
    let deadline: Instant
    let isSeller: Bool
    /// Which rooms are possible, first choice first.
    let rooms: [Choice]
    /// As it was agreed or proposed last; nil where nothing was.
    let room: Room?
    let needs: Set<Proposal.Need>

    /// Before the visit starts: offers, and their answers.
    func addTalk(to fields: inout [String: Any]) {
        let isOpen = ["proposed", "countered", "rescheduling"].contains(state)
        if isOpen, isAwaited { fields["may_accept"] = true }
        let kind: String? =
            switch state {
            case "none": "propose"
            case "proposed", "countered", "rescheduling": isAwaited ? "counter" : nil
            case "agreed", "ready": "counter"
            default: nil
            }
        if let kind {
            if rooms.isEmpty {
                fields["no_room"] = ["text": visitor.say("handshake_no_room")]
            } else {
                fields["offer_form"] = offer(kind)
            }
        }
        if isOpen {
            let stop = isAwaited ? "decline" : "withdraw"
            fields["stop_form"] = [
                "kind": stop, "button": visitor.say("handshake_say_\(stop)"), "cause": cause,
                "warning": visitor.say(
                    state == "rescheduling"
                        ? "handshake_agreed_stands" : "handshake_\(stop)_warning"),
            ]
        }
    }

    /// Until the visit's planned end: whether this side is ready.
    func addReadiness(to fields: inout [String: Any]) {
        guard state == "agreed" || state == "ready" else { return }
        fields["ready_form"] = Self.checks(visitor, errors)
        fields["not_ready_form"] = ["cause": cause]
    }

    /// The boxes of what a side has tried before it says that it is ready.
    static func checks(_ visitor: Visitor, _ errors: FieldErrors) -> [String: Any] {
        CheckBoxes.fields(
            "checks", visitor.say("handshake_checks"),
            ["device", "line", "record_access"].map { Choice($0, visitor.say("check_\($0)")) },
            chosen: Set(visitor.request.form.all("checks")),
            error: errors.message(of: "checks").map { visitor.say($0) })
    }

    private var cause: [String: Any] {
        TypedField(
            id: "cause", label: "handshake_cause", kind: .text,
            value: visitor.request.form.text("cause") ?? "", hint: "handshake_cause_hint"
        ).fields(visitor, errors)
    }

    private func offer(_ kind: String) -> [String: Any] {
        let sent = visitor.request.form
        let isSent = sent.text("kind") == kind
        func field(
            _ id: String, _ kind: TypedField.Kind, _ value: String, hint: String? = nil
        ) -> [String: Any] {
            TypedField(
                id: id, label: "handshake_\(id)", kind: kind,
                value: isSent ? sent.text(id) ?? "" : value, hint: hint
            ).fields(visitor, errors)
        }
        let chosenRoom = isSent ? sent.text("room") : room?.provider.rawValue
        let chosenNeeds = isSent ? Set(sent.all("needs")) : Set(needs.map(\.rawValue))
        var fields: [String: Any] = [
            "kind": kind, "button": visitor.say("handshake_say_\(kind)"),
            "title": visitor.say("handshake_\(kind)_title"),
            "inputs": [
                field("date", .date, zone.date(of: starts).iso),
                field("time", .time, zone.timeOfDay(of: starts).description),
                field("answer_date", .date, zone.date(of: deadline).iso),
                field("answer_time", .time, zone.timeOfDay(of: deadline).description),
            ],
            "rooms": Choice.field(
                "room", visitor.say("handshake_room"), rooms, selected: chosenRoom,
                error: errors.message(of: "room").map { visitor.say($0) }),
            "needs": CheckBoxes.fields(
                "needs", visitor.say("handshake_needs"),
                Proposal.Need.allCases.map {
                    Choice($0.rawValue, visitor.say("need_\($0.rawValue)"))
                }, chosen: chosenNeeds),
        ]
        // the address follows from the seller's settings; only the seller gives another one, which
        // the buyer keeps when it offers another time
        let link = room.flatMap { $0.provider == .ownLink ? $0.link : nil } ?? ""
        if !isSeller, !link.isEmpty {
            fields["kept_link"] = ["link": link]
        } else if isSeller, rooms.contains(where: { $0.value == Room.Provider.ownLink.rawValue }) {
            fields["link"] = field("link", .text, link, hint: "handshake_link_hint")
        }
        return fields
    }
}

import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// A handshake as one side reads it: where it stands, whose turn it is, what was said, and the
/// forms for what this side may say now.
struct HandshakeView {
    let fields: [String: Any]

    init(
        _ handshake: JSON, _ visitor: Visitor, isSeller: Bool, isBooked: Bool,
        replyMinutes: Int64, errors: FieldErrors
    ) throws {
        let login = try visitor.signedIn
        let language = visitor.language
        let side = isSeller ? "seller" : "buyer"
        let state = handshake["state"]?.text ?? ""
        let awaited = handshake["awaited"]?.text
        let deadline = try handshake["reply_by"]?.text.map { try Instant(rfc3339: $0) }
        var fields: [String: Any] = [
            "state": visitor.say("handshake_\(state)"),
            "sequence": "\((handshake["sequence"]?.integer ?? 0) + 1)",
            "messages": try (handshake["messages"]?.elements ?? []).map {
                try Self.message($0, visitor, zone: login.zone)
            },
        ]
        if let deadline {
            let moment = language.moment(deadline, in: login.zone)
            let key =
                awaited == nil
                ? "handshake_by_either"
                : awaited == side ? "handshake_by_us" : "handshake_by_them"
            fields["deadline"] = ["text": visitor.say(key, moment)]
        }
        let starts = try Instant(rfc3339: handshake["starts"]?.text ?? "")
        let offer = handshake["offer"]?["starts"]?.text
        if let offer = try offer.map({ try Instant(rfc3339: $0) }),
            let ends = handshake["offer"]?["ends"]?.text
        {
            fields["offer"] = [
                "moment": language.span(offer, try Instant(rfc3339: ends), in: login.zone)
            ]
        }
        let maySpeak =
            !login.roles.isDisjoint(with: [.scheduler, .specialist]) && isBooked
            && starts > login.now
        if maySpeak {
            Self.addForms(
                to: &fields, state, isAwaited: awaited == side, starts: starts,
                deadline: try Self.deadline(after: login.now, replyMinutes, starts: starts),
                visitor, login.zone, errors)
        }
        self.fields = fields
    }

    private static func addForms(
        to fields: inout [String: Any], _ state: String, isAwaited: Bool, starts: Instant,
        deadline: Instant, _ visitor: Visitor, _ zone: WallClock, _ errors: FieldErrors
    ) {
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
            fields["offer_form"] = offerForm(
                kind, starts: starts, deadline: deadline, visitor, zone, errors)
        }
        let stop: String? =
            switch state {
            case "proposed", "countered", "rescheduling": isAwaited ? "decline" : "withdraw"
            default: nil
            }
        if let stop {
            let cause = TypedField(
                id: "cause", label: "handshake_cause", kind: .text,
                value: visitor.request.form.text("cause") ?? "", hint: "handshake_cause_hint")
            fields["stop_form"] = [
                "kind": stop, "button": visitor.say("handshake_say_\(stop)"),
                "cause": cause.fields(visitor, errors),
                "warning": visitor.say("handshake_\(stop)_warning"),
            ]
        }
    }

    /// The whole time to answer that the contract gives, with some minutes for filling in the form,
    /// at a quarter of an hour; or until the start where that is sooner.
    private static func deadline(
        after now: Instant, _ replyMinutes: Int64, starts: Instant
    ) throws -> Instant {
        let quarter: Int64 = 900
        let soonest = try now.adding(seconds: replyMinutes * 60 + 2 * quarter).secondsSince1970
        return min(starts, try Instant(secondsSince1970: soonest / quarter * quarter))
    }

    private static func offerForm(
        _ kind: String, starts: Instant, deadline: Instant, _ visitor: Visitor,
        _ zone: WallClock, _ errors: FieldErrors
    ) -> [String: Any] {
        func field(_ id: String, _ kind: TypedField.Kind, _ value: String) -> [String: Any] {
            TypedField(
                id: id, label: "handshake_\(id)", kind: kind,
                value: visitor.request.form.text(id) ?? value
            ).fields(visitor, errors)
        }
        return [
            "kind": kind, "button": visitor.say("handshake_say_\(kind)"),
            "title": visitor.say("handshake_\(kind)_title"),
            "inputs": [
                field("date", .date, zone.date(of: starts).iso),
                field("time", .time, zone.timeOfDay(of: starts).description),
                field("answer_date", .date, zone.date(of: deadline).iso),
                field("answer_time", .time, zone.timeOfDay(of: deadline).description),
            ],
        ]
    }

    private static func message(
        _ message: JSON, _ visitor: Visitor, zone: WallClock
    ) throws -> [String: Any] {
        let kind = message["kind"]?.text ?? ""
        var fields: [String: Any] = [
            "who": visitor.say("sender_\(message["sender"]?.text ?? "")"),
            "what": visitor.say("message_\(kind)"),
            "at": visitor.language.moment(
                try Instant(rfc3339: message["at"]?.text ?? ""), in: zone),
        ]
        if let starts = message["offer"]?["starts"]?.text,
            let ends = message["offer"]?["ends"]?.text
        {
            fields["offered"] = [
                "moment": visitor.language.span(
                    try Instant(rfc3339: starts), try Instant(rfc3339: ends), in: zone)
            ]
        }
        if let cause = message["cause"]?.text { fields["cause"] = ["text": cause] }
        return fields
    }
}

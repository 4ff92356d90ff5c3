import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// A visit as one side reads it: who is there, what has been measured, and what both say of it.
struct VisitView {
    let row: BookingRow
    let visit: JSON
    let visitor: Visitor
    let isSeller: Bool
    let isAgreed: Bool
    let opens: Instant
    let closes: Instant
    let now: Instant
    let zone: WallClock

    init(
        of booking: JSON, _ agreed: Market.AgreedVisit, _ visitor: Visitor, sold: [SoldInContract]
    ) throws {
        let login = try visitor.signedIn
        row = try BookingRow(booking, visitor, sold: sold)
        visit = agreed.visit
        isAgreed = ["agreed", "ready", "rescheduling"].contains(agreed.handshake["state"]?.text)
        isSeller = booking["seller"]?.text == login.organisation.description
        opens = try Instant(rfc3339: visit["opens"]?.text ?? "")
        closes = try Instant(rfc3339: visit["closes"]?.text ?? "")
        (now, zone) = (login.now, login.zone)
        self.visitor = visitor
    }

    var side: String { isSeller ? "seller" : "buyer" }
    var other: String { isSeller ? "buyer" : "seller" }
    var isOver: Bool { visit["over"]?.flag == true }
    var measured: Int64 { computed.seconds }
    /// What was measured, entered and reported.
    var computed: Attestation.Figures { Attestation.Figures(computedIn: visit) }
    var mayAct: Bool {
        visitor.login.map { !$0.roles.isDisjoint(with: [.scheduler, .specialist]) } ?? false
    }
    var mayJoin: Bool {
        mayAct && row.state == "booked" && isAgreed && !areKept && opens <= now && now < closes
    }

    /// From the first word on, what was measured stays as it is, and nobody can join any more.
    var areKept: Bool { word(of: "seller") != nil || word(of: "buyer") != nil }

    /// Whether something can be told of it now.
    var mayTell: Bool { mayAct && row.state == "booked" && isAgreed && opens <= now }

    /// The figures that a side stands by.
    func word(of side: String) -> Attestation.Figures? {
        Attestation.Figures(said: visit["attestations"]?[side])
    }

    /// What there is to do, or to wait for.
    var todo: String {
        if row.state == "closed" { return visitor.say("visit_todo_closed") }
        if !isOver {
            if !isAgreed { return visitor.say("visit_todo_agree") }
            if now < opens {
                return visitor.say("visit_todo_opens", visitor.language.time(opens, in: zone))
            }
            return visitor.say("visit_todo_join")
        }
        switch visit["state"]?.text {
        case "contested": return visitor.say("visit_todo_contested")
        case "awaiting" where word(of: side) != nil: return visitor.say("visit_todo_other")
        default: return visitor.say("visit_todo_attest")
        }
    }

    // MARK: What was measured

    /// Both sides: who is there now, and when they were.
    func sides(participant: String) throws -> [[String: Any]] {
        try ["seller", "buyer"].map { side in
            let present = visit["present"]?[side]?.elements ?? []
            var fields: [String: Any] = [
                "who": visitor.say("sender_\(side)") + (side == self.side ? ownMark : ""),
                "is_there": !present.isEmpty,
                "said": visitor.say(
                    present.isEmpty ? "visit_not_there" : "visit_there",
                    visitor.language.number("\(present.count)")),
                "spans": try spans(visit["attendance"]?[side]),
            ]
            if side == self.side, present.contains(where: { $0.text == participant }) {
                fields["you"] = true
            }
            return fields
        }
    }

    private var ownMark: String { " (\(visitor.say("visit_own_side")))" }

    func spans(_ json: JSON?) throws -> [[String: Any]] {
        try (json?.elements ?? []).map { span in
            let slot = try TimeSlot(shown: span)
            let from = visitor.language.time(slot.start, in: zone)
            let until = visitor.language.time(slot.end, in: zone)
            return ["text": "\(from)–\(until) (\(visitor.language.length(seconds: slot.seconds)))"]
        }
    }

    /// What each side says of the minutes.
    func words() throws -> [[String: Any]] {
        try ["seller", "buyer"].compactMap { side in
            guard let word = visit["attestations"]?[side], let figures = self.word(of: side)
            else { return nil }
            let isContest = word["verdict"]?.text == "contested"
            var fields: [String: Any] = [
                "who": visitor.say("sender_\(side)"),
                "what": visitor.say(
                    isContest ? "minutes_contests" : "minutes_attests",
                    visitor.words(of: figures)),
                "at": visitor.language.moment(
                    try Instant(rfc3339: word["at"]?.text ?? ""), in: zone),
            ]
            if let reason = word["reason"]?.text { fields["cause"] = ["text": reason] }
            return fields
        }
    }

    /// What happens next with the minutes.
    var next: String {
        if row.state == "closed" { return visitor.say("minutes_next_closed") }
        switch visit["state"]?.text {
        case "contested": return visitor.say("minutes_next_contested")
        case "awaiting" where word(of: side) != nil: return visitor.say("minutes_next_other")
        default: return visitor.say("minutes_next")
        }
    }

    /// The figures that this side may attest: the other side's, and the measured one.
    var figures: [Attestation.Figures] {
        var figures: [Attestation.Figures] = []
        for figure in [word(of: other), computed].compactMap({ $0 })
        where !figures.contains(figure) && figure != word(of: side) {
            figures.append(figure)
        }
        return figures
    }
}

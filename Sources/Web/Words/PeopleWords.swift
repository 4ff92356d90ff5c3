import MoneyAndTime
import Storage
import Visits

/// Who is in the room of a visit, in words.
struct PeopleWords {
    let visitor: Visitor
    let zone: WallClock

    func fields(_ person: PersonInRoom) -> [String: Any] {
        var fields: [String: Any] = [:]
        if person.side != nil {
            fields["name"] = person.label
            fields["of"] = person.host ?? ""
        } else {
            fields["name"] = visitor.say("guest_kind_\(person.label)")
            if let identification = person.identification {
                fields["of"] = identified(
                    identification, by: person.byName ?? "", of: person.byHost)
            }
        }
        if let since = person.since {
            fields["since"] = visitor.say("people_since", visitor.language.time(since, in: zone))
        }
        return fields
    }

    /// How a guest was identified, and by whom.
    func identified(_ how: Identification, by name: String, of host: String?) -> String {
        let who = host.map { $0 == name ? name : "\(name), \($0)" } ?? name
        return visitor.say("identified_by", visitor.say("identified_\(how.rawValue)"), who)
    }
}

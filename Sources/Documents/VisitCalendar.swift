import MoneyAndTime
import Organisations
import Visits

/// A visit as calendars are told of it: what it is called by one of its sides, and where it is. No
/// patient and no price is in it.
package struct CalendarVisit: Hashable, Sendable {
    package let booking: BookingID
    package let summary: String
    package let location: String?
    /// The page of the booking, and that of the visit; nil where nobody has said where the pages
    /// are.
    package let page: String?
    package let visitPage: String?

    package init(
        booking: BookingID, summary: String, location: String?, page: String?, visitPage: String?
    ) {
        self.booking = booking
        self.summary = summary
        self.location = location
        self.page = page
        self.visitPage = visitPage
    }
}

/// Who organises a visit, or attends it: one of the two organisations.
package struct CalendarParty: Hashable, Sendable {
    package let organisation: OrganisationID
    package let name: String
    /// Nil where it has none that mail can be sent to; then it is named by a `urn:uuid:`.
    package let mailbox: EmailAddress?

    package init(organisation: OrganisationID, name: String, mailbox: EmailAddress?) {
        self.organisation = organisation
        self.name = name
        self.mailbox = mailbox
    }

    /// A CAL-ADDRESS (RFC 5545 §3.3.3; RFC 6068 §2 for what a mailbox may not hold as it is).
    var address: String {
        guard let mailbox else { return "urn:uuid:\(organisation.uuidString)" }
        let kept = Set("-._~!$'*+@".utf8)
        return mailbox.text.utf8.reduce(into: "mailto:") { address, byte in
            let isKept =
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
                || (0x61...0x7A).contains(byte) || kept.contains(byte)
            address +=
                isKept
                ? String(Unicode.Scalar(byte))
                : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
        }
    }
}

/// Visits as iCalendar objects (RFC 5545; RFC 5546 for the exchange; RFC 7986 for the room).
package enum VisitCalendar {
    static let product = "-//Aikatori//Visits//EN"

    /// One message of the exchange.
    package static func message(
        _ message: Invitation.Message, of visit: CalendarVisit, seller: CalendarParty,
        buyer: CalendarParty
    ) -> [UInt8] {
        var writer = CalendarWriter()
        writer.calendar { writer in
            writer.line("METHOD", message.method.rawValue)
            writer.component("VEVENT") { writer in
                writer.head(
                    visit, sequence: message.sequence, at: message.at, slot: message.slot,
                    status: message.status)
                let organiser = message.organiser == .seller ? seller : buyer
                writer.line("ORGANIZER", organiser.address, ["CN": organiser.name])
                for side in Side.allCases
                where message.method != .reply || side == message.speaker {
                    let party = side == .seller ? seller : buyer
                    // answers go by the pages and the API: nobody reads replies that come by mail
                    writer.line(
                        "ATTENDEE", party.address,
                        [
                            "CN": party.name, "CUTYPE": "GROUP",
                            "PARTSTAT": message.participation(of: side).rawValue,
                            "RSVP": "FALSE",
                        ])
                }
                if message.status != .cancelled { writer.conference(message.room, visit) }
            }
        }
        return writer.bytes
    }

    /// The visit as it is, for a calendar of one's own: no invitation, and nobody is asked.
    package static func event(_ event: Invitation.Event, of visit: CalendarVisit) -> [UInt8] {
        var writer = CalendarWriter()
        writer.calendar { $0.event(event, of: visit) }
        return writer.bytes
    }

    /// All of somebody's visits, to be read again and again. `name` is what the calendar is called.
    package static func feed(
        named name: String, _ visits: [(event: Invitation.Event, visit: CalendarVisit)]
    ) -> [UInt8] {
        var writer = CalendarWriter()
        writer.calendar { writer in
            writer.text("NAME", name)
            writer.text("X-WR-CALNAME", name)
            writer.line("REFRESH-INTERVAL", "PT15M", ["VALUE": "DURATION"])
            writer.line("X-PUBLISHED-TTL", "PT15M")
            for (event, visit) in visits { writer.event(event, of: visit) }
        }
        return writer.bytes
    }
}

extension CalendarWriter {
    fileprivate mutating func calendar(_ body: (inout CalendarWriter) -> Void) {
        component("VCALENDAR") { writer in
            writer.line("VERSION", "2.0")
            writer.line("PRODID", VisitCalendar.product)
            body(&writer)
        }
    }

    fileprivate mutating func event(_ event: Invitation.Event, of visit: CalendarVisit) {
        component("VEVENT") { writer in
            writer.head(
                visit, sequence: event.sequence, at: event.at, slot: event.slot,
                status: event.status)
            writer.line("LAST-MODIFIED", Self.utc(event.at))
            writer.line("TRANSP", event.status == .cancelled ? "TRANSPARENT" : "OPAQUE")
            if event.status != .cancelled { writer.conference(event.room, visit) }
        }
    }

    fileprivate mutating func head(
        _ visit: CalendarVisit, sequence: Int64, at instant: Instant, slot: TimeSlot,
        status: Invitation.Status
    ) {
        line("UID", visit.booking.description)
        line("SEQUENCE", "\(sequence)")
        line("DTSTAMP", Self.utc(instant))
        line("DTSTART", Self.utc(slot.start))
        line("DTEND", Self.utc(slot.end))
        line("STATUS", status.rawValue)
        text("SUMMARY", visit.summary)
        if let location = visit.location { text("LOCATION", location) }
        if let page = visit.page {
            line("URL", page)
            // many calendars do not show the URL
            text("DESCRIPTION", page)
        }
    }

    /// Where the two sides meet: by the organisation's own link, or on the page of the visit.
    fileprivate mutating func conference(_ room: Room, _ visit: CalendarVisit) {
        // a room of Jitsi opens from that page only
        let own = room.provider == .ownLink ? room.link : nil
        guard let link = own ?? visit.visitPage else { return }
        // a list of two words, which is not one in quotes
        line("CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO", link)
    }
}

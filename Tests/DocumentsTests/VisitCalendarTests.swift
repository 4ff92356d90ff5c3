import MoneyAndTime
import Organisations
import Testing
import Visits

@testable import Documents

@Suite("Visits as iCalendar")
struct VisitCalendarTests {
    private static let slot = Result {
        try TimeSlot(
            start: Instant(rfc3339: "2027-03-28T00:30:00Z"),
            end: Instant(rfc3339: "2027-03-28T01:15:00Z"))
    }

    private static func visit(
        _ summary: String = "Visit", location: String? = nil
    ) -> CalendarVisit {
        CalendarVisit(
            booking: BookingID(bits: 1), summary: summary, location: location,
            page: "https://aikatori.example/bookings/1",
            visitPage: "https://aikatori.example/visits/1")
    }

    private static func party(_ name: String, _ mailbox: String?) throws -> CalendarParty {
        CalendarParty(
            organisation: OrganisationID(bits: 7), name: name,
            mailbox: try mailbox.map { try EmailAddress($0) })
    }

    private static func message(
        _ visit: CalendarVisit = visit(), seller: CalendarParty, buyer: CalendarParty
    ) throws -> String {
        let opened = Handshake.agreedInAdvance(
            booked: try slot.get(), answerSeconds: 10, room: .builtIn
        ).handshake
        let invitation = Invitation(
            of: opened, at: try Instant(rfc3339: "2027-03-01T08:00:00.75Z"))
        let newest = try #require(invitation.message(for: .buyer))
        return String(
            decoding: VisitCalendar.message(newest, of: visit, seller: seller, buyer: buyer),
            as: UTF8.self)
    }

    /// Lines as they were before they were folded; each at most 75 bytes, and ended by CR LF.
    private static func unfolded(_ text: String) -> [String] {
        #expect(text.hasSuffix("\r\n"))
        let lines = text.split(separator: "\r\n", omittingEmptySubsequences: false).dropLast()
        var whole: [String] = []
        for line in lines {
            #expect(line.utf8.count <= 75 && !line.isEmpty, "\(line)")
            #expect(!line.utf8.contains(10) && !line.utf8.contains(13))
            if line.first == " " {
                whole[whole.count - 1] += line.dropFirst()
            } else {
                whole.append(String(line))
            }
        }
        return whole
    }

    @Test func anInvitation() throws {
        let text = try Self.message(
            seller: Self.party("Example Hospital", "office@hospital.example"),
            buyer: Self.party("Health \"Centre\"; North, 1", "a%b&c@centre.example"))
        #expect(
            Self.unfolded(text) == [
                "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Aikatori//Visits//EN",
                "METHOD:REQUEST", "BEGIN:VEVENT", "UID:booking_00000000000000000000000001",
                "SEQUENCE:0", "DTSTAMP:20270301T080000Z", "DTSTART:20270328T003000Z",
                "DTEND:20270328T011500Z", "STATUS:CONFIRMED", "SUMMARY:Visit",
                "URL:https://aikatori.example/bookings/1",
                "DESCRIPTION:https://aikatori.example/bookings/1",
                "ORGANIZER;CN=\"Example Hospital\":mailto:office@hospital.example",
                "ATTENDEE;CN=\"Example Hospital\";CUTYPE=GROUP;PARTSTAT=ACCEPTED;RSVP=FALSE"
                    + ":mailto:office@hospital.example",
                "ATTENDEE;CN=\"Health ^'Centre^'; North, 1\";CUTYPE=GROUP;PARTSTAT=ACCEPTED;"
                    + "RSVP=FALSE:mailto:a%25b%26c@centre.example",
                "CONFERENCE;VALUE=URI;FEATURE=AUDIO,VIDEO:https://aikatori.example/visits/1",
                "END:VEVENT", "END:VCALENDAR",
            ])
    }

    @Test func aPartyWithoutAMailboxIsNamedByItsIdentifier() throws {
        let text = try Self.message(
            seller: Self.party("Seller", nil), buyer: Self.party("Buyer", "b@c.example"))
        #expect(text.contains("ORGANIZER;CN=Seller:urn:uuid:00000000-0000-0000-0000-000000000007"))
    }

    @Test(
        "nothing that is put in begins a line, a property or a parameter of its own",
        arguments: [
            "a\r\nATTENDEE:mailto:b@example.org", "a\nMETHOD:CANCEL", "a;b,c\\d", "a\rb",
            "\"quoted\"", "a^nb", "\u{0}\u{7F}x", "a\u{2028}b", "", ";CN=x:y",
            String(repeating: "ä", count: 300), "a" + String(repeating: "👩‍⚕️", count: 60),
        ])
    func hostileWords(words: String) throws {
        let text = try Self.message(
            Self.visit(words, location: words), seller: Self.party(words, "a@b.example"),
            buyer: Self.party("Buyer", "b@c.example"))
        let lines = Self.unfolded(text)
        #expect(lines.count == 21, "\(lines)")
        #expect(lines.filter { $0.hasPrefix("METHOD") } == ["METHOD:REQUEST"])
        #expect(lines.filter { $0.hasPrefix("ATTENDEE") }.count == 2)
        // our own reader finds the words again, but for what no text may hold
        let kept = String(
            String.UnicodeScalarView(words.unicodeScalars.filter { $0.isReadable })
        ).replacing("\u{2028}", with: "\n")
        let read = CalendarLine.all(text)
        let summary = try #require(read.first { $0.name == "SUMMARY" })
        #expect(Self.unescaped(summary.value) == kept)
        let organiser = try #require(read.first { $0.name == "ORGANIZER" })
        #expect(organiser.value == "mailto:a@b.example")
        #expect(Self.decoded(organiser.parameters["CN"] ?? "") == kept)
    }

    private static func unescaped(_ text: String) -> String {
        var (whole, isEscaped) = ("", false)
        for character in text {
            if isEscaped {
                whole.append(character == "n" ? "\n" : character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else {
                whole.append(character)
            }
        }
        return whole
    }

    /// RFC 6868.
    private static func decoded(_ text: String) -> String {
        var (whole, isEscaped) = ("", false)
        for character in text {
            if isEscaped {
                whole += character == "n" ? "\n" : character == "'" ? "\"" : "^"
                isEscaped = false
            } else if character == "^" {
                isEscaped = true
            } else {
                whole.append(character)
            }
        }
        return whole
    }

    @Test("a character at the fold stays whole", arguments: 60...75)
    func folds(length: Int) throws {
        let words =
            String(repeating: "a", count: length) + "äö€😀" + String(repeating: "b", count: 80)
        var writer = CalendarWriter()
        writer.text("SUMMARY", words)
        let text = try #require(String(validating: writer.bytes, as: UTF8.self))
        for line in text.split(separator: "\r\n") {
            #expect(line.utf8.count <= 75)
            #expect(String(validating: Array(line.utf8), as: UTF8.self) != nil)
        }
        #expect(Self.unfolded(text) == ["SUMMARY:\(words)"])
    }

    /// Else a visit would be busy time of its own, and stay so when it is cancelled here.
    @Test("a visit that came back from a calendar kept elsewhere takes nothing off sale")
    func comesBack() throws {
        let event = Invitation.Event(
            sequence: 0, at: try Instant(rfc3339: "2027-03-01T08:00:00Z"),
            slot: try Self.slot.get(), room: .builtIn, status: .confirmed)
        let feed = VisitCalendar.feed(named: "a", [(event, Self.visit())])
        let around = try TimeSlot(
            start: Instant(rfc3339: "2027-03-27T00:00:00Z"),
            end: Instant(rfc3339: "2027-03-29T00:00:00Z"))
        func busy(_ text: String) throws -> [TimeSlot] {
            try BusyCalendar(Array(text.utf8), in: around, floating: WallClock(zone: "UTC")).busy
        }
        let text = String(decoding: feed, as: UTF8.self)
        #expect(try busy(text) == [])
        #expect(try busy(text.replacing("UID:booking_", with: "UID:other_")) == [event.slot])
    }

    @Test func aFeedHasItsNameAndEachVisitAsItIs() throws {
        let at = try Instant(rfc3339: "2027-03-01T08:00:00Z")
        func event(_ status: Invitation.Status) throws -> Invitation.Event {
            .init(sequence: 3, at: at, slot: try Self.slot.get(), room: .builtIn, status: status)
        }
        let text = String(
            decoding: VisitCalendar.feed(
                named: "Aikatori: Psykiatri 1",
                [(try event(.confirmed), Self.visit()), (try event(.cancelled), Self.visit())]),
            as: UTF8.self)
        let lines = Self.unfolded(text)
        #expect(lines.contains("X-WR-CALNAME:Aikatori: Psykiatri 1"))
        #expect(!lines.contains { $0.hasPrefix("METHOD") || $0.hasPrefix("ATTENDEE") })
        #expect(
            lines.filter { $0.hasPrefix("STATUS") } == ["STATUS:CONFIRMED", "STATUS:CANCELLED"])
        #expect(lines.filter { $0.hasPrefix("TRANSP") } == ["TRANSP:OPAQUE", "TRANSP:TRANSPARENT"])
        #expect(lines.filter { $0.hasPrefix("CONFERENCE") }.count == 1)
    }
}

import Contracts
import Documents
import MoneyAndTime
import Organisations
import Postgres
import Scheduling
import Storage
import StrictJSON
import Visits

// A visit as calendars are told of it: the newest message of its invitation, and the visit as it
// is.

/// What is told of one visit to one of its sides.
struct VisitInCalendars {
    let booking: StoredBooking
    let side: Visits.Side
    let invitation: Invitation
    let visit: CalendarVisit
    let seller: CalendarParty
    let buyer: CalendarParty

    /// The newest message of the exchange for this side; nil before the first.
    var message: Document? {
        guard let message = invitation.message(for: side) else { return nil }
        return Document(
            bytes: VisitCalendar.message(message, of: visit, seller: seller, buyer: buyer),
            mediaType: "text/calendar; method=\(message.method.rawValue); charset=utf-8",
            fileName: "visit.ics")
    }

    /// The visit as it is, for a calendar of one's own.
    var event: Document {
        Document(
            bytes: VisitCalendar.event(invitation.event, of: visit),
            mediaType: "text/calendar; charset=utf-8", fileName: "visit.ics")
    }
}

/// Up to when what was said and done of a visit is told.
enum CalendarMoment {
    /// All of it, and what has run out by now.
    case now(Instant)
    /// What had been done at an instant, and what had been said in the handshake up to a message.
    case then(Instant, sequence: Int64)
}

extension Market {
    /// What is downloaded of a visit: the newest message of the exchange, to be handed to a
    /// calendar that takes part in it, or the visit as it is.
    package enum CalendarForm: String, Sendable, CaseIterable {
        case message, event
    }

    package func bookingCalendar(
        _ request: Request, _ id: BookingID, as form: CalendarForm, in language: TemplateLanguage
    ) async throws -> Document {
        try await view(request) { transaction, caller in
            guard let row = try await transaction.query(StoredBooking.find(id)).atMostOne() else {
                throw Refusal(.notFound)
            }
            let told = try await calendars(
                of: [StoredBooking(row: row)], in: language, for: caller.organisation,
                at: .now(caller.now), in: transaction)
            // held, or never confirmed: there is no visit yet
            guard let visit = told.first else { throw Refusal(.notFound) }
            guard form == .message else { return visit.event }
            guard let message = visit.message else { throw Refusal(.nothingProposed) }
            return message
        }
    }

    /// In the order of the bookings; those that were never confirmed are left out.
    func calendars(
        of bookings: [StoredBooking], in language: TemplateLanguage,
        for organisation: OrganisationID, at moment: CalendarMoment, in transaction: Transaction
    ) async throws -> [VisitInCalendars] {
        let ids = bookings.map(\.id)
        let handshakes = try await transaction.query(StoredHandshake.find(ids))
            .map(StoredHandshake.init(row:))
        let opened = Dictionary(handshakes.map { ($0.booking, $0) }) { first, _ in first }
        let rows = try await transaction.query(StoredHandshakeMessage.all(of: ids))
        let said = try Dictionary(grouping: rows) { row in
            try row["booking", BookingID.self]
        }
        let changes = try await transaction.query(BookingChange.all(of: ids))
            .map(BookingChange.init(row:))
        let done = Dictionary(grouping: changes, by: \.booking)
        let places = try await transaction.query(VisitPlace.all(of: ids))
            .map(VisitPlace.init(row:))
        let placed = Dictionary(places.map { ($0.booking, $0) }) { first, _ in first }
        var terms: [VersionKey: Terms] = [:]
        var told: [VisitInCalendars] = []
        for booking in bookings {
            guard let handshake = opened[booking.id], let place = placed[booking.id] else {
                continue
            }
            let key = VersionKey(contract: booking.contract, version: booking.version)
            if terms[key] == nil {
                terms[key] = try await self.terms(of: booking, in: transaction)
            }
            var invitation = try Invitation(
                of: handshake.opened, at: handshake.openedAt,
                Self.facts(
                    (said[booking.id] ?? []).map(StoredHandshakeMessage.init(row:)),
                    done[booking.id] ?? [], at: moment))
            if case .now(let now) = moment, booking.state == .booked {
                try invitation.runOut(by: now)
            }
            told.append(
                VisitInCalendars(
                    booking: booking, side: handshake.side(of: organisation),
                    invitation: invitation,
                    visit: calendarVisit(
                        booking, place,
                        service: terms[key]?.name(of: booking.service, in: language),
                        for: organisation),
                    seller: place.seller.calendarParty, buyer: place.buyer.calendarParty))
        }
        return told
    }

    private struct VersionKey: Hashable {
        let contract: ContractID
        let version: Int64
    }

    /// What was said and what was done, in the order in which it happened. A cancellation by the
    /// handshake comes in both; the second changes nothing.
    private static func facts(
        _ messages: [StoredHandshakeMessage], _ changes: [BookingChange],
        at moment: CalendarMoment
    ) -> [(fact: Invitation.Fact, at: Instant)] {
        var (messages, changes) = (messages, changes)
        if case .then(let instant, let sequence) = moment {
            messages.removeAll { $0.message.sequence > sequence }
            changes.removeAll { $0.at > instant }
        }
        var facts: [(fact: Invitation.Fact, at: Instant)] = []
        var rest = changes[...]
        func done(before instant: Instant?) {
            while let change = rest.first, instant.map({ change.at < $0 }) ?? true {
                rest = rest.dropFirst()
                let isCancelled = change.kind == "booking.cancelled"
                facts.append((.done(isCancelled ? .cancelled : .substituted), change.at))
            }
        }
        for message in messages {
            done(before: message.recordedAt)
            facts.append((.said(message.message), message.recordedAt))
        }
        done(before: nil)
        return facts
    }

    /// Its seller reads for whom it is, and its buyer who holds it.
    private func calendarVisit(
        _ booking: StoredBooking, _ place: VisitPlace, service: String?,
        for organisation: OrganisationID
    ) -> CalendarVisit {
        let isSeller = organisation == booking.seller
        let other = isSeller ? place.buyer.unit ?? place.buyer.name : booking.specialistLabel
        let address = surroundings.publicAddress
        return CalendarVisit(
            booking: booking.id, summary: "\(service ?? booking.service) – \(other)",
            location: place.buyer.unit.map { "\($0), \(place.buyer.name)" } ?? place.buyer.name,
            page: address.map { "\($0)/bookings/\(booking.id)" },
            visitPage: address.map { "\($0)/visits/\(booking.id)" })
    }
}

extension VisitPlace.Party {
    fileprivate var calendarParty: CalendarParty {
        CalendarParty(
            organisation: organisation, name: name, mailbox: try? EmailAddress(email))
    }
}

extension Terms {
    fileprivate func name(of service: String, in language: TemplateLanguage) -> String? {
        guard let name = rateCard.service(service)?.name else { return nil }
        return switch language {
        case .finnish: name.finnish
        case .swedish: name.swedish
        case .english: name.english
        }
    }
}

import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// A booking of the demo's life.
struct DemoVisit: Sendable {
    let booking: BookingID
    let agreement: DemoAgreement
    let specialist: String
    let starts: Instant
    let minutes: Int64
    /// Whether a proposal waits for the seller's answer.
    var isProposed = false
}

/// What a buyer looks for. All that chance decides is in it, so that it is the same each time
/// whatever else happens meanwhile.
struct DemoWish: Sendable {
    let agreement: DemoAgreement
    let service: String
    let from: Instant
    let minutes: Int64
    /// Which of the times that are found.
    let choice: UInt64
    let patient: Int64
    let key: String
}

extension DemoLife {
    /// On one of the coming days.
    mutating func wish(
        under agreement: DemoAgreement, around day: CalendarDate, in days: ClosedRange<Int64>
    ) throws -> DemoWish {
        let wanted = try day.adding(days: Int(numbers.number(in: days))).orNextWorkingDay
        let services = agreement.terms.rateCard.services
        let service = services[Int(numbers.number(in: 0...Int64(services.count - 1)))]
        // the shorter lengths are the usual ones
        let lengths = Array(service.plannedLengths.all.prefix(2))
        let minutes = lengths[Int(numbers.number(in: 0...Int64(lengths.count - 1)))]
        let from = try wall.instant(wanted, TimeOfDay("08:00"))
            .adding(seconds: numbers.number(in: 0...14) * 1_800)
        return DemoWish(
            agreement: agreement, service: service.code, from: from, minutes: minutes,
            choice: numbers.next(), patient: numbers.number(in: 1_000...9_999),
            key: "life \(numbers.next())")
    }

    /// The buyers of different sellers look at the same time; those of one seller, whose time they
    /// want, one after the other.
    mutating func book(_ wishes: [DemoWish]) async throws {
        let bySeller = Dictionary(grouping: wishes.enumerated()) { $0.element.agreement.seller.id }
        let made = try await together(Array(bySeller.values)) { [life = self] wishes in
            var made: [(offset: Int, visit: DemoVisit)] = []
            for (offset, wish) in wishes {
                if let visit = try await life.book(wish) { made.append((offset, visit)) }
            }
            return made
        }
        let visits = made.joined().sorted { $0.offset < $1.offset }.map(\.visit)
        for visit in visits { note(visit) }
        try await takeRooms(visits)
    }

    /// A booking, if there is time; proposed at once where the contract has not accepted it in
    /// advance.
    private func book(_ wanted: DemoWish) async throws -> DemoVisit? {
        let agreement = wanted.agreement
        var wish = try FoundTime.Wish(
            from: wanted.from, until: wanted.from.adding(seconds: 5_400), minutes: wanted.minutes)
        wish.service = wanted.service
        wish.seller = agreement.seller.id
        let found = try await market.findTimes(
            agreement.buyer.request("findTimes", as: .scheduler), wish: wish,
            page: Page(after: nil, limit: 16)
        ).body
        let times = (found["items"]?.elements ?? []).compactMap(FreeTime.init)
            .filter { $0.contract == agreement.id.description }
            .sorted { ($0.starts, $0.label) < ($1.starts, $1.label) }
        guard !times.isEmpty else { return nil }
        let time = times[Int(wanted.choice % UInt64(times.count))]
        let service = agreement.terms.rateCard.services.first { $0.code == wanted.service }
        let required = service.map(agreement.terms.required(of:)) ?? []
        func asks(_ reference: RecordsTerms.Reference) -> Bool { required.contains(reference) }
        let booked = try await market.bookTime(
            agreement.buyer.request("bookTime", as: .scheduler, key: wanted.key),
            Market.WantedTime(
                contract: agreement.id, service: wanted.service,
                specialist: SpecialistID(typeID: time.specialist),
                starts: Instant(rfc3339: time.starts), minutes: wanted.minutes, hold: false,
                handOver: HandOver(
                    patient: PatientReference("PT-\(wanted.patient)"),
                    authorisation: asks(.authorisation) ? "AU-\(wanted.patient)" : nil,
                    diary: asks(.diary) ? "HC/\(wanted.patient)/2027" : nil)))
        var visit = try DemoVisit(
            booking: BookingID(typeID: booked.text("id")), agreement: agreement,
            specialist: time.label, starts: Instant(rfc3339: time.starts),
            minutes: wanted.minutes)
        if !agreement.terms.handshake.acceptedInAdvance {
            let patience = agreement.terms.handshake.replyWithinMinutes * 60 + 3_600
            let now = try await clock.now()
            try await propose(
                visit, answerBy: max(answersAtLeastUntil ?? now, now.adding(seconds: patience)))
            visit.isProposed = true
        }
        return visit
    }

    /// Free time as a search shows it.
    private struct FreeTime {
        let starts: String
        let label: String
        let specialist: String
        let contract: String

        init?(_ json: JSON) {
            guard let starts = json["starts"]?.text, let label = json["specialist_label"]?.text,
                let specialist = json["specialist"]?.text, let contract = json["contract"]?.text
            else { return nil }
            (self.starts, self.label) = (starts, label)
            (self.specialist, self.contract) = (specialist, contract)
        }
    }

    // MARK: The handshake

    private func propose(_ visit: DemoVisit, answerBy: Instant) async throws {
        let latest = try visit.starts.adding(seconds: -60)
        try await send(
            .propose, 1, of: visit, by: visit.agreement.buyer,
            offer: Market.OfferedMeeting(
                starts: visit.starts, room: .builtIn, needs: [],
                deadline: min(answerBy, latest)))
    }

    /// Half an hour later the sellers have looked at what was proposed; now and then one declines.
    mutating func agreeOnProposals(at day: CalendarDate) async throws {
        try await setClock(day, "08:30")
        var answers: [(visit: DemoVisit, isDeclined: Bool)] = []
        for date in visits.keys.sorted() {
            for (index, visit) in (visits[date] ?? []).enumerated().reversed()
            where visit.isProposed {
                visits[date]?[index].isProposed = false
                let isDeclined = numbers.happens(onceIn: 30)
                if isDeclined { visits[date]?.remove(at: index) }
                answers.append((visit, isDeclined))
            }
        }
        _ = try await together(answers) { [life = self] answer in
            try await life.send(
                answer.isDeclined ? .decline : .accept, 2, of: answer.visit,
                by: answer.visit.agreement.seller,
                cause: answer.isDeclined ? "The specialist has a court hearing on that day" : nil)
        }
    }

    func send(
        _ kind: HandshakeMessage.Kind, _ sequence: Int64, of visit: DemoVisit,
        by caller: DemoCaller, cause: String? = nil, offer: Market.OfferedMeeting? = nil,
        checks: ReadyChecks? = nil
    ) async throws {
        _ = try await market.sendHandshakeMessage(
            caller.request("sendHandshakeMessage", as: .scheduler), visit.booking,
            .init(kind: kind, sequence: sequence, cause: cause, offer: offer, checks: checks))
    }

    // MARK: Cancelling

    /// Some visits of the next day are cancelled on the morning before: too late to be free.
    mutating func cancelSome(on day: CalendarDate) async throws {
        try await setClock(day, "11:45")
        let next = try day.adding(days: 1).orNextWorkingDay
        for (index, visit) in (visits[next] ?? []).enumerated().reversed()
        where numbers.happens(onceIn: 18) {
            let isSellers = numbers.happens(onceIn: 3)
            let caller = isSellers ? visit.agreement.seller : visit.agreement.buyer
            let cost = try await market.cancellationCost(
                caller.request("getCancellationCost", as: .scheduler), visit.booking)
            _ = try await market.cancelBooking(
                caller.request("cancelBooking", as: .scheduler), visit.booking,
                expectedFee: Money(decimal: cost.text("fee")),
                reason: isSellers ? "The specialist is ill" : "The patient is ill")
            visits[next]?.remove(at: index)
        }
    }
}

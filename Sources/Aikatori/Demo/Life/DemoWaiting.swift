import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Who waits for time that is sold, on the morning on which a demo begins.
extension DemoLife {
    /// Of two visits of the coming weeks another patient waits for the same time. One of them is
    /// cancelled while that is free: its time is held for who waits.
    func wait(from today: CalendarDate, now: Instant) async throws {
        let free = try now.adding(seconds: 7 * 86_400)
        let wanted = visits.keys.sorted().filter { $0 > today }
            .flatMap { visits[$0] ?? [] }
            .filter { $0.starts > free && !$0.isProposed }
        // two buyers, each of a seller of its own
        guard let first = wanted.first,
            let second = wanted.first(where: {
                $0.agreement.seller.id != first.agreement.seller.id
                    && $0.agreement.buyer.id != first.agreement.buyer.id
            })
        else { return }
        for (index, visit) in [first, second].enumerated() {
            try await join(visit, patient: "PT-\(1_201 + index)")
        }
        let scheduler = first.agreement.buyer
        let cost = try await market.cancellationCost(
            scheduler.request("getCancellationCost", as: .scheduler), first.booking)
        _ = try await market.cancelBooking(
            scheduler.request("cancelBooking", as: .scheduler), first.booking,
            expectedFee: Money(decimal: cost.text("fee")), reason: "The patient moved away")
        _ = try await market.actOnWhatIsDue(most: 100)
    }

    /// The same buyer has another patient who could come at that time, and at no other.
    private func join(_ visit: DemoVisit, patient: String) async throws {
        let sheet = try await market.booking(
            visit.agreement.buyer.request("getBooking", as: .scheduler), visit.booking)
        _ = try await market.joinWaitingList(
            visit.agreement.buyer.request("joinWaitingList", as: .scheduler),
            .init(
                contract: visit.agreement.id, service: sheet.text("service"),
                specialist: SpecialistID(typeID: sheet.text("specialist")),
                minutes: visit.minutes,
                wanted: TimeSlot(
                    start: visit.starts, end: visit.starts.adding(seconds: 60)),
                handOver: HandOver(
                    patient: PatientReference(patient),
                    authorisation: sheet.body["authorisation_reference"]?.text,
                    diary: sheet.body["diary_reference"]?.text)))
    }
}

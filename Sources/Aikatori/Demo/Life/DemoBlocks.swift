import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// Fixed days of the demo: blocks that a contract sells whole, in which its buyer places patients.
extension DemoLife {
    /// How long before the demo begins its blocks begin, and how long they go on.
    static let blockDays = (before: 21, after: 27)

    /// The seller of the first contract with blocks makes them, with the last of its specialists
    /// who has nothing else on sale then; the buyer places some patients in each of the next ones.
    mutating func makeBlocks(from first: CalendarDate, through last: CalendarDate) async throws {
        guard let agreement = agreements.first(where: { !$0.terms.blocks.isEmpty }),
            let block = agreement.terms.blocks.first,
            let service = agreement.terms.rateCard.service(block.service),
            let specialist = try await sell(block, under: agreement, service, from: first, last)
        else { return }
        let made = try await market.makeBlocks(
            agreement.seller.request("makeBlocks", as: .scheduler),
            .init(
                contract: agreement.id, term: 0, specialist: specialist, from: first,
                through: last)
        ).body
        let lengths = Array(service.plannedLengths.all.dropFirst().prefix(2))
        for (index, sheet) in (made["blocks"]?.elements ?? []).enumerated() {
            // the last ones are not filled yet
            guard index < 5, let minutes = lengths.last else { continue }
            try await place(
                4 - index / 2, of: minutes, in: sheet, service, under: agreement, week: index)
        }
    }

    /// Nil where nobody has the time.
    private func sell(
        _ block: WeeklyBlock, under agreement: DemoAgreement, _ service: SoldService,
        from first: CalendarDate, _ last: CalendarDate
    ) async throws -> SpecialistID? {
        let seller = agreement.seller
        let listed = try await market.listSpecialists(
            seller.request("listSpecialists", as: .scheduler), page: Page(after: nil, limit: 200))
        let specialists = listed.body["items"]?.elements ?? []
        let terms = try OfferTerms(
            contracts: [agreement.id], grid: .five, shortestMinutes: 5, longestMinutes: 60,
            bufferAfterMinutes: 0)
        guard let day = Weekday(rawValue: block.weekday.iso) else { return nil }
        let able = specialists.filter { $0["specialty"]?.text == service.field.code }
        for each in able.reversed() {
            let specialist = try SpecialistID(typeID: each["id"]?.text ?? "")
            do {
                _ = try await market.publishAvailability(
                    seller.request(
                        "publishAvailability", as: .scheduler, key: "block \(specialist)"),
                    Market.OfferedTime(
                        specialist: specialist,
                        pattern: .weekly(
                            WeeklyPattern(days: [day], startsOn: first, end: .until(last))),
                        from: block.from, to: block.until, terms: terms))
                return specialist
            } catch let refusal as Refusal where refusal.code == .availabilityOverlaps {
                continue
            }
        }
        return nil
    }

    private mutating func place(
        _ count: Int, of minutes: Int64, in sheet: JSON, _ service: SoldService,
        under agreement: DemoAgreement, week: Int
    ) async throws {
        let start = try Instant(rfc3339: sheet["from"]?.text ?? "")
        let required = agreement.terms.required(of: service)
        let wanted = try (0..<count).map { index in
            let patient = "\(1_300 + 10 * week + index)"
            return Market.WantedPlace(
                starts: try start.adding(seconds: Int64(index) * minutes * 60), minutes: minutes,
                handOver: HandOver(
                    patient: try PatientReference("PT-\(patient)"),
                    authorisation: required.contains(.authorisation) ? "AU-\(patient)" : nil,
                    diary: required.contains(.diary) ? "HC/\(patient)/2027" : nil))
        }
        let placed = try await market.placeVisits(
            agreement.buyer.request("placeVisits", as: .scheduler),
            in: BlockID(typeID: sheet["id"]?.text ?? ""), wanted
        ).body
        for booking in placed["visits"]?.elements ?? [] {
            note(
                DemoVisit(
                    booking: try BookingID(typeID: booking["id"]?.text ?? ""), agreement: agreement,
                    specialist: booking["specialist_label"]?.text ?? "",
                    starts: try Instant(rfc3339: booking["starts"]?.text ?? ""), minutes: minutes))
        }
    }
}

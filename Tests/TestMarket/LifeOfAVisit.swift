import Billing
import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// What becomes of booked time, one visit after the other, until it costs something.
package struct LifeOfAVisit: Sendable {
    package let contract: TestContract
    package let specialist: SpecialistID
    private let service: SoldService

    package var test: TestMarket { contract.test }

    /// Publishes the working days of a specialist from 2027-03-01 on, when the clock stands at the
    /// day before.
    package init(under contract: TestContract, label: String = "Specialist 1") async throws {
        let service = contract.terms.rateCard.services[0]
        self.contract = contract
        self.service = service
        try await contract.test.clock.set(to: Instant(rfc3339: "2027-02-26T08:00:00Z"))
        specialist = try await contract.test.addSpecialist(
            to: contract.seller, label: label, specialty: service.field.code)
        let terms = try OfferTerms(
            grid: .fifteen, shortestMinutes: 10, longestMinutes: 90, bufferAfterMinutes: 5)
        _ = try await contract.test.market.publishAvailability(
            contract.seller.scheduler.request("publishAvailability"),
            .init(
                specialist: specialist,
                pattern: .weekly(
                    WeeklyPattern(
                        days: [.monday, .tuesday, .wednesday, .thursday, .friday],
                        startsOn: CalendarDate(iso: "2027-03-01"))),
                from: TimeOfDay("09:00"), to: TimeOfDay("15:00"), terms: terms))
    }

    /// The same specialist's time, sold under another contract.
    package init(under contract: TestContract, sharing life: LifeOfAVisit) {
        self.contract = contract
        service = contract.terms.rateCard.services[0]
        specialist = life.specialist
    }

    /// Books the shortest visit at a local time.
    package func booked(
        _ day: String, at time: String = "10:00", hold: Bool = false
    ) async throws -> BookingID {
        let starts = try contract.clock.instant(CalendarDate(iso: day), TimeOfDay(time))
        let required = contract.terms.required(of: service)
        let made = try await test.market.bookTime(
            contract.buyer.scheduler.request("bookTime", key: Self.newKey()),
            .init(
                contract: contract.id, service: service.code, specialist: specialist,
                starts: starts, minutes: service.plannedLengths.minimum, hold: hold,
                handOver: HandOver(
                    patient: required.contains(.patient) ? PatientReference("PT-1") : nil,
                    authorisation: required.contains(.authorisation) ? "A 1" : nil,
                    diary: required.contains(.diary) ? "D 1/2027" : nil)))
        return try BookingID(typeID: made.body["id"]?.text ?? "")
    }

    private static func newKey() -> String { String(UInt64.random(in: .min ... .max)) }

    /// A visit that the buyer cancels an hour before it starts: its charge is the fee.
    @discardableResult
    package func cancelledLate(_ day: String, at time: String = "10:00") async throws -> ChargeID {
        let booking = try await booked(day, at: time)
        let starts = try contract.clock.instant(CalendarDate(iso: day), TimeOfDay(time))
        try await test.clock.set(to: starts.adding(seconds: -3_600))
        let scheduler = contract.buyer.scheduler
        let cost = try await test.market.cancellationCost(
            scheduler.request("getCancellationCost"), booking)
        let cancelled = try await test.market.cancelBooking(
            scheduler.request("cancelBooking"), booking,
            expectedFee: Money(decimal: cost.body["fee"]?.text ?? ""), reason: nil)
        return try ChargeID(typeID: cancelled.body["charge"]?.text ?? "")
    }
}

extension LifeOfAVisit {
    /// The seller's statement of a month, made at the first instant after it unless told otherwise.
    package func statement(of month: String = "2027-03") async throws -> Answer {
        try await test.market.createStatement(
            contract.seller.finance.request("createStatement"), contract: contract.id,
            period: .init(key: month))
    }

    /// Accepted by the buyer at the total that it has.
    package func accepted(of month: String = "2027-03") async throws -> StatementID {
        let made = try await statement(of: month)
        let id = try StatementID(typeID: made.body["id"]?.text ?? "")
        _ = try await test.market.acceptStatement(
            contract.buyer.finance.request("acceptStatement"), id,
            total: Money(decimal: made.body["total"]?.text ?? ""))
        return id
    }

    /// The invoices of a month.
    package func invoiced(of month: String = "2027-03") async throws -> [JSON] {
        let issued = try await test.market.issueInvoice(
            contract.seller.finance.request("issueInvoice"), of: accepted(of: month))
        return issued.body["invoices"]?.elements ?? []
    }
}

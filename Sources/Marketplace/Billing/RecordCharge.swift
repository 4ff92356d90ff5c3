import Billing
import Contracts
import Crypto
import Foundation
import Ledger
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// Seals what a booking costs: the charge with its trace, and its accrual in both books. The
    /// budget counter, which the caller has locked before the booking, counts it as used. A charge
    /// of nothing is sealed, too, and posts nothing. The booking's state is the caller's to change
    /// first.
    func recordCharge(
        _ rated: RatedVisit, of booking: StoredBooking, under terms: Terms, cause: Charge.Cause,
        billableSeconds: Int64, for organisation: OrganisationID, in transaction: Transaction
    ) async throws -> ChargeID {
        let before = try await transaction.query(
            StoredCharge.secondsBefore(contract: booking.contract, period: booking.period)
        ).only()["seconds", Int64.self]
        let charge = try Charge(
            id: newID(), booking: booking.id, contract: booking.contract,
            versionNumber: Int(booking.version), seller: booking.seller, buyer: booking.buyer,
            service: booking.service, cause: cause,
            servedOn: terms.clock.date(of: booking.planned.start), period: booking.period,
            secondsBefore: before,
            lines: rated.lines.map { try Charge.Line(rated: $0, of: booking.service, in: terms) },
            trace: rated.trace.json)
        let document = try charge.canonical()
        let digest = [UInt8](SHA256.hash(data: document))
        for query in StoredCharge.insert(
            charge, billableSeconds: billableSeconds, document: document, digest: digest)
        {
            try await transaction.query(query)
        }
        if charge.net > .zero {
            let accrual = try JournalEntry.accrual(
                id: newID(), charge: charge.id, net: charge.net, seller: charge.seller,
                buyer: charge.buyer, effectiveOn: charge.servedOn)
            try await transaction.query(StoredEntry.post([accrual]))
        }
        let other = charge.seller == organisation ? charge.buyer : charge.seller
        try await transaction.record(
            .init(
                .charge, charge.id, "charge.sealed", revision: 1, counterparty: other,
                facts: ["net": JSON(charge.net.decimal), "cause": JSON(cause.rawValue)]),
            for: organisation)
        return charge.id
    }

    /// The terms of the version that is frozen on a booking.
    func terms(of booking: StoredBooking, in transaction: Transaction) async throws -> Terms {
        let row = try await transaction.query(
            """
            select document from contract_version
            where contract = \(booking.contract) and number = \(booking.version)
            """
        ).only()
        return try ContractDocument(reading: row["document", [UInt8].self]).terms
    }
}

extension Charge.Line {
    /// A rated line as an invoice will show it, in the words of the contract.
    fileprivate init(rated line: ChargeLine, of service: String, in terms: Terms) throws {
        let name = terms.rateCard.service(service)?.name.english ?? service
        switch line.basis {
        case .time(let seconds, let pricePerMinute):
            try self.init(
                text: name, quantity: BilledQuantity(seconds: seconds), price: pricePerMinute)
        case .share:
            try self.init(
                text: "\(name), late cancellation", quantity: .one,
                price: UnitPrice(tenThousandths: line.amount.minorUnits.multiplied(by: 100)),
                exact: ExactNet(
                    numerator: Int128(line.exact.numerator),
                    denominator: Int128(Contracts.ExactAmount.denominator)))
        }
    }
}

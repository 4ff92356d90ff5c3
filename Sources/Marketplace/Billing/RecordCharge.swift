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
    /// first. `secondsBefore` are those that the price was rated with.
    func recordCharge(
        _ rated: RatedVisit, of booking: StoredBooking, under terms: Terms, cause: Charge.Cause,
        billableSeconds: Int64, secondsBefore: Int64 = 0, for organisation: OrganisationID,
        in transaction: Transaction
    ) async throws -> ChargeID {
        try await seal(
            Charge(
                id: newID(), of: .booking(booking.id), contract: booking.contract,
                versionNumber: Int(booking.version), seller: booking.seller,
                buyer: booking.buyer, service: booking.service, cause: cause,
                servedOn: terms.clock.date(of: booking.planned.start), period: booking.period,
                secondsBefore: secondsBefore, billedSeconds: rated.billedSeconds,
                lines: rated.lines.map {
                    try Charge.Line(rated: $0, of: booking.service, in: terms)
                },
                trace: rated.trace.json),
            billableSeconds: billableSeconds, for: organisation, in: transaction)
    }

    /// The same for what stayed unused of a block, whose counter and row the caller has locked.
    func recordCharge(
        _ rated: RatedVisit, of block: StoredBlock, under terms: Terms,
        for organisation: OrganisationID, in transaction: Transaction
    ) async throws -> ChargeID {
        try await seal(
            Charge(
                id: newID(), of: .block(block.id), contract: block.contract,
                versionNumber: Int(block.version), seller: block.seller, buyer: block.buyer,
                service: block.service, cause: .unusedBlock,
                servedOn: terms.clock.date(of: block.during.start), period: block.period,
                lines: rated.lines.map {
                    try Charge.Line(rated: $0, of: block.service, in: terms)
                },
                trace: rated.trace.json),
            billableSeconds: 0, for: organisation, in: transaction)
    }

    /// `replacing`: the charge in whose place it is. It counts from `effectiveOn` in the books, or
    /// else from the day of the visit.
    func seal(
        _ charge: Charge, billableSeconds: Int64, replacing: ChargeID? = nil,
        effectiveOn: CalendarDate? = nil, for organisation: OrganisationID,
        in transaction: Transaction
    ) async throws -> ChargeID {
        let document = try charge.canonical()
        let digest = [UInt8](SHA256.hash(data: document))
        for query in StoredCharge.insert(
            charge, billableSeconds: billableSeconds, replacing: replacing, document: document,
            digest: digest)
        {
            try await transaction.query(query)
        }
        if charge.net != .zero {
            let accrual = try JournalEntry.accrual(
                id: newID(), charge: charge.id, net: charge.net, seller: charge.seller,
                buyer: charge.buyer, effectiveOn: effectiveOn ?? charge.servedOn)
            try await transaction.query(StoredEntry.post([accrual]))
        }
        let other = charge.seller == organisation ? charge.buyer : charge.seller
        try await transaction.record(
            .init(
                .charge, charge.id, "charge.sealed", revision: 1, counterparty: other,
                facts: [
                    "net": JSON(charge.net.decimal), "cause": JSON(charge.cause.rawValue),
                    "replaces": JSON(replacing?.description),
                ]),
            for: organisation)
        return charge.id
    }

    /// The terms of the version that is frozen on a booking.
    func terms(of booking: StoredBooking, in transaction: Transaction) async throws -> Terms {
        try await terms(of: booking.contract, version: booking.version, in: transaction)
    }

    func terms(
        of contract: ContractID, version: Int64, in transaction: Transaction
    ) async throws -> Terms {
        let row = try await transaction.query(
            """
            select document from contract_version
            where contract = \(contract) and number = \(version)
            """
        ).only()
        return try documents.document(row["document", [UInt8].self]).terms
    }
}

extension Charge.Line {
    /// A rated line as an invoice will show it, in the words of the contract.
    init(rated line: ChargeLine, of code: String, in terms: Terms) throws {
        let service = terms.rateCard.service(code)
        let name = service?.name.english ?? code
        let text = service?.words(for: line).map { "\(name), \($0)" } ?? name
        try self.init(rated: line, text: text, rounding: terms.rounding.mode)
    }

    init(rated line: ChargeLine, text: String, rounding mode: Rounding) throws {
        switch line.basis {
        case .time(let seconds, let pricePerMinute):
            try self.init(
                kind: line.kind.rawValue, code: line.code, text: text,
                quantity: BilledQuantity(seconds: seconds), price: pricePerMinute, rounding: mode)
        case .share, .sum:
            let isLess = line.kind.isReduction
            let size = isLess ? try line.amount.negated() : line.amount
            try self.init(
                kind: line.kind.rawValue, code: line.code, text: text,
                quantity: isLess ? .oneLess : .one,
                price: UnitPrice(tenThousandths: size.minorUnits.multiplied(by: 100)),
                exact: ExactNet(
                    numerator: isLess ? -line.exact.numerator : line.exact.numerator,
                    denominator: Contracts.ExactAmount.denominator),
                rounding: mode)
        }
    }
}

extension SoldService {
    /// What a line says after the service's name; nothing for the visit itself. Invoices are in
    /// English; pages say it in the reader's language by the line's kind.
    fileprivate func words(for line: ChargeLine) -> String? {
        switch line.kind {
        case .visit: nil
        case .startFee: "start fee"
        case .supplement: price.supplements.first { $0.code == line.code }?.name.english
        case .discount: price.discounts.first { $0.code == line.code }?.name.english
        case .capReduction: "above the highest price"
        case .lateStartReduction: "late start"
        case .overrun: "agreed overrun"
        case .preparation: "preparation"
        case .recordWriting: "writing of records"
        case .groupShare: "share of a group session"
        case .lateCancellation: "late cancellation"
        case .noShow: "buyer did not come"
        case .sellerCancellation: "cancelled by the seller"
        case .sellerNoShow: "seller did not come"
        // of no service
        case .shortfall: nil
        case .unusedBlock: "unused time of a block"
        }
    }
}

import Billing
import Contracts
import MoneyAndTime

// What a contract says about invoices, in the words of billing.

extension InvoiceVAT {
    /// The treatment that the parties agreed, with its reason.
    init(_ treatment: VATTreatment) throws {
        switch treatment.category {
        case .standard: self = try .standard(treatment.rate)
        case .zero: self = try .zeroRated()
        // Settled without an invoice.
        case .outsideScope: throw BillingRefusal.vatMalformed
        case .exempt:
            self = try .exempt(
                code: treatment.exemptionCode?.rawValue, reason: treatment.reason)
        }
    }
}

extension InvoiceParty {
    init(_ party: Party) throws(BillingRefusal) {
        try self.init(
            organisation: party.organisation, name: party.name, businessID: party.businessID,
            vatID: party.vatID, ovt: party.ovt, street: party.address.street,
            postalCode: party.address.postalCode, city: party.address.city,
            country: party.address.country)
    }
}

/// Charges that one invoice bills, and the version of the contract whose parties and payment
/// terms it has: the last one under which any of them was made.
struct InvoiceSource {
    let version: Int
    let terms: Terms
    let vat: InvoiceVAT
    let charges: [Charge]

    /// One for each treatment of VAT that comes above zero, in the order of the versions. What
    /// comes to nothing or less is on no invoice: the contract's next statement carries it
    /// (`uninvoiced_charge` says the same in SQL). Nor is what is settled without one.
    static func split(_ charges: [Charge], under terms: [Int: Terms]) throws -> [InvoiceSource] {
        var groups: [InvoiceVAT: [Charge]] = [:]
        for charge in charges {
            guard let terms = terms[charge.versionNumber] else {
                throw BillingRefusal.foreignCharge(charge.id)
            }
            guard terms.billing.vat.category != .outsideScope else { continue }
            try groups[InvoiceVAT(terms.billing.vat), default: []].append(charge)
        }
        return try groups.compactMap { vat, charges in
            guard try Money.sum(of: charges.map(\.net)) > .zero,
                let version = charges.map(\.versionNumber).max(), let terms = terms[version]
            else { return nil }
            return InvoiceSource(version: version, terms: terms, vat: vat, charges: charges)
        }.sorted { $0.version < $1.version }
    }

    /// The account of the seller, which a contract always names.
    var iban: IBAN {
        get throws(BillingRefusal) {
            guard let iban = terms.seller.iban else { throw .fieldMissing("iban") }
            return iban
        }
    }

    var paymentDays: Int {
        get throws(ArithmeticFailure) {
            guard let days = Int(exactly: terms.billing.paymentDays) else { throw .overflow }
            return days
        }
    }

    /// Whether the seller's own system writes the invoice.
    var isInvoicedBySeller: Bool { terms.billing.document == .invoiceBasis }

    /// Whether its buyer makes it in the seller's name.
    var isSelfBilled: Bool { terms.billing.document == .selfBilling }

    /// The lines of the invoice; `starts` says when the visits began.
    func lines(_ starts: [ChargeID: Instant]) throws -> [InvoiceLine] {
        var begins: [ChargeID: InvoiceLine.Beginning] = [:]
        for charge in charges {
            begins[charge.id] = starts[charge.id].map {
                InvoiceLine.Beginning($0, in: terms.clock)
            }
        }
        return try InvoiceLine.lines(
            for: charges, vat: vat, begins: begins,
            rounding: terms.rounding.level == .bill ? .perBill : .perVisit,
            costCentre: terms.billing.costCentre)
    }
}

import Ledger
import MoneyAndTime

/// Two organisations, a stranger, and amounts to post between them.
enum Example {
    static let hospital = OrganisationID(bits: 1)
    static let healthCentre = OrganisationID(bits: 2)
    static let stranger = OrganisationID(bits: 3)
    static let invoice = InvoiceID(bits: 20)
    static let bankEntry = BankEntryID(bits: 30)

    static func day() throws -> CalendarDate { try CalendarDate(iso: "2026-04-01") }

    static func money(_ decimal: String) throws -> Money { try Money(decimal: decimal) }

    static func accrual(
        _ net: Money, id: EntryID = EntryID(bits: 10), seller: OrganisationID = hospital,
        buyer: OrganisationID = healthCentre
    ) throws -> JournalEntry {
        try .accrual(
            id: id, charge: ChargeID(bits: id.bits), net: net, seller: seller, buyer: buyer,
            effectiveOn: day())
    }

    static func invoicing(
        net: Money, vat: Money, id: EntryID = EntryID(bits: 11),
        seller: OrganisationID = hospital, buyer: OrganisationID = healthCentre
    ) throws -> JournalEntry {
        try .invoicing(
            id: id, invoice: invoice, net: net, vat: vat, seller: seller, buyer: buyer,
            effectiveOn: day())
    }

    static func payment(
        _ amount: Money, id: EntryID = EntryID(bits: 12), seller: OrganisationID = hospital,
        buyer: OrganisationID = healthCentre
    ) throws -> JournalEntry {
        try .payment(
            id: id, invoice: invoice, bankEntry: bankEntry, amount: amount, seller: seller,
            buyer: buyer, effectiveOn: day())
    }

    static func rounding(
        _ difference: Money, id: EntryID = EntryID(bits: 13), seller: OrganisationID = hospital,
        buyer: OrganisationID = healthCentre
    ) throws -> JournalEntry {
        try .rounding(
            id: id, invoice: invoice, difference: difference, seller: seller, buyer: buyer,
            effectiveOn: day())
    }

    static func posting(
        _ book: OrganisationID, _ side: PostingSide, _ code: AccountCode, _ cents: Int64,
        with counterparty: OrganisationID
    ) -> Posting {
        Posting(
            account: Account(book: book, code: code, counterparty: counterparty), side: side,
            amount: Money(minorUnits: cents))
    }

    static func seller(_ side: PostingSide, _ code: AccountCode, _ cents: Int64) -> Posting {
        posting(hospital, side, code, cents, with: healthCentre)
    }

    static func buyer(_ side: PostingSide, _ code: AccountCode, _ cents: Int64) -> Posting {
        posting(healthCentre, side, code, cents, with: hospital)
    }

    /// `hospital/debit/receivable/124`, for tables.
    static func written(_ entry: JournalEntry) -> [String] {
        entry.postings.map { posting in
            let book = posting.account.book == entry.seller ? "seller" : "buyer"
            let (side, code) = (posting.side.rawValue, posting.account.code.rawValue)
            return "\(book) \(side) \(code) \(posting.amount.decimal)"
        }
    }
}

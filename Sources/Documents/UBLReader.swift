import Billing
import MoneyAndTime

/// Reads an invoice or a credit note that `UBLInvoice` wrote, so that what was issued is written
/// in other forms from the document itself and from nothing that may have changed since.
package enum UBLReader {
    package enum Problem: Error, Hashable, Sendable {
        case notADocument(String)
        case missing(String)
        case invalid(String)
    }

    /// Far above 2,000 lines, which are three megabytes.
    static let maxBytes = 64 << 20

    /// Throws `Problem`, or `BankFileProblem` for what is no XML of ours.
    package static func read(_ bytes: [UInt8]) throws -> InvoiceFacts {
        let root = try ElementTree.read(XMLGuard.check(bytes, maxBytes: maxBytes))
        guard ["Invoice", "CreditNote"].contains(root.name) else {
            throw Problem.notADocument(root.name)
        }
        let code = root.text("\(root.name)TypeCode") ?? ""
        guard let kind = InvoiceFacts.Kind(rawValue: code),
            kind.isCredit == (root.name == "CreditNote")
        else { throw Problem.notADocument(code) }
        let original = root.first("BillingReference/InvoiceDocumentReference")
        let due = root.text("DueDate") ?? root.text("PaymentMeans/PaymentDueDate")
        return try InvoiceFacts(
            kind: kind, number: needed("ID", of: root),
            issuedOn: date(needed("IssueDate", of: root)), dueOn: due.map(date),
            buyerReference: root.text("BuyerReference"),
            orderReference: root.text("OrderReference/ID"),
            contract: root.text("ContractDocumentReference/ID"),
            original: original.map {
                try .init(
                    number: needed("ID", of: $0), issuedOn: $0.text("IssueDate").map(date))
            },
            days: days(of: root), note: root.text("Note"),
            seller: party(root.first("AccountingSupplierParty/Party")),
            buyer: party(root.first("AccountingCustomerParty/Party")),
            iban: root.text("PaymentMeans/PayeeFinancialAccount/ID"),
            reference: root.text("PaymentMeans/PaymentID"),
            lines: root.all(kind.isCredit ? "CreditNoteLine" : "InvoiceLine").map {
                try line($0, quantity: kind.isCredit ? "CreditedQuantity" : "InvoicedQuantity")
            },
            breakdowns: (root.first("TaxTotal")?.all("TaxSubtotal") ?? []).map(breakdown),
            net: money("LegalMonetaryTotal/LineExtensionAmount", of: root),
            vat: money("TaxTotal/TaxAmount", of: root),
            total: money("LegalMonetaryTotal/PayableAmount", of: root))
    }

    private static func party(_ party: Element?) throws -> InvoiceFacts.Party {
        guard let party else { throw Problem.missing("Party") }
        return try .init(
            name: needed("PartyLegalEntity/RegistrationName", of: party),
            businessID: party.text("PartyLegalEntity/CompanyID"),
            vatID: party.text("PartyTaxScheme/CompanyID"), ovt: party.text("EndpointID"),
            street: party.text("PostalAddress/StreetName") ?? "",
            postalCode: party.text("PostalAddress/PostalZone") ?? "",
            city: party.text("PostalAddress/CityName") ?? "",
            country: party.text("PostalAddress/Country/IdentificationCode") ?? "")
    }

    private static func line(_ line: Element, quantity: String) throws -> InvoiceFacts.Line {
        guard let amount = line.first(quantity),
            let unit = amount.attributes["unitCode"].flatMap(BilledQuantity.Unit.init(rawValue:))
        else { throw Problem.missing(quantity) }
        // A quantity has the two decimals of an amount.
        let hundredths = try number(amount.trimmed) { try Money(decimal: $0).minorUnits }
        return try .init(
            text: needed("Item/Name", of: line), detail: line.text("Item/Description"),
            quantity: BilledQuantity(hundredths: hundredths, unit: unit),
            price: number(needed("Price/PriceAmount", of: line)) { try UnitPrice(decimal: $0) },
            baseQuantity: number(line.text("Price/BaseQuantity") ?? "1") {
                guard let base = Int64($0) else { throw Problem.invalid($0) }
                return base
            },
            net: money("LineExtensionAmount", of: line),
            vat: vat(line.first("Item/ClassifiedTaxCategory")), days: days(of: line),
            costCentre: line.text("AccountingCost"))
    }

    private static func breakdown(_ subtotal: Element) throws -> InvoiceFacts.Breakdown {
        let category = subtotal.first("TaxCategory")
        return try .init(
            vat: vat(category), taxable: money("TaxableAmount", of: subtotal),
            tax: money("TaxAmount", of: subtotal),
            exemptionCode: category?.text("TaxExemptionReasonCode"),
            exemptionReason: category?.text("TaxExemptionReason"))
    }

    private static func vat(_ category: Element?) throws -> InvoiceFacts.VAT {
        guard let category else { throw Problem.missing("TaxCategory") }
        return try .init(
            category: needed("ID", of: category),
            rate: number(needed("Percent", of: category)) { try Percentage(decimal: $0) })
    }

    private static func days(of element: Element) throws -> InvoiceFacts.Days? {
        guard let period = element.first("InvoicePeriod") else { return nil }
        return try .init(
            first: date(needed("StartDate", of: period)), last: date(needed("EndDate", of: period)))
    }

    private static func money(_ path: String, of element: Element) throws -> Money {
        try number(needed(path, of: element)) { try Money(decimal: $0) }
    }

    private static func date(_ text: String) throws -> CalendarDate {
        try number(text) { try CalendarDate(iso: $0) }
    }

    private static func number<Value>(
        _ text: String, _ read: (String) throws -> Value
    ) throws -> Value {
        do { return try read(text) } catch { throw Problem.invalid(text) }
    }

    private static func needed(_ path: String, of element: Element) throws -> String {
        guard let text = element.text(path) else { throw Problem.missing(path) }
        return text
    }
}

import Billing
import MoneyAndTime
import StrictJSON

/// What a printed invoice shows, each text as it is read: numbers and days in the forms of its
/// language. How it is laid out is the template's, `Typst/invoice.typ`.
package struct PrintedInvoice {
    private let facts: InvoiceFacts
    /// What stands beside the texts, in the reader's language.
    private let words: JSON

    package init(_ facts: InvoiceFacts, words: JSON) {
        self.facts = facts
        self.words = words
    }

    package var title: String {
        "\(word(!facts.kind.isCredit ? "invoice" : "credit_note")) \(facts.number)"
    }

    package var json: JSON {
        [
            "title": JSON(title), "seller": party(facts.seller), "buyer": party(facts.buyer),
            "facts": pairs(head), "lines": .array(facts.lines.enumerated().map(line)),
            "vat": .array(facts.breakdowns.map(breakdown)), "totals": pairs(totals),
            "payment": pairs(payment), "barcode": barcode,
        ]
    }

    private func word(_ key: String) -> String { words[key]?.text ?? key }

    /// Those that there are.
    private func pairs(_ pairs: [(String, String?)]) -> JSON {
        .array(
            pairs.compactMap { key, value in
                value.map { .array([JSON(word(key)), JSON($0)]) }
            })
    }

    private func party(_ party: InvoiceFacts.Party) -> JSON {
        [
            "name": JSON(party.name), "street": JSON(party.street),
            "city": JSON("\(party.postalCode) \(party.city)"), "country": JSON(party.country),
            "ids": pairs([
                ("business_id", party.businessID), ("vat_id", party.vatID), ("ovt", party.ovt),
            ]),
        ]
    }

    private var head: [(String, String?)] {
        [
            ("number", facts.number), ("issued", day(facts.issuedOn)),
            ("due", facts.dueOn.map(day)),
            (
                "original",
                facts.original.map { original in
                    ([original.number] + [original.issuedOn.map(day)].compactMap { $0 })
                        .joined(separator: ", ")
                }
            ),
            ("days", facts.days.map(days)), ("buyer_reference", facts.buyerReference),
            ("order", facts.orderReference), ("contract", facts.contract), ("note", facts.note),
        ]
    }

    private func line(_ place: Int, _ line: InvoiceFacts.Line) -> JSON {
        let price = number(line.price.decimal)
        let unit = word(line.quantity.unit == .minute ? "min" : "one")
        let texts = [
            "\(place + 1)", [line.text, line.costCentre].compactMap { $0 }.joined(separator: ", "),
            line.days.map(days) ?? "",
            "\(number(line.quantity.decimal)) \(unit)",
            line.baseQuantity == 1 ? price : "\(price) / \(line.baseQuantity)",
            number(line.vat.rate.decimal), number(line.net.decimal),
        ]
        return .array(texts.map { JSON($0) })
    }

    private func breakdown(_ breakdown: InvoiceFacts.Breakdown) -> JSON {
        let reasons = [breakdown.exemptionReason, breakdown.exemptionCode].compactMap { $0 }
        let texts = [
            ([word(breakdown.vat.category)] + reasons).joined(separator: " · "),
            number(breakdown.vat.rate.decimal), number(breakdown.taxable.decimal),
            number(breakdown.tax.decimal),
        ]
        return .array(texts.map { JSON($0) })
    }

    private var totals: [(String, String?)] {
        [
            ("net", number(facts.net.decimal)), ("tax", number(facts.vat.decimal)),
            (!facts.kind.isCredit ? "total" : "credited", number(facts.total.decimal)),
        ]
    }

    private var payment: [(String, String?)] {
        [
            ("payee", facts.seller.name),
            ("iban", facts.iban.map { (try? IBAN($0).grouped) ?? $0 }),
            ("reference", facts.reference.map { (try? ReferenceNumber($0).grouped) ?? $0 }),
            ("due", facts.dueOn.map(day)),
        ]
    }

    private var barcode: JSON {
        guard let barcode = BankBarcode(facts) else { return .null }
        let svg =
            #"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 \#(barcode.width) 44" "#
            + #"preserveAspectRatio="none"><path d="\#(barcode.path(height: 44))"/></svg>"#
        return ["digits": JSON(barcode.digits), "svg": JSON(svg)]
    }

    private var isEnglish: Bool { word("language") == "en" }

    private func number(_ decimal: String) -> String {
        isEnglish ? decimal : Finvoice.comma(decimal)
    }

    private func day(_ day: CalendarDate) -> String {
        isEnglish ? day.iso : "\(day.day).\(day.month).\(day.year)"
    }

    private func days(_ days: InvoiceFacts.Days) -> String {
        days.first == days.last ? day(days.first) : "\(day(days.first)) – \(day(days.last))"
    }
}

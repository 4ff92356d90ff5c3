import Billing
import Documents
import Marketplace
import MoneyAndTime
import StrictJSON

/// An invoice as a person reads it: what EN 16931 and the Finnish VAT act (1501/1993, 209 e §) ask
/// it to say. The parties are those of the version of the contract under which it was made, as in
/// the e-invoice.
struct InvoiceSheet {
    let fields: [String: Any]

    init(_ invoice: JSON, of version: JSON, _ visitor: Visitor) throws {
        let period = try StatementPeriod(key: invoice["period"]?.text ?? "")
        let lines = invoice["lines"]?.elements ?? []
        let served = try lines.map { try CalendarDate(iso: $0["served_on"]?.text ?? "") }
        let days = period.days(with: served.map { $0...$0 })
        let language = visitor.language
        var fields: [String: Any] = [
            "number": invoice["number"]?.text ?? "",
            "issued": try visitor.day(invoice["issued_on"]),
            "due": try visitor.day(invoice["due_on"]),
            "served": "\(language.date(days.lowerBound)) – \(language.date(days.upperBound))",
            "seller": Self.party(version["document"]?["seller"]),
            "buyer": Self.party(version["document"]?["buyer"]),
            "buyer_reference": invoice["buyer_reference"]?.text ?? "",
            "contract": invoice["contract"]?.text ?? "",
            "iban": try IBAN(invoice["iban"]?.text ?? "").grouped,
            "reference": try ReferenceNumber(invoice["reference"]?.text ?? "").grouped,
            "lines": try lines.map {
                try Self.line($0, of: version, vat: invoice["vat"], visitor)
            },
            "net": visitor.figure(invoice["net"]),
            "vat_amount": visitor.figure(invoice["vat_amount"]),
            "total": visitor.figure(invoice["total"]),
            "to_pay": try visitor.euros(invoice["total"]),
        ]
        if invoice["self_billed"]?.flag == true { fields["self_billed"] = true }
        if let order = invoice["order_reference"]?.text { fields["order"] = ["text": order] }
        if let title = version["document"]?["title"]?.text {
            fields["contract_title"] = ["text": title]
        }
        fields["breakdown"] = Self.breakdown(invoice, visitor)
        fields["barcode"] = try Self.barcode(of: invoice)
        self.fields = fields
    }

    /// What a payer's program reads; nil for an account outside Finland.
    private static func barcode(of invoice: JSON) throws -> [String: Any]? {
        let barcode = try BankBarcode(
            iban: IBAN(invoice["iban"]?.text ?? ""),
            amount: Money(decimal: invoice["total"]?.text ?? ""),
            reference: ReferenceNumber(invoice["reference"]?.text ?? ""),
            dueOn: CalendarDate(iso: invoice["due_on"]?.text ?? ""))
        return barcode.map {
            ["digits": $0.digits, "width": "\($0.width)", "path": $0.path(height: 44)]
        }
    }

    private static func party(_ party: JSON?) -> [String: Any] {
        let address = party?["address"]
        var fields: [String: Any] = [
            "name": party?["name"]?.text ?? "",
            "street": address?["street"]?.text ?? "",
            "city": "\(address?["postal_code"]?.text ?? "") \(address?["city"]?.text ?? "")",
            "country": address?["country"]?.text ?? "FI",
            "business_id": party?["business_id"]?.text ?? "",
            "ovt": party?["ovt"]?.text ?? "",
        ]
        if let vatID = party?["vat_id"]?.text { fields["vat_id"] = ["text": vatID] }
        return fields
    }

    private static func line(
        _ line: JSON, of version: JSON, vat: JSON?, _ visitor: Visitor
    ) throws -> [String: Any] {
        let base = line["base_quantity"]?.integer ?? 1
        let price = visitor.figure(line["price"])
        return [
            "number": "\(line["line"]?.integer ?? 0)",
            "text": text(of: line, in: version, visitor),
            "day": try line["starts"]?.text.map {
                visitor.language.moment(
                    try Instant(rfc3339: $0),
                    in: try WallClock(zone: version["document"]?["time_zone"]?.text ?? ""))
            } ?? visitor.day(line["served_on"]),
            "quantity": visitor.figure(line["quantity"]),
            "unit": visitor.say("unit_\((line["unit"]?.text ?? "").lowercased())"),
            "price": base == 1 ? price : "\(price) / \(base)",
            "rate": visitor.figure(vat?["rate"]),
            "net": visitor.figure(line["net"]),
            "address": "/charges/\(line["charge"]?.text ?? "")",
        ]
    }

    /// What a line is for, by the contract's own name for it in the reader's language. The invoice
    /// itself has the English one.
    private static func text(of line: JSON, in version: JSON, _ visitor: Visitor) -> String {
        let services = version["document"]?["services"]?.elements ?? []
        guard let service = services.first(where: { $0["code"] == line["service"] }) else {
            guard line["service"]?.text == Charge.Subject.commitmentService,
                let day = try? visitor.month(JSON(line["served_on"]?.text?.prefix(7).description))
            else { return line["text"]?.text ?? "" }
            return "\(visitor.say("line_\(line["kind"]?.text ?? "")")), \(day)"
        }
        let name = visitor.name(of: service)
        let kind = line["kind"]?.text ?? ""
        if kind == "visit" { return name }
        let terms =
            (service["supplements"]?.elements ?? [])
            + (service["discounts"]?.elements ?? [])
        if let term = terms.first(where: { $0["code"] == line["code"] }) {
            return "\(name), \(visitor.name(of: term).lowercased())"
        }
        return "\(name), \(visitor.say("line_\(kind)").lowercased())"
    }

    /// One treatment, as every invoice of ours has (EN 16931 BG-23).
    private static func breakdown(_ invoice: JSON, _ visitor: Visitor) -> [String: Any] {
        let vat = invoice["vat"]
        var fields: [String: Any] = [
            "category": visitor.say("vat_\((vat?["category"]?.text ?? "").lowercased())"),
            "rate": visitor.figure(vat?["rate"]),
            "taxable": visitor.figure(invoice["net"]),
            "tax": visitor.figure(invoice["vat_amount"]),
        ]
        let reasons = [vat?["exemption_reason"]?.text, vat?["exemption_code"]?.text]
            .compactMap { $0 }
        if !reasons.isEmpty { fields["exemption"] = ["text": reasons.joined(separator: " · ")] }
        return fields
    }
}

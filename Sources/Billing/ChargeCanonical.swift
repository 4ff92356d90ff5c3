import MoneyAndTime
import StrictJSON

extension Charge {
    /// The bytes that are sealed (RFC 8785): everything that the amount depends on, and the
    /// trace. Amounts, prices and numerators are strings, as everywhere.
    package func canonical() throws -> [UInt8] {
        var members: JSONObject = [
            "id": .string("\(id)"),
            "contract": .string("\(contract)"),
            "version": JSON(versionNumber),
            "seller": .string("\(seller)"),
            "buyer": .string("\(buyer)"),
            "service": .string(service),
            "cause": .string(cause.rawValue),
            "served_on": .string(servedOn.iso),
            "period": .string(period),
            "seconds_before": JSON(secondsBefore),
            "billed_seconds": JSON(billedSeconds),
            "lines": .array(lines.map(\.json)),
            "trace": trace,
            "net": .string(net.decimal),
            "currency": .string(net.currency.rawValue),
        ]
        switch subject {
        case .booking(let booking): members["booking"] = .string("\(booking)")
        case .block(let block): members["block"] = .string("\(block)")
        case .commitment: break
        }
        return try JSON.object(members).canonical()
    }
}

extension Charge.Line {
    fileprivate var json: JSON {
        .object([
            "kind": .string(kind),
            "code": code.map { .string($0) } ?? .null,
            "text": .string(text),
            "quantity": .string(quantity.decimal),
            "unit": .string(quantity.unit.rawValue),
            "price": .string(price.decimal),
            "base_quantity": JSON(baseQuantity),
            "numerator": .string("\(exact.numerator)"),
            "denominator": .string("\(exact.denominator)"),
            "rounding": .string(rounding.rawValue),
            "net": .string(net.decimal),
        ])
    }
}

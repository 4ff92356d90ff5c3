/// Integers with an implied point, written for people with a pocket calculator.
enum DecimalText {
    /// `value` × 10^-`places`, without needless zeros: 4_587_671 with four places is "458.7671".
    static func write(_ value: some FixedWidthInteger, places: Int) -> String {
        let digits = String(value.magnitude)
        let padded = String(repeating: "0", count: max(places + 1 - digits.count, 0)) + digits
        let fraction = padded.suffix(places).trimmingZeros
        let whole = padded.dropLast(places)
        let sign = value < 0 ? "-" : ""
        return fraction.isEmpty ? "\(sign)\(whole)" : "\(sign)\(whole).\(fraction)"
    }
}

extension Substring {
    /// Without the zeros at the end.
    fileprivate var trimmingZeros: Substring {
        var rest = self
        while rest.last == "0" { rest.removeLast() }
        return rest
    }
}

/// The price of one unit (a minute) in ten-thousandths of a euro, never negative. A price is
/// never rounded; what it makes is, once, on the line.
package struct UnitPrice: Hashable, Sendable {
    package let tenThousandths: Int64

    package init(tenThousandths: Int64) throws(InvalidDecimal) {
        if tenThousandths < 0 { throw .negative }
        self.tenThousandths = tenThousandths
    }

    /// Reads `2.4533`: a point and at most four decimals.
    package init(decimal: String) throws(InvalidDecimal) {
        try self.init(tenThousandths: try DecimalText.parse(decimal, scale: 4))
    }

    /// Two to four decimals, as few as are exact: `2.40`, `2.4533`.
    package var decimal: String { DecimalText.write(tenThousandths, scale: 4, minimum: 2) }
}

extension UnitPrice: Comparable {
    package static func < (left: UnitPrice, right: UnitPrice) -> Bool {
        left.tenThousandths < right.tenThousandths
    }
}

extension UnitPrice: CustomStringConvertible {
    package var description: String { decimal }
}

/// Whether an issuer's invoice numbers run from one without a gap in each year (invariant 23).
package enum Gaplessness {
    package enum Finding: Hashable, Sendable {
        /// Counters that no invoice has.
        case missing(prefix: String, year: Int, series: Int? = nil, ClosedRange<Int64>)
        case repeated(InvoiceNumber)
    }

    /// What is wrong with the numbers of one issuer, in any order; empty when they are in order.
    package static func check(_ numbers: [InvoiceNumber]) -> [Finding] {
        let series = Dictionary(grouping: numbers) {
            Series(prefix: $0.prefix, year: $0.year, series: $0.series)
        }
        return series.sorted { $0.key < $1.key }.flatMap { series, numbers in
            check(series, numbers.sorted { $0.counter < $1.counter })
        }
    }

    private static func check(_ series: Series, _ sorted: [InvoiceNumber]) -> [Finding] {
        var findings: [Finding] = []
        var last: Int64 = 0
        for number in sorted {
            if number.counter == last {
                findings.append(.repeated(number))
            } else if number.counter > last + 1 {
                let gap = (last + 1)...(number.counter - 1)
                findings.append(
                    .missing(
                        prefix: series.prefix, year: series.year, series: series.series, gap))
            }
            last = number.counter
        }
        return findings
    }

    private struct Series: Hashable, Comparable {
        let prefix: String
        let year: Int
        let series: Int?

        static func < (left: Series, right: Series) -> Bool {
            (left.prefix, left.year, left.series ?? 0) < (
                right.prefix, right.year, right.series ?? 0
            )
        }
    }
}

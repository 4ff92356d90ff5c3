import MoneyAndTime

/// The totals of an invoice by the rounding rule of EN 16931: line nets are rounded already; VAT
/// is rounded once for each category and rate; everything else is a sum.
package struct InvoiceCalculation: Hashable, Sendable {
    /// In the order in which the lines first name them.
    package let groups: [InvoiceVATGroup]
    /// BT-106, BT-109: the sum of the line nets.
    package let net: Money
    /// BT-110: the sum of the groups' VAT.
    package let vat: Money
    /// BT-112, BT-115: `net` + `vat`.
    package let total: Money

    /// Of one treatment, whose VAT is given: what a credit takes of the rest.
    init(vat treatment: InvoiceVAT, net: Money, tax: Money, total: Money) {
        groups = [InvoiceVATGroup(vat: treatment, taxable: net, tax: tax)]
        self.net = net
        vat = tax
        self.total = total
    }

    /// Throws `mixedExemptions` for two reasons of exemption, `noLines`, or
    /// `ArithmeticFailure.overflow`.
    package init(lines: [(net: Money, vat: InvoiceVAT)]) throws {
        guard !lines.isEmpty else { throw BillingRefusal.noLines }
        var order: [InvoiceVAT] = []
        var nets: [InvoiceVAT: [Money]] = [:]
        for line in lines {
            if nets[line.vat] == nil { order.append(line.vat) }
            nets[line.vat, default: []].append(line.net)
        }
        // EN 16931 has one breakdown for category E, and one reason in it (BR-E-01).
        guard order.count(where: { $0.category == .exempt }) <= 1 else {
            throw BillingRefusal.mixedExemptions
        }
        groups = try order.map { vat in
            let taxable = try Money.sum(of: nets[vat] ?? [])
            return InvoiceVATGroup(vat: vat, taxable: taxable, tax: try vat.rate.of(taxable))
        }
        net = try Money.sum(of: lines.map(\.net))
        vat = try Money.sum(of: groups.map(\.tax))
        total = try net.adding(vat)
    }
}

import MoneyAndTime

/// The product's own checks of an invoice before it is issued: what the official rules of
/// EN 16931 and Peppol let pass, and what they would find later.
package enum InvoiceChecks {
    /// Everything that is wrong, in the order of the document; empty when it may be issued.
    package static func problems(of facts: InvoiceFacts) -> [InvoiceProblem] {
        head(of: facts)
            + party(facts.seller, isSeller: true) + party(facts.buyer, isSeller: false)
            + payment(of: facts) + texts(of: facts) + lines(of: facts) + vat(of: facts)
            + totals(of: facts)
    }

    /// Finvoice's `InvoiceNumber`.
    static let longestNumber = 20

    private static func isBlank(_ text: String?) -> Bool {
        text?.contains { !$0.isWhitespace } != true
    }

    private static func head(of facts: InvoiceFacts) -> [InvoiceProblem] {
        var found: [InvoiceProblem] = []
        if isBlank(facts.number) {
            found.append(.init(.numberMissing, "BT-1"))
        } else if facts.number.count > longestNumber {
            found.append(.init(.numberTooLong, "BT-1", found: facts.number))
        }
        switch facts.kind {
        case .invoice, .selfBilledInvoice:
            if let due = facts.dueOn {
                if due < facts.issuedOn {
                    found.append(.init(.dueDateBeforeIssue, "BT-9", found: due.iso))
                }
            } else {
                found.append(.init(.dueDateMissing, "BT-9"))
            }
        case .creditNote, .selfBilledCreditNote:
            if isBlank(facts.original?.number) {
                found.append(.init(.originalMissing, "BT-25"))
            } else if let day = facts.original?.issuedOn, day > facts.issuedOn {
                found.append(.init(.originalAfterCredit, "BT-26", found: day.iso))
            }
        }
        if isBlank(facts.buyerReference), isBlank(facts.orderReference) {
            found.append(.init(.referencesMissing, "BT-10"))
        }
        if let days = facts.days, days.last < days.first {
            found.append(.init(.periodReversed, "BT-74", found: days.last.iso))
        }
        return found
    }

    private static func party(
        _ party: InvoiceFacts.Party, isSeller: Bool
    ) -> [InvoiceProblem] {
        var found: [InvoiceProblem] = []
        let texts = [
            (party.name, "BT-27", "BT-44"), (party.city, "BT-37", "BT-52"),
            (party.country, "BT-40", "BT-55"),
        ]
        for (text, ofSeller, ofBuyer) in texts where isBlank(text) {
            found.append(.init(.partyIncomplete, isSeller ? ofSeller : ofBuyer))
        }
        let business = party.businessID.flatMap { try? BusinessID($0) }
        if business == nil {
            found.append(
                .init(.businessIDWrong, isSeller ? "BT-30" : "BT-47", found: party.businessID))
        }
        if let text = party.vatID {
            let vatID = try? VATID(text)
            // A number of another country holds no Finnish business id.
            if vatID == nil || (vatID?.country == "FI" && vatID?.businessID != business) {
                found.append(.init(.vatIDWrong, isSeller ? "BT-31" : "BT-48", found: text))
            }
        } else if isSeller {
            found.append(.init(.vatIDMissing, "BT-31"))
        }
        let ovt = party.ovt.flatMap { try? OVT($0) }
        if ovt == nil || ovt?.businessID != business {
            found.append(.init(.addressWrong, isSeller ? "BT-34" : "BT-49", found: party.ovt))
        }
        return found
    }

    private static func payment(of facts: InvoiceFacts) -> [InvoiceProblem] {
        var found: [InvoiceProblem] = []
        if isBlank(facts.iban) {
            found.append(.init(.ibanMissing, "BT-84"))
        } else if let text = facts.iban {
            if let iban = try? IBAN(text) {
                if !sepaCountries.contains(String(iban.text.prefix(2))) {
                    found.append(.init(.ibanOutsideSEPA, "BT-84", found: text))
                }
            } else {
                found.append(.init(.ibanWrong, "BT-84", found: text))
            }
        }
        if isBlank(facts.reference) {
            // What is given back is found by the number of its original.
            if !facts.kind.isCredit { found.append(.init(.referenceMissing, "BT-83")) }
        } else if let text = facts.reference, (try? ReferenceNumber(text)) == nil {
            found.append(.init(.referenceWrong, "BT-83", found: text))
        }
        return found
    }

    /// Every text that becomes part of a document, with its term.
    private static func texts(of facts: InvoiceFacts) -> [InvoiceProblem] {
        let heads: [(String, String?)] = [
            ("BT-1", facts.number), ("BT-10", facts.buyerReference),
            ("BT-13", facts.orderReference), ("BT-22", facts.note),
            ("BT-27", facts.seller.name), ("BT-35", facts.seller.street),
            ("BT-37", facts.seller.city), ("BT-44", facts.buyer.name),
            ("BT-50", facts.buyer.street), ("BT-52", facts.buyer.city),
        ]
        var found = heads.filter { isUnwritable($0.1) }.map {
            InvoiceProblem(.textUnwritable, $0.0)
        }
        for (index, line) in facts.lines.enumerated() {
            if isUnwritable(line.text) {
                found.append(.init(.textUnwritable, "BT-153", line: index + 1))
            }
            if isUnwritable(line.costCentre) {
                found.append(.init(.textUnwritable, "BT-133", line: index + 1))
            }
        }
        return found
    }

    /// XML 1.0 §2.2.
    private static func isUnwritable(_ text: String?) -> Bool {
        text?.unicodeScalars.contains { scalar in
            switch scalar {
            case "\t", "\n", "\r": false
            case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": true
            default: false
            }
        } ?? false
    }

    private static func lines(of facts: InvoiceFacts) -> [InvoiceProblem] {
        guard !facts.lines.isEmpty else { return [.init(.linesMissing, "BG-25")] }
        var found: [InvoiceProblem] = []
        for (index, line) in facts.lines.enumerated() {
            let number = index + 1
            if line.baseQuantity < 1 {
                found.append(.init(.baseQuantityWrong, "BT-149", line: number))
            } else if !isExact(line) {
                let wanted = try? ExactNet(
                    line.quantity, at: line.price, baseQuantity: line.baseQuantity
                ).rounded()
                found.append(
                    .init(
                        .lineNetWrong, "BT-131", line: number, found: line.net.decimal,
                        wanted: wanted?.decimal))
            }
            guard let days = line.days else { continue }
            if days.last < days.first {
                found.append(
                    .init(.periodReversed, "BT-135", line: number, found: days.last.iso))
            } else if let all = facts.days {
                if days.first < all.first {
                    found.append(
                        .init(.linePeriodOutside, "BT-134", line: number, found: days.first.iso))
                }
                if days.last > all.last {
                    found.append(
                        .init(.linePeriodOutside, "BT-135", line: number, found: days.last.iso))
                }
            }
        }
        return found
    }

    /// By the rounding that the contract names, which only a half cent tells apart.
    private static func isExact(_ line: InvoiceFacts.Line) -> Bool {
        guard
            let exact = try? ExactNet(
                line.quantity, at: line.price, baseQuantity: line.baseQuantity),
            let up = try? exact.rounded(.halfUp), let even = try? exact.rounded(.halfEven)
        else { return false }
        return line.net == up || line.net == even
    }

    private static func totals(of facts: InvoiceFacts) -> [InvoiceProblem] {
        var found: [InvoiceProblem] = []
        func compare(
            _ check: InvoiceProblem.Check, _ term: String, _ amount: Money, _ wanted: Money?
        ) {
            guard amount != wanted else { return }
            found.append(
                .init(check, term, found: amount.decimal, wanted: wanted?.decimal))
        }
        compare(.netWrong, "BT-106", facts.net, try? Money.sum(of: facts.lines.map(\.net)))
        compare(
            .taxTotalWrong, "BT-110", facts.vat, try? Money.sum(of: facts.breakdowns.map(\.tax)))
        compare(.totalWrong, "BT-112", facts.total, try? facts.net.adding(facts.vat))
        // A credit note has positive amounts, too (UBL 2.1).
        if facts.total <= .zero {
            found.append(.init(.totalNotPositive, "BT-115", found: facts.total.decimal))
        }
        return found
    }

    /// European Payments Council, EPC409-09: the countries whose IBANs a SEPA credit transfer
    /// reaches.
    private static let sepaCountries: Set<String> = [
        "AD", "AL", "AT", "BE", "BG", "CH", "CY", "CZ", "DE", "DK", "EE", "ES", "FI", "FR", "GB",
        "GI", "GR", "HR", "HU", "IE", "IS", "IT", "LI", "LT", "LU", "LV", "MC", "MD", "ME", "MK",
        "MT", "NL", "NO", "PL", "PT", "RO", "RS", "SE", "SI", "SK", "SM", "VA",
    ]
}

// MARK: - VAT

extension InvoiceChecks {
    fileprivate static func vat(of facts: InvoiceFacts) -> [InvoiceProblem] {
        var found: [InvoiceProblem] = []
        var sums: [InvoiceFacts.VAT: [Money]] = [:]
        for (index, line) in facts.lines.enumerated() {
            if sums[line.vat] == nil {
                found += treatment(line.vat, "BT-151", "BT-152", line: index + 1)
                if !facts.breakdowns.contains(where: { $0.vat == line.vat }) {
                    found.append(.init(.breakdownMissing, "BT-118", line: index + 1))
                }
            }
            sums[line.vat, default: []].append(line.net)
        }
        var seen: Set<InvoiceFacts.VAT> = []
        for breakdown in facts.breakdowns {
            found += treatment(breakdown.vat, "BT-118", "BT-119", line: nil)
            found += reason(of: breakdown)
            if !seen.insert(breakdown.vat).inserted {
                // Two of one category and rate differ in nothing but their reasons.
                let check: InvoiceProblem.Check =
                    breakdown.vat.category == exempt ? .exemptionsMixed : .breakdownRepeated
                found.append(
                    .init(check, breakdown.vat.category == exempt ? "BT-121" : "BT-118"))
                continue
            }
            let total = facts.breakdowns.filter { $0.vat == breakdown.vat }.map(\.taxable)
            if let wanted = try? Money.sum(of: sums[breakdown.vat] ?? []),
                (try? Money.sum(of: total)) != wanted
            {
                found.append(
                    .init(
                        .taxableWrong, "BT-116", found: breakdown.taxable.decimal,
                        wanted: wanted.decimal))
            }
            if let wanted = try? breakdown.vat.rate.of(breakdown.taxable), wanted != breakdown.tax {
                found.append(
                    .init(
                        .taxWrong, "BT-117", found: breakdown.tax.decimal,
                        wanted: wanted.decimal))
            }
        }
        return found
    }

    private static let exempt = InvoiceVAT.Category.exempt.rawValue

    private static func treatment(
        _ vat: InvoiceFacts.VAT, _ categoryTerm: String, _ rateTerm: String, line: Int?
    ) -> [InvoiceProblem] {
        guard let category = InvoiceVAT.Category(rawValue: vat.category) else {
            return [.init(.categoryUnknown, categoryTerm, line: line, found: vat.category)]
        }
        guard (category == .standard) == (vat.rate.basisPoints > 0) else {
            return [.init(.rateWrong, rateTerm, line: line, found: vat.rate.decimal)]
        }
        return []
    }

    private static func reason(of breakdown: InvoiceFacts.Breakdown) -> [InvoiceProblem] {
        let texts = [breakdown.exemptionCode, breakdown.exemptionReason]
        let isGiven = texts.contains { $0?.contains { !$0.isWhitespace } ?? false }
        if breakdown.vat.category == exempt {
            return isGiven ? [] : [.init(.exemptionReasonMissing, "BT-120")]
        }
        return isGiven ? [.init(.exemptionReasonExtra, "BT-120")] : []
    }
}

import Billing
import MoneyAndTime

/// A seller or a buyer in Finvoice.
enum FinvoiceParty {
    static func write(
        _ party: InvoiceFacts.Party, as role: String, to xml: inout XMLWriter
    ) throws {
        try xml.element("\(role)PartyDetails") { xml in
            if let id = party.businessID {
                try xml.element("\(role)PartyIdentifier", id, attributes: ["SchemeID": "0212"])
            }
            for part in Finvoice.Text.parts(party.name, of: 70, most: 9) {
                try xml.element("\(role)OrganisationName", part)
            }
            if let vatID = party.vatID { try xml.element("\(role)OrganisationTaxCode", vatID) }
            if let ovt = party.ovt {
                try xml.element("\(role)Code", ovt, attributes: ["SchemeID": "0216"])
            }
            // The schema's parts of an address have two characters at least.
            guard party.street.count > 1, party.city.count > 1, party.postalCode.count > 1 else {
                return
            }
            try xml.element("\(role)PostalAddressDetails") { xml in
                for part in Finvoice.Text.parts(party.street, of: 35, most: 3) {
                    try xml.element("\(role)StreetName", part)
                }
                try xml.element("\(role)TownName", Finvoice.Text.cut(party.city, to: 35))
                try xml.element("\(role)PostCodeIdentifier", party.postalCode)
                try xml.element("CountryCode", party.country)
            }
        }
    }
}

/// The head of an invoice in Finvoice: `InvoiceDetails`.
enum FinvoiceDetails {
    static func write(
        _ facts: InvoiceFacts, _ sign: Finvoice.Sign, to xml: inout XMLWriter
    ) throws {
        let isCredit = facts.kind.isCredit
        try xml.element("InvoiceDetails") { xml in
            try xml.element(
                "InvoiceTypeCode", isCredit ? "INV02" : "INV01",
                attributes: ["CodeListAgencyIdentifier": "SPY"])
            try xml.element("InvoiceTypeCodeUN", facts.kind.rawValue)
            try xml.element(
                "InvoiceTypeText",
                (facts.kind.isSelfBilled ? "ITSELASKUTUS, " : "")
                    + (isCredit ? "HYVITYSLASKU" : "LASKU"))
            try xml.element("OriginCode", "Original")
            try xml.element("InvoiceNumber", facts.number)
            try xml.day("InvoiceDate", facts.issuedOn)
            if let original = facts.original {
                try xml.element("OriginalInvoiceReference") {
                    try $0.element("InvoiceNumber", original.number)
                    if let day = original.issuedOn { try $0.day("InvoiceDate", day) }
                }
            }
            if let days = facts.days {
                try xml.day("InvoicingPeriodStartDate", days.first)
                try xml.day("InvoicingPeriodEndDate", days.last)
            }
            if let order = facts.orderReference {
                try xml.element("OrderIdentifier", Finvoice.Text.cut(order, to: 70))
            }
            if let contract = facts.contract { try xml.element("AgreementIdentifier", contract) }
            if let reference = facts.buyerReference {
                try xml.element("BuyerReferenceIdentifier", Finvoice.Text.cut(reference, to: 70))
            }
            try writeTotals(of: facts, sign, to: &xml)
            if let note = facts.note {
                for part in Finvoice.Text.parts(note, of: 512, most: 99) {
                    try xml.element("InvoiceFreeText", part)
                }
            }
            if let due = facts.dueOn {
                try xml.element("PaymentTermsDetails") { try $0.day("InvoiceDueDate", due) }
            }
        }
    }

    private static func writeTotals(
        of facts: InvoiceFacts, _ sign: Finvoice.Sign, to xml: inout XMLWriter
    ) throws {
        try xml.sum("RowsTotalVatExcludedAmount", facts.net, sign)
        try xml.sum("InvoiceTotalVatExcludedAmount", facts.net, sign)
        try xml.sum("InvoiceTotalVatAmount", facts.vat, sign)
        try xml.sum("InvoiceTotalVatIncludedAmount", facts.total, sign)
        for breakdown in facts.breakdowns {
            try xml.element("VatSpecificationDetails") { xml in
                try xml.sum("VatBaseAmount", breakdown.taxable, sign)
                try xml.element(
                    "VatRatePercent", Finvoice.comma(breakdown.vat.rate.decimal))
                try xml.element("VatCode", breakdown.vat.category)
                try xml.sum("VatRateAmount", breakdown.tax, sign)
                for part in Finvoice.Text.parts(
                    breakdown.exemptionReason ?? "", of: 70, most: 3)
                {
                    try xml.element("VatFreeText", part)
                }
                if let code = breakdown.exemptionCode {
                    try xml.element("VatExemptionReasonCode", code)
                }
            }
        }
    }
}

/// One line of an invoice in Finvoice.
enum FinvoiceRow {
    static func write(
        _ line: InvoiceFacts.Line, number: Int, _ sign: Finvoice.Sign, to xml: inout XMLWriter
    ) throws {
        let unit = line.quantity.unit
        try xml.element("InvoiceRow") { xml in
            try xml.element("RowSubIdentifier", "\(number)")
            try xml.element("ArticleName", Finvoice.Text.cut(line.text, to: 100))
            if let detail = line.detail {
                try xml.element("ArticleDescription", Finvoice.Text.cut(detail, to: 512))
            }
            try xml.element(
                "InvoicedQuantity", Finvoice.comma(try sign.of(line.quantity).decimal),
                attributes: [
                    "QuantityUnitCode": word(of: unit), "QuantityUnitCodeUN": unit.rawValue,
                ])
            if let days = line.days {
                try xml.day("StartDate", days.first)
                try xml.day("EndDate", days.last)
            }
            // Never rounded: four decimals of the five that it may have.
            try xml.element(
                "UnitPriceAmount", Finvoice.comma(line.price.decimal),
                attributes: [
                    "AmountCurrencyIdentifier": line.net.currency.rawValue,
                    "UnitPriceUnitCode": "e/\(word(of: unit))",
                    "QuantityUnitCodeUN": unit.rawValue,
                ])
            try xml.element(
                "UnitPriceBaseQuantity", "\(line.baseQuantity)",
                attributes: ["QuantityUnitCodeUN": unit.rawValue])
            if let costCentre = line.costCentre {
                try xml.element(
                    "RowAccountDimensionText", Finvoice.Text.cut(costCentre, to: 35))
            }
            // What the name had no room for is not lost.
            for part in Finvoice.Text.parts(
                String(line.text.dropFirst(100)), of: 512, most: 99)
            {
                try xml.element("RowFreeText", part)
            }
            try xml.element("RowVatRatePercent", Finvoice.comma(line.vat.rate.decimal))
            try xml.element("RowVatCode", line.vat.category)
            try xml.sum("RowVatExcludedAmount", line.net, sign)
        }
    }

    private static func word(of unit: BilledQuantity.Unit) -> String {
        switch unit {
        case .minute: "min"
        case .one: "kpl"
        }
    }
}

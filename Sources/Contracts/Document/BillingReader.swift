import MoneyAndTime
import StrictJSON

extension BillingTerms {
    init(reading fields: inout JSONFields, seller: Party, buyer: Party) throws {
        period = try fields.enumeration("period")
        (acceptanceDays, silenceAccepts) = try fields.nested("statement") {
            (
                try $0.integer("acceptance_days", in: 1...30),
                try $0.optionalBool("silence_accepts") ?? false
            )
        }
        dispute = try fields.optionalNested("dispute") { fields in
            Dispute(
                windowDays: try fields.integer("window_days", in: 1...366),
                tolerance: try fields.amount("tolerance"))
        }
        lateInterest = try Self.lateInterest(in: &fields)
        netting = try fields.optionalEnumeration("netting") ?? .none
        document = try fields.optionalEnumeration("document") ?? .invoice
        paymentDays = try fields.integer("payment_days", in: 1...60)
        vat = try fields.nested("vat") { try VATTreatment(reading: &$0) }
        buyerReference = try fields.line("buyer_reference")
        orderReference = try fields.optionalLine("order_reference")
        costCentre = try fields.optionalLine("cost_centre")
        try requireFit(seller: seller, buyer: buyer, fields)
    }

    private static func lateInterest(in fields: inout JSONFields) throws -> LateInterest {
        guard let reader = fields.optional("late_interest") else { return .statutory }
        let text = try reader.string(max: 64)
        if text == "statutory" { return .statutory }
        guard let percent = try? fields.percent("late_interest") else {
            throw fields.breach(
                "late_interest", .lateInterest, "must be statutory, or a percentage by the year")
        }
        return .yearly(percent)
    }

    /// Public bodies pay within 30 days (act 30/2013 on payment terms, section 5 a); units of one
    /// legal person settle without an invoice, and nobody else does.
    private func requireFit(seller: Party, buyer: Party, _ fields: JSONFields) throws {
        if buyer.particulars.isPublicBody == true, paymentDays > 30 {
            throw fields.breach(
                "payment_days", .paymentDaysPublic, "must be 30 at most for a public body")
        }
        let isInternal = document == .internalSettlement
        if (seller.businessID == buyer.businessID) != isInternal {
            throw fields.breach(
                "document", .internalSettlement,
                "is internal between units of one legal person, and only there")
        }
        if (vat.category == .outsideScope) != isInternal {
            let pointer = fields.pointer.appending("vat").appending("category")
            throw ContractProblem(
                .internalSettlement, at: pointer, "is O where no invoice is made, and only there")
        }
    }
}

extension VATTreatment {
    init(reading fields: inout JSONFields) throws {
        category = try fields.enumeration("category")
        rate = try fields.percent("rate_percent")
        reason = try fields.line("reason")
        exemptionCode = try fields.optionalEnumeration("exemption_code")
        if (category == .standard) != (rate.basisPoints > 0) {
            throw fields.breach(
                "rate_percent", .vatRate, "must be above 0 for S, and 0 for E, Z and O")
        }
        if (category == .exempt) != (exemptionCode != nil) {
            throw fields.breach(
                "exemption_code", .vatExemption, "is required for E, and only there")
        }
    }
}

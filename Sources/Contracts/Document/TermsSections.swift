import MoneyAndTime
import StrictJSON

extension Validity {
    init(reading fields: inout JSONFields) throws {
        firstDay = try fields.date("first_day")
        lastDay = try fields.date("last_day")
        if lastDay < firstDay {
            throw fields.breach("last_day", .validityOrder, "is before the first day")
        }
    }
}

extension CancellationTerms {
    init(reading fields: inout JSONFields) throws {
        noticeHours = try fields.integer("notice_hours", in: 0...720)
        fee = try fields.percent("fee_percent")
    }
}

extension BookingLimits {
    init(reading fields: inout JSONFields) throws {
        budgetCeiling = try fields.amount("budget_ceiling")
        minimumNoticeMinutes = try fields.integer("minimum_notice_minutes", in: 0...43_200)
        horizonDays = try fields.integer("horizon_days", in: 1...366)
        holdMinutes = try fields.integer("hold_minutes", in: 1...60)
        if minimumNoticeMinutes >= horizonDays * 24 * 60 {
            throw fields.breach(
                "minimum_notice_minutes", .noticeBeyondHorizon,
                "is not shorter than the horizon: nothing could be booked")
        }
    }
}

extension HandshakeTerms {
    init(reading fields: inout JSONFields) throws {
        replyWithinMinutes = try fields.integer("reply_within_minutes", in: 5...10_080)
        acceptedInAdvance = try fields.bool("accepted_in_advance")
    }
}

extension BillingTerms {
    init(reading fields: inout JSONFields) throws {
        period = try fields.enumeration("period")
        acceptanceDays = try fields.nested("statement") {
            try $0.integer("acceptance_days", in: 1...30)
        }
        paymentDays = try fields.integer("payment_days", in: 1...60)
        vat = try fields.nested("vat") { try VATTreatment(reading: &$0) }
        buyerReference = try fields.line("buyer_reference")
        orderReference =
            fields.optional("order_reference") == nil ? nil : try fields.line("order_reference")
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
                "rate_percent", .vatRate, "must be above 0 for S, and 0 for E and Z")
        }
        if (category == .exempt) != (exemptionCode != nil) {
            throw fields.breach(
                "exemption_code", .vatExemption, "is required for E, and only there")
        }
    }
}

extension DataProtectionTerms {
    init(reading fields: inout JSONFields) throws {
        sellerRole = try fields.enumeration("seller_role")
        buyerRole = try fields.enumeration("buyer_role")
        purpose = try fields.line("purpose")
        retentionYears = try fields.integer("retention_years", in: 1...120)
        if !Self.fits(seller: sellerRole, buyer: buyerRole) {
            throw fields.breach(
                .dataRoles, "somebody must be the controller, and joint control is of both")
        }
    }
}

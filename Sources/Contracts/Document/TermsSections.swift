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

extension RenewalTerms {
    init(reading fields: inout JSONFields) throws {
        months = try fields.integer("months", in: 1...60)
        noticeDays = try fields.integer("notice_days", in: 0...366)
    }
}

extension Commitment {
    init(reading fields: inout JSONFields) throws {
        minutesPerPeriod = try fields.integer("minutes_per_period", in: 1...500_000)
        perMinute = try fields.unitPrice("price_per_minute")
    }
}

extension WeeklyBlock {
    init(reading fields: inout JSONFields, rateCard: RateCard) throws {
        service = try fields.slug("service")
        guard let sold = rateCard.service(service) else {
            throw fields.breach("service", .blockService, "is not a service of the contract")
        }
        if sold.kind == .groupSession {
            throw fields.breach(
                "service", .blockOfSessions,
                "is sold by the place in sessions with other buyers, and a block is one buyer's")
        }
        weekday = try fields.enumeration("weekday")
        (from, until) = try fields.hours()
        room = try fields.optionalLine("room")
        nurse = try fields.bool("nurse")
        placeUntilHours = try fields.integer("place_until_hours", in: 0...720)
        unusedFee = try fields.percent("unused_fee_percent")
        reoffer = try fields.optionalBool("reoffer") ?? false
    }
}

extension BookingLimits {
    init(reading fields: inout JSONFields) throws {
        budgetCeiling = try fields.amount("budget_ceiling")
        minimumNoticeMinutes = try fields.integer("minimum_notice_minutes", in: 0...43_200)
        horizonDays = try fields.integer("horizon_days", in: 1...366)
        holdMinutes = try fields.integer("hold_minutes", in: 1...60)
        quota = try fields.optionalNested("quota") { try Quota(reading: &$0) }
        if minimumNoticeMinutes >= horizonDays * 24 * 60 {
            throw fields.breach(
                "minimum_notice_minutes", .noticeBeyondHorizon,
                "is not shorter than the horizon: nothing could be booked")
        }
    }
}

extension Quota {
    init(reading fields: inout JSONFields) throws {
        visits = try fields.optionalInteger("visits_per_period", in: 1...100_000)
        minutes = try fields.optionalInteger("minutes_per_period", in: 1...500_000)
        if visits == nil && minutes == nil {
            throw fields.breach(.quotaEmpty, "must limit visits or minutes")
        }
    }
}

extension HandshakeTerms {
    init(reading fields: inout JSONFields) throws {
        replyWithinMinutes = try fields.integer("reply_within_minutes", in: 5...10_080)
        acceptedInAdvance = try fields.bool("accepted_in_advance")
        declined = try fields.optionalEnumeration("declined") ?? .asCancellation
        expired = try fields.optionalEnumeration("expired") ?? .asCancellation
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

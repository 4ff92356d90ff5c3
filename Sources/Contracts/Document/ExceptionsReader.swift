import MoneyAndTime
import StrictJSON

// What happens when a visit does not go as planned.

extension CancellationTerms {
    init(reading fields: inout JSONFields) throws {
        buyer = try Self.bands("buyer", in: &fields)
        seller = try Self.bands("seller", in: &fields)
    }

    private static func bands(_ key: String, in fields: inout JSONFields) throws -> [Band] {
        var before: Band?
        let bands = try fields.array(key, min: 1, max: 10) { reader in
            try reader.object { fields in
                let band = Band(
                    noticeHours: try fields.integer("notice_hours", in: 0...2160),
                    fee: try fields.percent("fee_percent"))
                if let before {
                    guard band.noticeHours < before.noticeHours else {
                        throw fields.breach(
                            "notice_hours", .bandsOrder, "must be less than in the band before")
                    }
                    guard band.fee >= before.fee else {
                        throw fields.breach(
                            "fee_percent", .bandsOrder, "must not be less for a shorter notice")
                    }
                }
                before = band
                return band
            }
        }
        if let last = bands.last, last.noticeHours > 0 {
            let pointer = fields.pointer.appending(key).appending(bands.count - 1)
                .appending("notice_hours")
            throw ContractProblem(.bandsOrder, at: pointer, "must be 0 in the last band")
        }
        return bands
    }
}

extension NoShowTerms {
    init(reading fields: inout JSONFields) throws {
        waitMinutes = try fields.integer("wait_minutes", in: 0...120)
        buyerFee = try fields.percent("buyer_fee_percent")
        sellerFee = try fields.percent("seller_fee_percent")
    }
}

extension LateStartTerms {
    init(reading fields: inout JSONFields) throws {
        toleranceMinutes = try fields.integer("tolerance_minutes", in: 0...60)
        waitingIsBilled = try fields.bool("waiting_is_billed")
        reduction = try fields.percent("reduction_percent")
    }
}

extension TechnicalFailureTerms {
    init(reading fields: inout JSONFields) throws {
        charge = try fields.enumeration("charge")
        goOnBy = try fields.uniqueArray("go_on_by", min: 1, max: 3) { try $0.enumeration() }
    }
}

extension RecordsTerms {
    init(reading fields: inout JSONFields) throws {
        register = try fields.enumeration("register")
        documentedIn = try fields.line("documented_in")
        legalBasis = try fields.line("legal_basis")
        requiredAtBooking = try fields.uniqueArray("required_at_booking", max: 3) {
            try $0.enumeration()
        }
        readyIncludes = try fields.uniqueArray("ready_includes", max: 5) {
            try $0.enumeration()
        }
    }
}

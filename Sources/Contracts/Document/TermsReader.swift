import MoneyAndTime
import StrictJSON

/// From a contract document to its terms. The first rule that is broken is thrown, with the
/// place where.
package enum TermsReader {
    package static func read(_ json: JSON) throws(ContractProblem) -> Terms {
        do {
            try refuseNull(json, at: .root)
            return try JSONReader(json).object { try terms(in: &$0) }
        } catch let problem as ContractProblem {
            throw problem
        } catch let problem as JSONProblem {
            throw ContractProblem(problem)
        } catch {
            throw ContractProblem(.outOfRange, at: .root, "\(error)")
        }
    }

    /// The versions of the format that are read.
    private enum Format: String, CaseIterable {
        case first = "aikatori.contract/1"
    }

    private static func terms(in fields: inout JSONFields) throws -> Terms {
        _ = try fields.enumeration("format", as: Format.self)
        if fields.optional("template") != nil {
            throw fields.breach("template", .templateUnfilled, "a template is not a contract")
        }
        let title = try fields.line("title")
        let seller = try fields.nested("seller") { try Party(reading: &$0, as: .seller) }
        let buyer = try fields.nested("buyer") { fields in
            let buyer = try Party(reading: &fields, as: .buyer)
            if buyer.organisation == seller.organisation {
                throw fields.breach("organisation", .sameOrganisation, "sells and buys")
            }
            return buyer
        }
        let validity = try fields.nested("validity") { try Validity(reading: &$0) }
        let clock = try fields.value(
            "time_zone", .timeZone, as: { try WallClock(zone: $0) }, writing: \.zone)
        let rateCard = try RateCard(reading: &fields)
        let commitment = try fields.optionalNested("commitment") { try Commitment(reading: &$0) }
        let blocks = try fields.optionalArray("blocks", min: 1, max: 50) { reader in
            try reader.object { try WeeklyBlock(reading: &$0, rateCard: rateCard) }
        }
        return Terms(
            title: title, seller: seller, buyer: buyer, validity: validity, clock: clock,
            rateCard: rateCard,
            renewal: try fields.optionalNested("renewal") { try RenewalTerms(reading: &$0) },
            terminationNoticeDays: try fields.optionalNested("termination") {
                try $0.integer("notice_days", in: 0...366)
            },
            commitment: commitment,
            blocks: blocks ?? [],
            cancellation: try fields.nested("cancellation") {
                try CancellationTerms(reading: &$0)
            },
            noShow: try fields.optionalNested("no_show") { try NoShowTerms(reading: &$0) },
            lateStart: try fields.optionalNested("late_start") {
                try LateStartTerms(reading: &$0)
            },
            technicalFailure: try fields.optionalNested("technical_failure") {
                try TechnicalFailureTerms(reading: &$0)
            },
            substitution: try fields.optionalNested("substitution") {
                try $0.enumeration("allowed")
            },
            suddenAbsence: try fields.optionalEnumeration("sudden_absence") ?? .asCancellation,
            records: try fields.optionalNested("records") { try RecordsTerms(reading: &$0) },
            attendance: try fields.nested("attendance") {
                AttendanceTerms(graceSeconds: try $0.integer("grace_seconds", in: 0...3600))
            },
            limits: try fields.nested("limits") { try BookingLimits(reading: &$0) },
            handshake: try fields.nested("handshake") { try HandshakeTerms(reading: &$0) },
            billing: try fields.nested("billing") {
                try BillingTerms(reading: &$0, seller: seller, buyer: buyer)
            },
            rounding: try fields.nested("rounding") { fields in
                RoundingTerms(
                    mode: try fields.enumeration("mode"), level: try fields.enumeration("level"))
            },
            dataProtection: try fields.nested("data_protection") {
                try DataProtectionTerms(reading: &$0)
            },
            workedExamples: try fields.array("worked_examples", min: 1, max: 50) { reader in
                try reader.object {
                    try WorkedExample(
                        reading: &$0, rateCard: rateCard, commitment: commitment,
                        blocks: blocks ?? [], clock: clock)
                }
            })
    }

    /// Null says neither what is agreed nor that nothing is: a contract has none.
    private static func refuseNull(_ json: JSON, at pointer: JSONPointer) throws {
        switch json {
        case .null:
            throw ContractProblem(.wrongType, at: pointer, "null has no place in a contract")
        case .array(let elements):
            for (index, element) in elements.enumerated() {
                try refuseNull(element, at: pointer.appending(index))
            }
        case .object(let object):
            for (key, value) in object { try refuseNull(value, at: pointer.appending(key)) }
        case .bool, .number, .string: break
        }
    }
}

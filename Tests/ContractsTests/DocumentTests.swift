import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("Contract documents")
struct DocumentTests {
    @Test("The valid examples are contracts whose worked examples hold")
    func valid() throws {
        let names = try ContractFiles.names(in: "v1/examples/valid")
        #expect(names.count >= 2)
        for name in names {
            let bytes = try ContractFiles.read("v1/examples/valid/\(name)")
            let document = try ContractDocument(reading: bytes)
            try document.requireExamplesHold()
            #expect(try ContractDocument(reading: document.canonical) == document)
        }
    }

    @Test("Terms are what the document says")
    func terms() throws {
        let terms = try Example.physician().terms
        #expect(terms.rateCard.services.map(\.code) == ["physician-visit", "physician-follow-up"])
        let price = terms.rateCard.services[0].price
        #expect(price.perMinute.decimal == "2.4533")
        #expect(price.increment == Increment(firstSeconds: 30, nextSeconds: 6))
        #expect(terms.cancellation.buyer.map(\.noticeHours) == [12, 0])
        #expect(terms.cancellation.buyer.map(\.fee.decimal) == ["0", "40"])
        #expect(terms.limits.budgetCeiling.decimal == "45000.00")
        #expect(terms.billing.vat.rate.basisPoints == 2550)
        #expect(terms.billing.orderReference == "PO-1077")
        #expect(terms.handshake.acceptedInAdvance)
        #expect(terms.buyer.vatID == nil)
        #expect(terms.buyer.ovt.text.hasSuffix("UNIT7"))
        #expect(terms.side(of: terms.buyer.organisation) == .buyer)
        #expect(terms.side(of: OrganisationID(bits: 7)) == nil)
        // 31 July is included: midnight in Helsinki is 21:00 UTC in summer.
        let slot = try terms.validitySlot()
        #expect(slot.start.rfc3339 == "2027-01-31T22:00:00Z")
        #expect(slot.end.rfc3339 == "2027-07-31T21:00:00Z")
    }

    @Test("Every rule has an example of its breach, which is refused with that rule and place")
    func invalid() throws {
        let places = try JSON.parse(try ContractFiles.read("v1/examples/pointers.json"))
        let names = try ContractFiles.names(in: "v1/examples/invalid")
        #expect(names == ContractRule.allCases.map { "\($0.rawValue).json" }.sorted())
        for rule in ContractRule.allCases {
            let bytes = try ContractFiles.read("v1/examples/invalid/\(rule.rawValue).json")
            let problem = #expect(throws: ContractProblem.self, "\(rule)") {
                try ContractDocument(reading: bytes).requireExamplesHold()
            }
            #expect(problem?.rule == rule, "\(rule): \(problem.map { "\($0)" } ?? "accepted")")
            #expect(problem?.pointer == places[rule.rawValue]?.text, "\(rule)")
            #expect(problem?.message.isEmpty == false)
        }
    }

    @Test("Other breaches of the same rules", arguments: otherBreaches)
    func breaches(_ breach: Breach) throws {
        let json = try Example.psychiatrist().json.setting(breach.path, to: breach.value)
        let problem = #expect(throws: ContractProblem.self) {
            try ContractDocument(json).requireExamplesHold()
        }
        #expect(problem?.rule == breach.rule)
        #expect(problem?.pointer == breach.pointer ?? breach.path)
    }

    @Test("Texts that are no objects, or no JSON, are refused", arguments: ["", "[]", "null", "1"])
    func notAnObject(text: String) {
        #expect(throws: ContractProblem.self) { try ContractDocument(reading: Array(text.utf8)) }
    }

    typealias Breach = (path: String, value: JSON?, rule: ContractRule, pointer: String?)

    /// Another value at a place, the rule that it breaks, and where if not there.
    private static let otherBreaches: [Breach] = [
        ("/buyer", nil, .missing, nil),
        ("/seller/vat_id", nil, .missing, nil),
        ("/billing/order_reference", .null, .wrongType, nil),
        ("/services/0/minimum_seconds", 901, .secondsNotOfThree, nil),
        ("/services/0/increment/first_seconds", 0, .outOfRange, nil),
        ("/services/0/planned_minutes/step", 0, .outOfRange, nil),
        (
            "/services/0/planned_minutes/minimum", 120,
            .plannedMinutes, "/services/0/planned_minutes"
        ),
        ("/services/0/price_per_minute", "-3.60", .price, nil),
        ("/services/0/price_per_minute", "-0", .price, nil),
        ("/services/0/price_per_minute", "3,60", .price, nil),
        ("/services/0/price_per_minute", "03.60", .price, nil),
        ("/services/0/price_per_minute", "3.", .price, nil),
        ("/services/0/price_per_minute", "", .price, nil),
        ("/services/0/price_per_minute", "100000", .price, nil),
        ("/services/0/code", "a--b", .slug, nil),
        ("/services/0/code", "1a", .slug, nil),
        ("/services/0/specialty/code", "", .specialty, nil),
        ("/cancellation/buyer/0/fee_percent", "-0", .percent, nil),
        ("/cancellation/seller/0/notice_hours", 2161, .outOfRange, nil),
        ("/billing/vat/exemption_code", "VATEX-EU-O", .unknownValue, nil),
        ("/billing/vat/category", "S", .vatRate, "/billing/vat/rate_percent"),
        ("/billing/vat/category", "Z", .vatExemption, "/billing/vat/exemption_code"),
        ("/data_protection/seller_role", "joint_controller", .dataRoles, "/data_protection"),
        ("/limits/budget_ceiling", "-1.00", .amount, nil),
        ("/seller/iban", "FI21 1234 5600 0007 85", .iban, nil),
        ("/seller/ovt", "003790000038", .partyIdentifiersDiffer, nil),
        ("/seller/email", "a@b@c", .email, nil),
        ("/title", "a\u{7F}", .text, nil),
        ("/title", "a\u{0}", .text, nil),
        ("/worked_examples/0/visit/starts", "2027-03-06T24:00", .localTime, nil),
        ("/worked_examples/0/visit/starts", "2027-03-06T10:00:60", .localTime, nil),
        ("/worked_examples/0/visit/starts", "2027-03-06T10:00Z", .localTime, nil),
        (
            "/worked_examples/0/lines/0/kind", "late_cancellation",
            .exampleMinutes, "/worked_examples/0/lines/0/minutes"
        ),
        ("/worked_examples/0/lines/0/amount", "61.21", .exampleDiffers, "/worked_examples/0"),
        ("/worked_examples/0/lines", [], .exampleDiffers, "/worked_examples/0"),
        ("/worked_examples/5/total", "0.00", .exampleDiffers, "/worked_examples/5"),
        ("/rounding/mode", "up", .unknownValue, nil),
        ("/validity/first_day", "2027-1-1", .date, nil),
    ]
}

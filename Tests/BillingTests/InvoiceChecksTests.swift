import Billing
import MoneyAndTime
import Testing

/// What the official rules let pass, and what they would find: each once, in an invoice that is
/// right but for it.
@Suite("Checks of an invoice")
struct InvoiceChecksTests {
    struct Row: Sendable, CustomTestStringConvertible {
        let check: InvoiceProblem.Check
        let term: String
        var line: Int?
        /// What else such a mistake makes wrong.
        var also: [InvoiceProblem.Check] = []
        let spoil: @Sendable (inout InvoiceFacts) throws -> Void

        var testDescription: String { "\(check.rawValue) \(term)" }
    }

    private static func facts() throws -> InvoiceFacts {
        let charges = try [Example.charge(1, lines: [Example.line(minutes: 187)])]
        return try InvoiceFacts(
            Example.invoice(lines: InvoiceLine.lines(for: charges, vat: Example.taxed())))
    }

    private static func cents(_ amount: Int64) -> Money { Money(minorUnits: amount) }

    static let head: [Row] = [
        Row(check: .numberMissing, term: "BT-1") { $0.number = " " },
        Row(check: .numberTooLong, term: "BT-1") { $0.number = "AKATEMIA-2026-0000042" },
        Row(check: .dueDateMissing, term: "BT-9") { $0.dueOn = nil },
        Row(check: .dueDateBeforeIssue, term: "BT-9") {
            $0.dueOn = try $0.issuedOn.adding(days: -1)
        },
        Row(check: .referencesMissing, term: "BT-10") { $0.buyerReference = nil },
        Row(check: .originalMissing, term: "BT-25") { $0.kind = .creditNote },
        Row(check: .originalMissing, term: "BT-25") {
            $0.kind = .creditNote
            $0.original = .init(number: "", issuedOn: nil)
        },
        Row(check: .originalAfterCredit, term: "BT-26") {
            $0.kind = .creditNote
            $0.original = .init(
                number: "EH-2026-000001", issuedOn: try $0.issuedOn.adding(days: 1))
        },
        Row(check: .periodReversed, term: "BT-74", also: [.linePeriodOutside]) {
            let days = try #require($0.days)
            $0.days = .init(first: days.last, last: days.first)
        },
        Row(check: .textUnwritable, term: "BT-22") { $0.note = "Bell \u{7}" },
        Row(check: .textUnwritable, term: "BT-153", line: 1) { $0.lines[0].text = "\u{FFFE}" },
    ]

    static let parties: [Row] = [
        Row(check: .partyIncomplete, term: "BT-27") { $0.seller.name = " " },
        Row(check: .partyIncomplete, term: "BT-52") { $0.buyer.city = "" },
        Row(check: .businessIDWrong, term: "BT-30", also: [.addressWrong, .vatIDWrong]) {
            $0.seller.businessID = "2077474-1"
        },
        Row(check: .vatIDWrong, term: "BT-31") { $0.seller.vatID = "FI20774741" },
        Row(check: .vatIDWrong, term: "BT-48") { $0.buyer.vatID = "FI20774740" },
        Row(check: .vatIDMissing, term: "BT-31") { $0.seller.vatID = nil },
        Row(check: .addressWrong, term: "BT-34") { $0.seller.ovt = "003701141622" },
        Row(check: .addressWrong, term: "BT-49") { $0.buyer.ovt = nil },
        Row(check: .ibanMissing, term: "BT-84") { $0.iban = "" },
        Row(check: .ibanWrong, term: "BT-84") { $0.iban = "FI2212345600000785" },
        Row(check: .ibanOutsideSEPA, term: "BT-84") { $0.iban = "TR330006100519786457841326" },
        Row(check: .referenceMissing, term: "BT-83") { $0.reference = nil },
        Row(check: .referenceWrong, term: "BT-83") { $0.reference = "20260000423" },
        Row(check: .referenceWrong, term: "BT-83") { $0.reference = "RF17539007547034" },
    ]

    static let amounts: [Row] = [
        Row(check: .linesMissing, term: "BG-25", also: [.taxableWrong, .netWrong]) {
            $0.lines = []
        },
        Row(check: .baseQuantityWrong, term: "BT-149", line: 1) { $0.lines[0].baseQuantity = 0 },
        Row(check: .lineNetWrong, term: "BT-131", line: 1, also: [.taxableWrong, .netWrong]) {
            $0.lines[0].net = cents(45_876)
        },
        Row(check: .linePeriodOutside, term: "BT-134", line: 1) {
            $0.lines[0].days?.first = try CalendarDate(iso: "2026-02-28")
        },
        Row(check: .linePeriodOutside, term: "BT-135", line: 1) {
            $0.lines[0].days?.last = try CalendarDate(iso: "2026-04-01")
        },
        Row(check: .periodReversed, term: "BT-135", line: 1) {
            $0.lines[0].days?.last = try CalendarDate(iso: "2026-03-01")
        },
        Row(
            check: .categoryUnknown, term: "BT-151", line: 1,
            also: [.breakdownMissing, .taxableWrong]
        ) { $0.lines[0].vat.category = "X" },
        Row(check: .rateWrong, term: "BT-119", also: [.breakdownMissing, .taxableWrong, .taxWrong])
        {
            $0.breakdowns[0].vat.rate = try Percentage(basisPoints: 0)
        },
        Row(check: .breakdownMissing, term: "BT-118", line: 1, also: [.taxTotalWrong]) {
            $0.breakdowns = []
        },
        Row(check: .breakdownRepeated, term: "BT-118", also: [.taxTotalWrong, .taxableWrong]) {
            $0.breakdowns.append($0.breakdowns[0])
        },
        Row(check: .taxableWrong, term: "BT-116", also: [.taxWrong]) {
            $0.breakdowns[0].taxable = cents(45_876)
        },
        Row(check: .taxWrong, term: "BT-117", also: [.taxTotalWrong]) {
            $0.breakdowns[0].tax = cents(11_698)
        },
        Row(check: .netWrong, term: "BT-106", also: [.totalWrong]) { $0.net = cents(45_876) },
        Row(check: .taxTotalWrong, term: "BT-110", also: [.totalWrong]) { $0.vat = cents(11_700) },
        Row(check: .totalWrong, term: "BT-112") { $0.total = cents(57_577) },
        Row(check: .totalNotPositive, term: "BT-115", also: [.totalWrong]) { $0.total = .zero },
        Row(check: .exemptionReasonExtra, term: "BT-120") {
            $0.breakdowns[0].exemptionReason = "Care"
        },
        Row(check: .exemptionReasonMissing, term: "BT-120", also: [.taxWrong]) {
            let exempt = InvoiceFacts.VAT(
                category: "E", rate: try Percentage(basisPoints: 0))
            $0.lines[0].vat = exempt
            $0.breakdowns[0].vat = exempt
        },
        Row(
            check: .exemptionsMixed, term: "BT-121",
            also: [.taxWrong, .taxableWrong, .taxTotalWrong]
        ) {
            let exempt = InvoiceFacts.VAT(
                category: "E", rate: try Percentage(basisPoints: 0))
            $0.lines[0].vat = exempt
            $0.breakdowns[0].vat = exempt
            $0.breakdowns[0].exemptionReason = "Care"
            $0.breakdowns.append($0.breakdowns[0])
            $0.breakdowns[1].exemptionReason = "Something else"
        },
    ]

    @Test("one mistake, and its check", arguments: head + parties + amounts)
    func findsIt(row: Row) throws {
        var facts = try Self.facts()
        try row.spoil(&facts)
        let found = InvoiceChecks.problems(of: facts)
        let isThere = found.contains {
            $0.check == row.check && $0.term == row.term && $0.line == row.line
        }
        #expect(isThere, "\(found)")
        #expect(Set(found.map(\.check)).isSubset(of: Set(row.also + [row.check])), "\(found)")
    }

    @Test("every check has a mistake that it finds")
    func everyCheckIsTried() {
        let tried = Set((Self.head + Self.parties + Self.amounts).map(\.check))
        #expect(tried == Set(InvoiceProblem.Check.allCases))
    }

    @Test("what is right has no problem: taxed, exempt, with a credit note's original")
    func rightOnesPass() throws {
        #expect(InvoiceChecks.problems(of: try Self.facts()) == [])
        let charges = try [Example.charge(1, lines: [Example.line(minutes: 17)])]
        let exempt = try InvoiceFacts(
            Example.invoice(lines: InvoiceLine.lines(for: charges, vat: Example.exempt())))
        #expect(InvoiceChecks.problems(of: exempt) == [])
        var credit = try Self.facts()
        credit.kind = .creditNote
        credit.dueOn = nil
        credit.reference = nil
        credit.original = .init(number: "EH-2026-000042", issuedOn: credit.issuedOn)
        #expect(InvoiceChecks.problems(of: credit) == [])
    }

    @Test("all that is wrong is said at once, with what to do")
    func allAtOnce() throws {
        var facts = try Self.facts()
        facts.iban = "FI2212345600000785"
        facts.dueOn = nil
        facts.breakdowns[0].tax = Self.cents(11_698)
        let found = InvoiceChecks.problems(of: facts)
        #expect(
            found.map(\.check) == [.dueDateMissing, .ibanWrong, .taxWrong, .taxTotalWrong])
        #expect(
            found[2].message
                == "Let VAT be taxable amount × rate, rounded half up once. It is 116.98, and "
                + "must be 116.99.")
        #expect(found.allSatisfy { !$0.message.isEmpty })
    }

    /// A year of one contract: 2,000 lines in one go.
    @Test func manyLines() throws {
        let charges = try (1...2_000).map {
            try Example.charge($0, lines: [Example.line(minutes: Int64($0 % 60 + 1))])
        }
        let facts = try InvoiceFacts(
            Example.invoice(lines: InvoiceLine.lines(for: charges, vat: Example.taxed())))
        #expect(InvoiceChecks.problems(of: facts) == [])
    }
}

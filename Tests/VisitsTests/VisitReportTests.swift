import MoneyAndTime
import Testing
import Visits

@Suite("What a side may tell of a visit, and when")
struct VisitReportTests {
    /// A room that opens at 0 and closes at 5,400; the planned time is from 900 to 1,800.
    private static func bounds(
        now: Int64 = 2_000, isOver: Bool = true, areKept: Bool = false, areAgreed: Bool = false,
        sellsOverrun: Bool = true
    ) throws -> VisitReport.Bounds {
        VisitReport.Bounds(
            window: try slot(0, 5_400), now: second(now), isOver: isOver, areKept: areKept,
            areAgreed: areAgreed, ceiling: ExtraTime(preparation: 10, recordWriting: 15),
            sellsOverrun: sellsOverrun)
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let what: String
        let report: VisitReport
        var side = Side.seller
        let bounds: VisitReport.Bounds
        /// Nil where it may be told.
        let refusal: VisitReport.Refusal?
        var testDescription: String { what }
    }

    private static func extra(_ preparation: Int64, _ writing: Int64) -> VisitReport {
        .extraTime(ExtraTime(preparation: preparation, recordWriting: writing))
    }

    private static let ceiling = ExtraTime(preparation: 10, recordWriting: 15)

    static let rows: [Row] = {
        let failed = VisitReport.lineFailed(reason: "no picture")
        do {
            let call = VisitReport.telephone(try slot(1_200, 1_800))
            return [
                Row(what: "by telephone", report: call, bounds: try bounds(), refusal: nil),
                Row(
                    what: "the whole window by telephone",
                    report: .telephone(try slot(0, 5_400)), bounds: try bounds(now: 5_400),
                    refusal: nil),
                Row(
                    what: "before the room opened", report: .telephone(try slot(-1, 60)),
                    bounds: try bounds(), refusal: .outsideWindow),
                Row(
                    what: "after it closed", report: .telephone(try slot(5_000, 5_401)),
                    bounds: try bounds(now: 9_000), refusal: .outsideWindow),
                Row(
                    what: "beyond the clock", report: .telephone(try slot(1_200, 2_001)),
                    bounds: try bounds(), refusal: .inTheFuture),
                Row(
                    what: "by telephone after the first word", report: call,
                    bounds: try bounds(areKept: true), refusal: .visitOver),
                Row(
                    what: "at the ceilings", report: extra(10, 15), bounds: try bounds(),
                    refusal: nil),
                Row(
                    what: "after the first word", report: extra(10, 15),
                    bounds: try bounds(isOver: false, areKept: true), refusal: nil),
                Row(
                    what: "above one ceiling", report: extra(11, 0), bounds: try bounds(),
                    refusal: .aboveCeiling(ceiling)),
                Row(
                    what: "above the other", report: extra(0, 16), bounds: try bounds(),
                    refusal: .aboveCeiling(ceiling)),
                Row(
                    what: "less than nothing", report: extra(-1, 0), bounds: try bounds(),
                    refusal: .aboveCeiling(ceiling)),
                Row(
                    what: "the buyer enters minutes", report: extra(5, 5), side: .buyer,
                    bounds: try bounds(), refusal: .notYourSide),
                Row(
                    what: "minutes during the visit", report: extra(5, 5),
                    bounds: try bounds(isOver: false), refusal: .visitNotOver),
                Row(
                    what: "minutes that are agreed", report: extra(5, 5),
                    bounds: try bounds(areKept: true, areAgreed: true), refusal: .minutesAgreed),
                Row(
                    what: "the buyer lets it go on", report: .overrunAgreed, side: .buyer,
                    bounds: try bounds(isOver: false), refusal: nil),
                Row(
                    what: "the seller lets itself go on", report: .overrunAgreed,
                    bounds: try bounds(isOver: false), refusal: .notYourSide),
                Row(
                    what: "no price for it", report: .overrunAgreed, side: .buyer,
                    bounds: try bounds(sellsOverrun: false), refusal: .overrunNotSold),
                Row(
                    what: "before the room is open", report: .overrunAgreed, side: .buyer,
                    bounds: try bounds(now: -1, isOver: false), refusal: .joinNotYetOpen),
                Row(
                    what: "the line failed", report: failed, side: .buyer,
                    bounds: try bounds(isOver: false), refusal: nil),
                Row(
                    what: "it failed before", report: failed,
                    bounds: try bounds(now: -1, isOver: false), refusal: .joinNotYetOpen),
                Row(
                    what: "it failed after the first word", report: failed,
                    bounds: try bounds(areKept: true), refusal: .visitOver),
                Row(
                    what: "without a reason", report: .lineFailed(reason: " \n"),
                    bounds: try bounds(), refusal: .reasonMissing),
                Row(
                    what: "with too long a reason",
                    report: .lineFailed(reason: String(repeating: "x", count: 1_001)),
                    bounds: try bounds(), refusal: .reasonTooLong(limit: 1_000)),
            ]
        } catch {
            return []
        }
    }()

    @Test func thereAreRows() { #expect(Self.rows.count == 23) }

    @Test(arguments: rows) func decides(_ row: Row) {
        var refusal: VisitReport.Refusal?
        do throws(VisitReport.Refusal) {
            try row.report.check(by: row.side, row.bounds)
        } catch {
            refusal = error
        }
        #expect(refusal == row.refusal)
    }
}

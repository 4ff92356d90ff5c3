import Documents
import Marketplace
import StrictJSON

/// Call logs of video services, as tables.
enum CallLogHandlers {
    static func preview(_ call: Call) async throws -> Reply {
        try await .json(call.market.previewCallLog(call.request, file(call)))
    }

    static func importFile(_ call: Call) async throws -> Reply {
        try await .json(call.market.importCallLog(call.request, file(call)))
    }

    private static func file(_ call: Call) throws -> [UInt8] {
        try call.object { try Array($0.string("file", min: 1, max: 500_000).utf8) }
    }
}

extension JSONProblem {
    /// Where in a call log something is wrong; never what stands there.
    init(_ problem: CallLogFile.Problem) {
        self.init(
            pointer: "/file", code: problem.mistake.rawValue,
            message: "line \(problem.line), column \(problem.column): "
                + (Self.callLogWords[problem.mistake] ?? "cannot be read"))
    }

    private static let callLogWords: [CallLogFile.Mistake: String] = [
        .notText: "must be text in UTF-8",
        .tooManyLines: "must be at most \(CallLogFile.mostLines) lines",
        .badQuote: "a quoted cell has no end, or something stands behind it",
        .columnMissing: "must name the columns visit, side, joined and left",
        .columnUnknown: "is no column of a call log",
        .columnTwice: "names a column again",
        .cellCount: "must have as many cells as the first line",
        .nothing: "has no lines below the names of the columns",
        .visitUnknown: "must be a visit of your organisation, or the name of its room",
        .tooManyVisits: "is of more than \(Market.mostVisitsOfCallLog) visits",
        .sideUnknown: "must be seller or buyer",
        .timeUnreadable: "must be an instant of RFC 3339",
        .leftTooEarly: "must be later than joined",
        .visitNotAgreed: "is no visit on which both sides have agreed",
        .minutesAgreed: "is a visit whose minutes both sides have agreed on",
        .outsideJoinWindow: "must lie in the time in which the room is open",
        .timeInTheFuture: "has not passed yet",
    ]
}

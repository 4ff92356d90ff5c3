import Storage
import StrictJSON

/// A rule said no: a stable code, and figures or words that help to do better. No HTTP in it; the
/// API maps each code to a status in one file.
package struct Refusal: Error, Hashable, Sendable {
    package let code: RefusalCode
    package let figures: JSON

    package init(_ code: RefusalCode, figures: JSON = .object([:])) {
        self.code = code
        self.figures = figures
    }

    /// As an answer names it beside what was not refused.
    var json: JSON { ["code": JSON(code.rawValue), "figures": figures] }

    /// The refusal that an SQL function raised; nil for a fault, which is nobody's to read.
    package init?(_ sql: SQLRefusal) {
        guard let code = RefusalCode(rawValue: sql.code),
            let figures = try? JSON.parse(sql.figures)
        else { return nil }
        self.init(code, figures: code.told(figures))
    }
}

/// A body or parameter that cannot be: every problem with its JSON Pointer.
package struct InvalidInput: Error, Hashable, Sendable {
    package let problems: [JSONProblem]

    package init(_ problems: [JSONProblem]) {
        self.problems = problems
    }

    package init(pointer: String, code: String, message: String) {
        problems = [JSONProblem(pointer: pointer, code: code, message: message)]
    }
}

/// The service cannot answer now; nothing was done, or the same key will tell whether it was.
package enum Unavailable: Error, Hashable, Sendable {
    case database
    case deadline
    /// COMMIT was not answered: repeat the request with the same key.
    case outcomeUnknown
}

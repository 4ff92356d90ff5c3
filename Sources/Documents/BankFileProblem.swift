/// Why a bank's file was not taken, and where in it. Nothing of a refused file is used: half a
/// bank statement is worse than none.
package struct BankFileProblem: Error, Hashable, Sendable {
    package enum Reason: Hashable, Sendable {
        case tooLarge(limit: Int)
        case empty
        /// The bytes are not UTF-8, or the file says that they are something else.
        case notUTF8
        /// A document type or an entity declaration: they can name local files, and grow.
        case documentType
        /// Not XML; the parser's own words.
        case malformed(String)
        /// XML, and neither a camt.053 nor a camt.054 of version .001.02 or later.
        case notAStatement(String)
        case tooDeep(limit: Int)
        case tooManyTransactions(limit: Int)
        case missing(String)
        case invalid(String, value: String)
    }

    package let reason: Reason
    /// The path of elements to the place, such as `Document/BkToCstmrStmt/Stmt[2]/Ntry[1]/Amt`.
    package let place: String
    /// The line in the file, from one; zero when the problem is the file as a whole.
    package let line: Int

    package init(_ reason: Reason, place: String = "", line: Int = 0) {
        self.reason = reason
        self.place = place
        self.line = line
    }
}

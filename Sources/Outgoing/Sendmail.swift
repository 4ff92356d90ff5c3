/// The machine's own command for mail, as every mail server brings one.
package struct Sendmail: Sendable {
    /// How long it may take.
    package static let limit: Duration = .seconds(30)

    package typealias Failure = OutsideProgram.Failure

    /// The path of the program.
    package let program: String
    /// Where answers and failures go.
    package let sender: String

    package init(program: String, sender: String) {
        self.program = program
        self.sender = sender
    }

    /// Hands a message over. Nothing of it is on the command line but the two addresses, and no
    /// shell reads them.
    package func send(
        _ message: [UInt8], to recipient: String, within limit: Duration = Self.limit
    ) async throws(Failure) {
        // -i: a dot alone on a line does not end the message.
        try await OutsideProgram(path: program).run(
            ["-i", "-f", sender, "--", recipient], input: message, within: limit)
    }
}

import Foundation

/// A program of a test, in the shell's language.
package enum ShellProgram {
    private struct NotWritten: Error {}

    /// Writes it to where it is run. The copy that is run is made by another program: what this
    /// one has open for writing, a child that another test starts at that moment has open, too,
    /// and such a file cannot be run (ETXTBSY, execve(2)).
    package static func write(_ lines: String, to program: URL) throws {
        let text = program.appendingPathExtension("txt")
        try "#!/bin/sh\n\(lines)\n".write(to: text, atomically: true, encoding: .utf8)
        let install = Process()
        install.executableURL = URL(filePath: "/usr/bin/install")
        install.arguments = ["-m", "700", text.path, program.path]
        try install.run()
        install.waitUntilExit()
        guard install.terminationStatus == 0 else { throw NotWritten() }
    }
}

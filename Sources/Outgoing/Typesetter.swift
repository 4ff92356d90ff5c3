/// Makes PDF by a Python that has typst (PyPI). Its programs are this product's own, and read from
/// its standard input; what stands on the command line is the program alone.
package actor Typesetter {
    /// How long one document may take; 2,000 lines take three seconds.
    package static let limit: Duration = .seconds(30)
    /// The largest PDF; 2,000 lines have three megabytes.
    static let most = 64 << 20
    /// How many are made at once: each takes a core.
    static let places = 2

    private let python: OutsideProgram
    private var running = 0
    private var waiting: [CheckedContinuation<Void, Never>] = []

    package init(python path: String) {
        python = OutsideProgram(path: path)
    }

    /// The PDF that `script` makes of `input`.
    package func set(
        _ script: String, _ input: [UInt8], within limit: Duration = limit
    ) async throws(OutsideProgram.Failure) -> [UInt8] {
        if running < Self.places {
            running += 1
        } else {
            await withCheckedContinuation { waiting.append($0) }
        }
        defer {
            // the place goes to who has waited longest
            if waiting.isEmpty { running -= 1 } else { waiting.removeFirst().resume() }
        }
        // -I: neither the environment nor this folder has a say in what is imported
        let made = try await python.run(
            ["-I", script], input: input, most: Self.most, within: limit)
        guard made.starts(with: Array("%PDF-".utf8)) else { throw .status(0) }
        return made
    }
}

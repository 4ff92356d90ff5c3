import Glibc

/// The folder through which an e-invoice operator takes files: `out` for it to take, `answers` for
/// what it says of them, and `ready`, where a file is written whole before it is moved. A move is
/// one step, so that the operator never sees half a file; and whoever finds a file of `ready` gone
/// knows that it was moved, so that none is given twice.
package struct OperatorFolder: Sendable {
    /// The number of the system's error.
    package struct Failure: Error, Hashable, Sendable, CustomStringConvertible {
        package let number: Int32

        package var description: String { "the operator's folder: error \(number)" }
    }

    /// What the operator says of one file.
    package struct Answer: Hashable, Sendable {
        /// Of the file in `answers`.
        package let file: String
        /// Of the file that was given, without its ending.
        package let name: String
        package let isTaken: Bool
        /// The first line of what was wrong, at most 200 characters.
        package let problem: String
    }

    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// Writes a file whole, and makes sure that it stays after a power cut. It may be there
    /// already, from a try that was broken off.
    package func prepare(_ name: String, _ bytes: [UInt8]) throws(Failure) {
        for folder in ["ready", "out", "answers"] {
            guard mkdir("\(path)/\(folder)", 0o770) == 0 || errno == EEXIST else {
                throw Failure(number: errno)
            }
        }
        let part = "\(path)/ready/\(name).part"
        unlink(part)
        let file = open(part, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o640)
        guard file >= 0 else { throw Failure(number: errno) }
        let isWritten = write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
        let number = errno
        close(file)
        guard isWritten else { throw Failure(number: number) }
        try move(part, "\(path)/ready/\(name)")
        try keep("ready")
    }

    /// Gives a prepared file to the operator. Also where that was done before.
    package func give(_ name: String) throws(Failure) {
        let from = "\(path)/ready/\(name)"
        if access("\(path)/ready", F_OK) == 0, access("\(path)/out", F_OK) == 0,
            access(from, F_OK) != 0, errno == ENOENT
        {
            return
        }
        try move(from, "\(path)/out/\(name)")
        try keep("out")
        try keep("ready")
    }

    /// What the operator has said: `NAME.ok`, or `NAME.error` with what is wrong; at most so many,
    /// in order. Other files are left alone.
    package func answers(most: Int) -> [Answer] {
        guard let folder = opendir("\(path)/answers") else { return [] }
        defer { closedir(folder) }
        var files: [String] = []
        while let entry = readdir(folder) {
            files.append(
                withUnsafeBytes(of: entry.pointee.d_name) { bytes in
                    String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                })
        }
        return Array(files.sorted().compactMap { answer(in: $0) }.prefix(most))
    }

    /// An answer that was heard is removed; twice is once.
    package func forget(_ answer: Answer) {
        unlink("\(path)/answers/\(answer.file)")
    }

    private func answer(in file: String) -> Answer? {
        for (ending, isTaken) in [(".ok", true), (".error", false)] where file.hasSuffix(ending) {
            return Answer(
                file: file, name: String(file.dropLast(ending.count)), isTaken: isTaken,
                problem: isTaken ? "" : firstLine(of: "\(path)/answers/\(file)"))
        }
        return nil
    }

    private func firstLine(of file: String) -> String {
        // neither a link nor a pipe that never ends
        let descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
        guard descriptor >= 0 else { return "" }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: 1_000)
        let count = max(read(descriptor, &bytes, bytes.count), 0)
        let text = String(decoding: bytes.prefix(count), as: UTF8.self)
        let line = text.split(whereSeparator: \.isNewline).first ?? ""
        return String(
            line.unicodeScalars.filter { $0.properties.generalCategory != .control }
                .map(Character.init).prefix(200))
    }

    private func move(_ from: String, _ to: String) throws(Failure) {
        guard rename(from, to) == 0 else { throw Failure(number: errno) }
    }

    /// So that a folder's entries outlast a power cut.
    private func keep(_ folder: String) throws(Failure) {
        let descriptor = open("\(path)/\(folder)", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Failure(number: errno) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw Failure(number: errno) }
    }
}

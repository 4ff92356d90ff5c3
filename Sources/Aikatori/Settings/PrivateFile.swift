import Foundation
import Glibc

/// Files that hold secrets: only their owner can read them (mode 0600).
package enum PrivateFile {
    /// Others can read it, or it cannot be written.
    package struct Refused: Error, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// Replaces the file as a whole: a crash leaves the old one or the new one.
    package static func write(_ text: String, to file: URL) throws {
        let fresh = file.path + ".new"
        unlink(fresh)
        let descriptor = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard descriptor >= 0 else {
            throw Refused(description: "\(file.path) cannot be written")
        }
        defer { close(descriptor) }
        let bytes = Array(text.utf8)
        guard Glibc.write(descriptor, bytes, bytes.count) == bytes.count, fsync(descriptor) == 0,
            rename(fresh, file.path) == 0
        else { throw Refused(description: "\(file.path) cannot be written") }
    }

    package static func read(_ file: URL) throws -> String {
        var entry = stat()
        guard stat(file.path, &entry) == 0, entry.st_mode & 0o077 == 0 else {
            throw Refused(description: "\(file.path) can be read by others: chmod 600")
        }
        return try String(contentsOf: file, encoding: .utf8)
    }
}

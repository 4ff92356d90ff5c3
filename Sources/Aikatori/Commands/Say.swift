import Foundation
import Glibc

/// Tells the person at the terminal something: a line on the standard output, at once.
@Sendable func say(_ line: String = "") {
    print(line)
    fflush(nil)
}

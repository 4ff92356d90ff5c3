import Crypto
import Documents
import MoneyAndTime

/// A file that is answered as it is, and no JSON.
package struct Document: Hashable, Sendable {
    package let bytes: [UInt8]
    package let mediaType: String
    package let fileName: String

    package init(bytes: [UInt8], mediaType: String, fileName: String) {
        self.bytes = bytes
        self.mediaType = mediaType
        self.fileName = fileName
    }

    /// A table (RFC 4180, UTF-8).
    init(_ table: CSVWriter, fileName: String) {
        self.init(
            bytes: table.bytes, mediaType: "text/csv; charset=utf-8", fileName: fileName)
    }

    /// SHA-256 of the bytes, by which a reader knows that they have not changed; 64 digits.
    package var digest: String { Array(SHA256.hash(data: bytes)).hexadecimal }
}

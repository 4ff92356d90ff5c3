/// A text as a QR code (ISO/IEC 18004:2015): byte mode, error correction level M, of the smallest
/// of versions 1 to 10 that holds it; at most 213 bytes.
package struct QRCode: Hashable, Sendable {
    /// Modules on a side: 21 to 57, without the quiet zone around them.
    package let side: Int
    /// By rows, from the top left; true is dark.
    private let dark: [Bool]

    /// Nil for what does not fit.
    package init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let version = QRVersion.all.first(where: { bytes.count <= $0.mostBytes }) else {
            return nil
        }
        let codewords = version.codewords(of: bytes)
        let best = (0..<8)
            .map { mask -> (QRDrawing, Int) in
                var drawing = QRDrawing(version)
                drawing.draw(codewords, mask: mask)
                return (drawing, drawing.penalty)
            }
            .min { $0.1 < $1.1 }
        guard let best else { return nil }
        side = version.side
        dark = best.0.dark
    }

    package func isDark(_ row: Int, _ column: Int) -> Bool {
        guard (0..<side).contains(row), (0..<side).contains(column) else { return false }
        return dark[row * side + column]
    }

    /// The light edge that a reader needs, in modules.
    package static let quietZone = 4

    /// With the quiet zone: the side of the picture in which `path` is drawn.
    package var pictureSide: Int { side + 2 * Self.quietZone }

    /// The dark modules as the data of an SVG path, one unit a module: each stretch of a row is one
    /// rectangle.
    package var path: String {
        var path = ""
        for row in 0..<side {
            var column = 0
            while column < side {
                guard isDark(row, column) else {
                    column += 1
                    continue
                }
                let start = column
                while isDark(row, column) { column += 1 }
                let (x, y, length) = (start + Self.quietZone, row + Self.quietZone, column - start)
                path += "M\(x) \(y)h\(length)v1h-\(length)z"
            }
        }
        return path
    }
}

/// What a version at level M is made of (tables 7, 9 and E.1 of the standard).
struct QRVersion: Hashable, Sendable {
    let number: Int
    /// Of error correction, in each block.
    let correction: Int
    /// Codewords of data in each block, the shorter blocks first.
    let blocks: [Int]
    /// Centres of the alignment patterns, along both sides.
    let alignment: [Int]

    var side: Int { 17 + 4 * number }
    var dataCodewords: Int { blocks.reduce(0, +) }
    /// The number of bytes is written with 8 bits up to version 9, with 16 from version 10 on.
    var lengthBits: Int { number < 10 ? 8 : 16 }
    var mostBytes: Int { (8 * dataCodewords - 4 - lengthBits) / 8 }

    static let all: [QRVersion] = [
        .init(number: 1, correction: 10, blocks: [16], alignment: []),
        .init(number: 2, correction: 16, blocks: [28], alignment: [6, 18]),
        .init(number: 3, correction: 26, blocks: [44], alignment: [6, 22]),
        .init(number: 4, correction: 18, blocks: [32, 32], alignment: [6, 26]),
        .init(number: 5, correction: 24, blocks: [43, 43], alignment: [6, 30]),
        .init(number: 6, correction: 16, blocks: [27, 27, 27, 27], alignment: [6, 34]),
        .init(number: 7, correction: 18, blocks: [31, 31, 31, 31], alignment: [6, 22, 38]),
        .init(number: 8, correction: 22, blocks: [38, 38, 39, 39], alignment: [6, 24, 42]),
        .init(number: 9, correction: 22, blocks: [36, 36, 36, 37, 37], alignment: [6, 26, 46]),
        .init(number: 10, correction: 26, blocks: [43, 43, 43, 43, 44], alignment: [6, 28, 50]),
    ]

    /// Data with its padding and error correction, interleaved as it is drawn.
    func codewords(of bytes: [UInt8]) -> [UInt8] {
        var bits = QRBits()
        bits.append(0b0100, count: 4)
        bits.append(bytes.count, count: lengthBits)
        for byte in bytes { bits.append(Int(byte), count: 8) }
        let data = bits.codewords(padded: dataCodewords)
        var parts: [[UInt8]] = []
        var start = 0
        for length in blocks {
            parts.append(Array(data[start..<start + length]))
            start += length
        }
        let checks = parts.map { ReedSolomon.check($0, count: correction) }
        return Self.interleaved(parts) + Self.interleaved(checks)
    }

    private static func interleaved(_ parts: [[UInt8]]) -> [UInt8] {
        (0..<(parts.map(\.count).max() ?? 0)).flatMap { index in
            parts.compactMap { index < $0.count ? $0[index] : nil }
        }
    }
}

/// Bits one after the other, the highest of each value first.
private struct QRBits {
    private var bits: [Bool] = []

    mutating func append(_ value: Int, count: Int) {
        for place in (0..<count).reversed() { bits.append(value >> place & 1 == 1) }
    }

    /// With the terminator, up to a whole byte, then with the standard's pad bytes in turn.
    func codewords(padded count: Int) -> [UInt8] {
        var bits = bits
        bits += Array(repeating: false, count: min(4, 8 * count - bits.count))
        bits += Array(repeating: false, count: (8 - bits.count % 8) % 8)
        var bytes = stride(from: 0, to: bits.count, by: 8).map { start in
            bits[start..<start + 8].reduce(UInt8(0)) { $0 << 1 | ($1 ? 1 : 0) }
        }
        for place in 0..<max(0, count - bytes.count) {
            bytes.append(place % 2 == 0 ? 0b1110_1100 : 0b0001_0001)
        }
        return bytes
    }
}

/// Error correction over GF(256) with the polynomial x⁸ + x⁴ + x³ + x² + 1.
enum ReedSolomon {
    /// The codewords that follow the data.
    static func check(_ data: [UInt8], count: Int) -> [UInt8] {
        let divisor = generator(count)
        var rest = [UInt8](repeating: 0, count: count)
        for byte in data {
            let factor = byte ^ rest[0]
            rest.removeFirst()
            rest.append(0)
            for index in 0..<count { rest[index] ^= times(divisor[index], factor) }
        }
        return rest
    }

    /// Coefficients below the highest, which is one.
    private static func generator(_ degree: Int) -> [UInt8] {
        var polynomial = [UInt8](repeating: 0, count: degree)
        polynomial[degree - 1] = 1
        var root: UInt8 = 1
        for _ in 0..<degree {
            for index in 0..<degree {
                polynomial[index] = times(polynomial[index], root)
                if index + 1 < degree { polynomial[index] ^= polynomial[index + 1] }
            }
            root = times(root, 2)
        }
        return polynomial
    }

    static func times(_ one: UInt8, _ other: UInt8) -> UInt8 {
        var product: UInt8 = 0
        for place in (0..<8).reversed() {
            product = product << 1 ^ (product & 0x80 == 0 ? 0 : 0x1D)
            if other >> UInt8(place) & 1 == 1 { product ^= one }
        }
        return product
    }
}

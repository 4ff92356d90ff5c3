/// The exact decimal text of a `numeric`, from its binary form (`numeric_send`): digits in base
/// 10 000, the power of the first one, the sign, and how many decimals are shown.
enum Decimal {
    private static let negative: UInt16 = 0x4000
    private static let special: UInt16 = 0xC000

    static func text(of cell: Cell) throws -> String {
        let words = try cell.withBytes { bytes -> [UInt16] in
            guard bytes.count >= 8, bytes.count % 2 == 0 else {
                throw CellError.malformed("is no numeric")
            }
            return stride(from: 0, to: bytes.count, by: 2).map {
                UInt16(bigEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt16.self))
            }
        }
        let (sign, scale, groups) = (words[2], Int(words[3]), words.dropFirst(4))
        guard sign & special != special else {
            throw CellError.malformed("is not a finite number")
        }
        guard groups.count == Int(words[0]) else { throw CellError.malformed("is no numeric") }
        let weight = Int(Int16(bitPattern: words[1]))
        var whole = ""
        if weight >= 0 {
            for index in 0...weight { whole += padded(groups, index) }
        }
        whole = String(whole.drop { $0 == "0" })
        var fraction = ""
        var index = weight + 1
        while fraction.count < scale {
            fraction += padded(groups, index)
            index += 1
        }
        let shown = (whole.isEmpty ? "0" : whole) + (scale > 0 ? "." + fraction.prefix(scale) : "")
        return sign == negative ? "-" + shown : shown
    }

    /// Four digits of the group at an index; zeros outside of what was sent.
    private static func padded(_ groups: ArraySlice<UInt16>, _ index: Int) -> String {
        guard index >= 0, index < groups.count else { return "0000" }
        let digits = String(groups[groups.startIndex + index])
        return String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
}

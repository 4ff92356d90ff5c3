/// The modules of a QR code while it is drawn.
struct QRDrawing {
    private let version: QRVersion
    private(set) var dark: [Bool]
    /// Whether a module is of a pattern, and holds no data.
    private var isPattern: [Bool]

    private var side: Int { version.side }

    /// With the patterns that do not depend on the text.
    init(_ version: QRVersion) {
        self.version = version
        dark = Array(repeating: false, count: version.side * version.side)
        isPattern = dark
        drawTiming()
        for (row, column) in [(3, 3), (3, side - 4), (side - 4, 3)] { drawFinder(row, column) }
        drawAlignment()
        // kept free for the format, until it is known
        drawFormat(mask: 0)
        drawVersion()
    }

    private subscript(row: Int, column: Int) -> Bool { dark[row * side + column] }

    private mutating func set(_ row: Int, _ column: Int, _ isDark: Bool) {
        guard (0..<side).contains(row), (0..<side).contains(column) else { return }
        dark[row * side + column] = isDark
        isPattern[row * side + column] = true
    }

    // MARK: Patterns

    private mutating func drawTiming() {
        for place in 0..<side {
            set(6, place, place % 2 == 0)
            set(place, 6, place % 2 == 0)
        }
    }

    /// Around a centre, with its light edge.
    private mutating func drawFinder(_ row: Int, _ column: Int) {
        for down in -4...4 {
            for right in -4...4 {
                let ring = max(abs(down), abs(right))
                set(row + down, column + right, ring != 2 && ring != 4)
            }
        }
    }

    private mutating func drawAlignment() {
        let centres = version.alignment
        guard let first = centres.first, let last = centres.last else { return }
        for row in centres {
            for column in centres {
                // where the finders are
                let isTaken =
                    (row, column) == (first, first) || (row, column) == (first, last)
                    || (row, column) == (last, first)
                if isTaken { continue }
                for down in -2...2 {
                    for right in -2...2 {
                        set(row + down, column + right, max(abs(down), abs(right)) != 1)
                    }
                }
            }
        }
    }

    /// Level and mask with 10 bits of BCH code, twice (§7.9).
    private mutating func drawFormat(mask: Int) {
        // level M is 00
        var rest = mask
        for _ in 0..<10 { rest = rest << 1 ^ (rest >> 9) * 0x537 }
        let bits = (mask << 10 | rest) ^ 0x5412
        func bit(_ place: Int) -> Bool { bits >> place & 1 == 1 }
        for place in 0...5 { set(place, 8, bit(place)) }
        set(7, 8, bit(6))
        set(8, 8, bit(7))
        set(8, 7, bit(8))
        for place in 9..<15 { set(8, 14 - place, bit(place)) }
        for place in 0..<8 { set(8, side - 1 - place, bit(place)) }
        for place in 8..<15 { set(side - 15 + place, 8, bit(place)) }
        set(side - 8, 8, true)
    }

    /// The number of the version with 12 bits of BCH code, twice, from version 7 on (§7.10).
    private mutating func drawVersion() {
        guard version.number >= 7 else { return }
        var rest = version.number
        for _ in 0..<12 { rest = rest << 1 ^ (rest >> 11) * 0x1F25 }
        let bits = version.number << 12 | rest
        for place in 0..<18 {
            let (long, short) = (place / 3, side - 11 + place % 3)
            set(long, short, bits >> place & 1 == 1)
            set(short, long, bits >> place & 1 == 1)
        }
    }

    // MARK: Data

    /// In pairs of columns from the right, up and down in turn (§7.7.3), under a mask.
    mutating func draw(_ codewords: [UInt8], mask: Int) {
        var place = 0
        var right = side - 1
        while right >= 1 {
            // the column of the timing pattern is passed over
            if right == 6 { right = 5 }
            let goesUp = (right + 1) & 2 == 0
            for step in 0..<side {
                let row = goesUp ? side - 1 - step : step
                for column in [right, right - 1] where !isPattern[row * side + column] {
                    var isDark = false
                    if place < 8 * codewords.count {
                        isDark = codewords[place / 8] >> UInt8(7 - place % 8) & 1 == 1
                        place += 1
                    }
                    dark[row * side + column] = isDark != Self.isMasked(mask, row, column)
                }
            }
            right -= 2
        }
        drawFormat(mask: mask)
    }

    private static func isMasked(_ mask: Int, _ row: Int, _ column: Int) -> Bool {
        switch mask {
        case 0: (row + column) % 2 == 0
        case 1: row % 2 == 0
        case 2: column % 3 == 0
        case 3: (row + column) % 3 == 0
        case 4: (row / 2 + column / 3) % 2 == 0
        case 5: row * column % 2 + row * column % 3 == 0
        case 6: (row * column % 2 + row * column % 3) % 2 == 0
        default: ((row + column) % 2 + row * column % 3) % 2 == 0
        }
    }

    // MARK: How well it is read

    /// The less, the better it is read (§7.8.3).
    var penalty: Int {
        let rows = (0..<side).map { row in (0..<side).map { self[row, $0] } }
        let columns = (0..<side).map { column in (0..<side).map { self[$0, column] } }
        let lines = (rows + columns).reduce(0) { $0 + Self.runs(in: $1) + Self.finders(in: $1) }
        return lines + squares + balance
    }

    private static func runs(in line: [Bool]) -> Int {
        var (penalty, length) = (0, 0)
        for (index, isDark) in line.enumerated() {
            length = index > 0 && line[index - 1] == isDark ? length + 1 : 1
            if length == 5 { penalty += 3 } else if length > 5 { penalty += 1 }
        }
        return penalty
    }

    /// What looks like a finder: 1:1:3:1:1 with four light modules on a side.
    private static func finders(in line: [Bool]) -> Int {
        let finder = [true, false, true, true, true, false, true]
        let light = [false, false, false, false]
        let wanted = [finder + light, light + finder]
        let starts = 0...max(0, line.count - 11)
        return 40
            * starts.reduce(0) { count, start in
                count + wanted.count { Array(line[start..<start + 11]) == $0 }
            }
    }

    private var squares: Int {
        var penalty = 0
        for row in 0..<side - 1 {
            for column in 0..<side - 1 {
                let isDark = self[row, column]
                if self[row, column + 1] == isDark, self[row + 1, column] == isDark,
                    self[row + 1, column + 1] == isDark
                {
                    penalty += 3
                }
            }
        }
        return penalty
    }

    /// How far from half of the modules are dark, in steps of five of a hundred.
    private var balance: Int {
        let count = dark.count { $0 }
        return abs(20 * count - 10 * dark.count) / dark.count * 10
    }
}

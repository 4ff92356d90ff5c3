/// Conversion between a day number and year, month and day in the proleptic Gregorian
/// calendar, after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms":
/// years begin on 1 March, so that the leap day is the last of its year, in eras of 400 years.
struct CivilDay {
    private static let daysPerEra = 146_097
    /// Days from 0000-03-01 to 1970-01-01.
    private static let epochOffset = 719_468

    let year: Int
    let month: Int
    let day: Int

    init(year: Int, month: Int, day: Int) {
        self.year = year
        self.month = month
        self.day = day
    }

    /// The day that lies `dayNumber` days after 1970-01-01.
    init(dayNumber: Int) {
        let (era, dayOfEra) = (dayNumber + Self.epochOffset)
            .flooredDivision(by: Self.daysPerEra)
        let yearOfEra =
            (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        day = dayOfYear - (153 * monthFromMarch + 2) / 5 + 1
        month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
    }

    /// Days since 1970-01-01.
    var dayNumber: Int {
        let shifted = month <= 2 ? year - 1 : year
        let (era, yearOfEra) = shifted.flooredDivision(by: 400)
        let monthFromMarch = month > 2 ? month - 3 : month + 9
        let dayOfYear = (153 * monthFromMarch + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * Self.daysPerEra + dayOfEra - Self.epochOffset
    }

    /// `2026-03-29`; years beyond four digits take ISO 8601's sign.
    var iso: String {
        var bytes: [UInt8] = []
        write(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What `iso` says, at the end of a text in ASCII.
    func write(to bytes: inout [UInt8]) {
        if year < 0 || year > 9999 { bytes.append(UInt8(ascii: year < 0 ? "-" : "+")) }
        bytes.append(digitsOf: abs(year), width: 4)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(digitsOf: month, width: 2)
        bytes.append(UInt8(ascii: "-"))
        bytes.append(digitsOf: day, width: 2)
    }

    static func padded(_ number: Int, to width: Int) -> String {
        var bytes: [UInt8] = []
        bytes.append(digitsOf: number, width: width)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    /// The digits of a number that is not negative, in ASCII, with zeros before them up to a width.
    /// Answers hold hundreds of times: one by one they would be texts of their own.
    mutating func append(digitsOf number: Int, width: Int) {
        let end = count
        var rest = number
        var written = 0
        repeat {
            append(UInt8(ascii: "0") + UInt8(rest % 10))
            rest /= 10
            written += 1
        } while rest > 0 || written < width
        self[end...].reverse()
    }
}

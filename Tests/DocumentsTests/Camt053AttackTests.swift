import Billing
import Documents
import MoneyAndTime
import Testing

/// Files that must be refused, each with its reason and place.
@Suite struct Camt053AttackTests {
    static let good = Camt053ReaderTests.file(Camt053ReaderTests.entry(""))
    static var goodText: String { String(decoding: good, as: UTF8.self) }

    private func problem(_ bytes: [UInt8], _ reader: Camt053Reader = .init()) -> BankFileProblem? {
        do throws(BankFileProblem) {
            _ = try reader.read(bytes)
            return nil
        } catch { return error }
    }

    @Test func theGoodFileIsGood() {
        #expect(problem(Self.good) == nil)
        #expect(problem([0xEF, 0xBB, 0xBF] + Self.good) == nil)
    }

    @Test(
        arguments: [
            ("<!DOCTYPE Document>", .documentType), ("<!doctype x [", .documentType),
            ("<!-- <!DOCTYPE -->", .documentType), ("<!ENTITY a \"b\">", .documentType),
            (
                "<!DOCTYPE lolz [<!ENTITY lol \"lol\"><!ENTITY lol2 \"&lol;&lol;&lol;&lol;\">]>",
                .documentType
            ),
            ("<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>", .documentType),
        ] as [(String, BankFileProblem.Reason)])
    func refusesDocumentTypes(words: String, reason: BankFileProblem.Reason) {
        let text = Self.goodText.replacing("<Document", with: words + "<Document")
        #expect(problem(Array(text.utf8))?.reason == reason)
    }

    @Test func refusesWhatIsNotUTF8() {
        let text = Self.goodText
        var utf16: [UInt8] = [0xFF, 0xFE]
        for unit in text.utf16 { utf16 += [UInt8(unit & 0xFF), UInt8(unit >> 8)] }
        var utf32: [UInt8] = []
        for scalar in text.unicodeScalars { utf32 += [0, 0, 0, UInt8(scalar.value & 0xFF)] }
        let latin = Array(text.replacing("S1", with: "S").utf8) + [0xE4]
        for bytes in [utf16, Array(utf16.dropFirst(2)), utf32, latin] {
            #expect(problem(bytes)?.reason == .notUTF8)
        }
        for name in ["UTF-16", "ISO-8859-1", "utf-7", "UTF-8 ", ""] {
            let named = text.replacing("UTF-8", with: name)
            #expect(problem(Array(named.utf8))?.reason == .notUTF8, "\(name)")
        }
        #expect(problem(Array(text.replacing("\"UTF-8\"", with: "'utf-8'").utf8)) == nil)
    }

    @Test func refusesEveryTruncation() {
        for length in stride(from: 0, to: Self.good.count - 1, by: 7) {
            #expect(problem(Array(Self.good.prefix(length))) != nil, "\(length)")
        }
        #expect(problem([])?.reason == .empty)
        #expect(problem(Array(" \n\t".utf8))?.reason == .empty)
    }

    @Test func refusesByBytes() {
        var random = SplitMix64(seed: 3)
        // Whatever happens to a file, reading it ends, with a file or a reason.
        for _ in 0..<2000 {
            var bytes = Self.good
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                let place = Int.random(in: 0..<bytes.count, using: &random)
                switch Int.random(in: 0...2, using: &random) {
                case 0: bytes[place] = .random(in: 0...255, using: &random)
                case 1: bytes.remove(at: place)
                default: bytes.insert(.random(in: 32...126, using: &random), at: place)
                }
            }
            _ = problem(bytes)
        }
    }

    @Test func refusesWhatIsTooBig() {
        var reader = Camt053Reader()
        reader.maxBytes = 100
        #expect(problem(Self.good, reader)?.reason == .tooLarge(limit: 100))
        reader = Camt053Reader()
        reader.maxTransactions = 3
        let many = String(repeating: Camt053ReaderTests.entry(""), count: 4)
        #expect(
            problem(Camt053ReaderTests.file(many), reader)?.reason
                == .tooManyTransactions(limit: 3))
        let deep = String(repeating: "<a>", count: 100) + String(repeating: "</a>", count: 100)
        #expect(problem(Camt053ReaderTests.file(deep))?.reason == .tooDeep(limit: 64))
        // each of many small elements would hold the long names above it
        let long = String(repeating: "n", count: 600)
        let named = "<\(long)>" + String(repeating: "<b/>", count: 10) + "</\(long)>"
        let found = problem(Camt053ReaderTests.file(named))?.reason
        #expect(
            found == .malformed("more elements, or longer names of them, than a file may have"))
    }

    @Test(arguments: [
        ("camt.053.001.02", "camt.053.001.01"), ("camt.053.001.02", "camt.053.001.2"),
        ("camt.053.001.02", "camt.052.001.02"), ("camt.053.001.02", "camt.053.002.02"),
        ("camt.053.001.02", "camt.053.001.02.1"), ("camt.053", "pain.001"), ("xmlns=", "x="),
    ])
    func refusesOtherMessages(word: String, other: String) {
        let text = Self.goodText.replacing(word, with: other)
        guard case .notAStatement = problem(Array(text.utf8))?.reason else {
            Issue.record("taken: \(other)")
            return
        }
    }

    static let path = "Document/BkToCstmrStmt/Stmt"

    @Test(
        arguments: [
            ("<Ntry>", "<Xtry>", "", .malformed("")),
            (
                "FI2112345600000785", "FI2212345600000785", path + "/Acct/Id/IBAN",
                .invalid("IBAN", value: "FI2212345600000785")
            ),
            (
                "<IBAN>FI2112345600000785</IBAN>", "<Othr><Id/></Othr>", path,
                .missing("Acct/Id/IBAN")
            ),
            ("575.76", "575,76", path + "/Ntry/Amt", .invalid("Amt", value: "575,76")),
            ("575.76", "-575.76", path + "/Ntry/Amt", .invalid("Amt", value: "-575.76")),
            ("575.76", "1e9", path + "/Ntry/Amt", .invalid("Amt", value: "1e9")),
            ("575.76", "575.761234", path + "/Ntry/Amt", .invalid("Amt", value: "575.761234")),
            (
                "575.76", "99999999999999999999999", path + "/Ntry/Amt",
                .invalid("Amt", value: "99999999999999999999999")
            ),
            ("575.76", " ", path + "/Ntry", .missing("Amt")),
            ("\"EUR\"", "\"eur\"", path + "/Ntry/Amt", .invalid("Ccy", value: "eur")),
            (" Ccy=\"EUR\"", "", path + "/Ntry/Amt", .invalid("Ccy", value: "")),
            ("CRDT", "CREDIT", path + "/Ntry", .invalid("CdtDbtInd", value: "CREDIT")),
            ("<CdtDbtInd>CRDT</CdtDbtInd>", "", path + "/Ntry", .missing("CdtDbtInd")),
            ("<Sts>BOOK</Sts>", "", path + "/Ntry", .missing("Sts")),
            ("BOOK", "MAYBE", path + "/Ntry", .invalid("Sts", value: "MAYBE")),
            ("2026-04-20", "2026-02-30", path + "/Ntry", .invalid("BookgDt", value: "2026-02-30")),
            ("<Stmt>", "<Stmt2>", "", .malformed("")),
            ("</Document>", "</Document><Document/>", "", .malformed("")),
            ("</Document>", "</Document>text", "", .malformed("")),
        ] as [(String, String, String, BankFileProblem.Reason)])
    func namesThePlace(
        word: String, other: String, place: String, reason: BankFileProblem.Reason
    ) {
        let found = problem(Array(Self.goodText.replacing(word, with: other).utf8))
        if case .malformed = reason {
            guard case .malformed = found?.reason else {
                Issue.record("\(String(describing: found))")
                return
            }
        } else {
            #expect(found?.reason == reason)
            #expect(found?.place == place)
            #expect((found?.line ?? 0) > 1)
        }
    }

    @Test func countsThePlaceOfLaterEntries() {
        let entries =
            Camt053ReaderTests.entry("")
            + Camt053ReaderTests.entry("", amount: "x", reference: "REF2")
        #expect(problem(Camt053ReaderTests.file(entries))?.place == Self.path + "/Ntry[2]/Amt")
    }

    @Test(arguments: ["-1", "1.5", "999999999999999", "9999999999999999999999", "x"])
    func refusesCountsThatAreNone(count: String) {
        let details = "<NtryDtls><Btch><NbOfTxs>\(count)</NbOfTxs></Btch></NtryDtls>"
        let found = problem(Camt053ReaderTests.file(Camt053ReaderTests.entry(details)))
        #expect(found?.reason == .invalid("NbOfTxs", value: count))
    }
}

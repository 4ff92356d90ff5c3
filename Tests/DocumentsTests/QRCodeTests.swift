import Foundation
import Testing

@testable import Documents

@Suite struct QRCodeTests {
    /// The example of ISO/IEC 18004:2015, Annex I: version 1, level M.
    @Test func errorCorrectionOfTheStandardsExample() {
        let data: [UInt8] = [
            0x10, 0x20, 0x0C, 0x56, 0x61, 0x80, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11, 0xEC, 0x11,
            0xEC, 0x11,
        ]
        #expect(
            ReedSolomon.check(data, count: 10) == [
                0xA5, 0x24, 0xD4, 0xC1, 0xED, 0x36, 0xC7, 0x87, 0x2C, 0x55,
            ])
    }

    /// The bytes that each version holds at level M (table 7).
    @Test(
        arguments: zip(1...10, [14, 26, 42, 62, 84, 106, 122, 152, 180, 213]))
    func theSmallestVersionThatHoldsIt(version: Int, most: Int) throws {
        let full = try #require(QRCode(String(repeating: "a", count: most)))
        #expect(full.side == 17 + 4 * version)
        let more = QRCode(String(repeating: "a", count: most + 1))
        #expect(more?.side == (version == 10 ? nil : 21 + 4 * version))
    }

    @Test func everyVersionHasItsCodewords() {
        let all = [26, 44, 70, 100, 134, 172, 196, 242, 292, 346]
        for (version, total) in zip(QRVersion.all, all) {
            let codewords = version.codewords(of: Array("https://x".utf8))
            #expect(codewords.count == total)
            #expect(version.blocks.count * version.correction + version.dataCodewords == total)
        }
    }

    @Test func thePathIsTheModules() throws {
        let code = try #require(QRCode("https://aikatori.example/join/x"))
        var drawn: Set<[Int]> = []
        for part in code.path.matches(of: /M(\d+) (\d+)h(\d+)v1h-(\d+)z/) {
            let (x, y) = (Int(part.1) ?? -1, Int(part.2) ?? -1)
            #expect(part.3 == part.4)
            for step in 0..<(Int(part.3) ?? 0) { drawn.insert([y - 4, x + step - 4]) }
        }
        for row in 0..<code.side {
            for column in 0..<code.side {
                #expect(drawn.contains([row, column]) == code.isDark(row, column))
            }
        }
        #expect(code.pictureSide == code.side + 8)
    }

    /// What a decoder that others wrote then reads (`Tests/Outside/test_qr.py`): addresses of every
    /// version, with letters of two and three bytes.
    @Test func isWrittenForADecoder() throws {
        let letters = Array("ahovcjqxelszgnubipwdkrymft")
        var texts = (0..<24).map { count -> String in
            let rest = (0..<8 * count).map { letters[$0 % letters.count] }
            return "https://aikatori.example/join/" + String(rest)
        }
        texts += [
            "a", "https://a.example/join", "Tervetuloa: ääkköset ja €",
            String(repeating: "\u{0}ÿ", count: 60),
        ]
        let lines = try texts.compactMap { text -> String? in
            guard let code = QRCode(text) else { return nil }
            let rows = (0..<code.side).map { row in
                (0..<code.side).map { code.isDark(row, $0) ? "1" : "0" }.joined()
            }
            let line = try JSONEncoder().encode(["text": [text], "rows": rows])
            return String(decoding: line, as: UTF8.self)
        }
        #expect(lines.count > 20)
        let folder =
            ProcessInfo.processInfo.environment["AIKATORI_TEST_OUTPUT"].map {
                URL(filePath: $0)
            }
            ?? URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: ".build/outside")
        let target = folder.appending(path: "qr")
        try FileManager.default.createDirectory(at: target, withIntermediateDirectories: true)
        try Data((lines.joined(separator: "\n") + "\n").utf8)
            .write(to: target.appending(path: "codes.jsonl"))
    }
}

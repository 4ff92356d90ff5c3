import Testing

@testable import Web

@Suite("A part of a long list")
struct ListPartTests {
    @Test("every row is in one part, and no part has more than it may")
    func all() throws {
        for count in [0, 1, 99, 100, 101, 200, 201, 1_050] {
            var rows: [Int] = []
            var number = 1
            while let part = try? ListPart("\(number)", of: count) {
                #expect(part.range.count <= ListPart.rows)
                rows += part.range
                number += 1
            }
            #expect(rows == Array(0..<count))
            #expect(number - 1 == max(1, (count + 99) / 100))
        }
    }

    @Test("an address that names no part leads nowhere", arguments: ["0", "-1", "3", "x", "1.0"])
    func wrong(named: String) {
        #expect(throws: InvalidLink.self) { try ListPart(named, of: 200) }
    }
}

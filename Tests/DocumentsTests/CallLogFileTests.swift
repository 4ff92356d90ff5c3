import Documents
import MoneyAndTime
import Testing
import Visits

@Suite struct CallLogFileTests {
    private static let visit = "booking_01j0000000e008000000000041"
    private static let room = "0f8e2d1c4b5a69788796a5b4c3d2e1f0"

    @Test func whatIsWritten() throws {
        let file = try CallLogFile(
            Array(
                """
                left;visit;side;joined
                2027-03-08T10:31:05+02:00;\(Self.visit);Seller;2027-03-08T10:00:12+02:00

                2027-03-08T08:31:05.25Z;A-\(Self.room.uppercased());buyer;2027-03-08T08:30:00Z
                """.utf8))
        #expect(file.stays.count == 2)
        #expect(try file.stays[0].visit == .booking(BookingID(typeID: Self.visit)))
        #expect(file.stays[0].side == .seller && file.stays[0].line == 2)
        #expect(file.stays[0].during.start.rfc3339 == "2027-03-08T08:00:12Z")
        #expect(file.stays[1].visit == .room(Self.room))
        #expect(file.stays[1].side == .buyer && file.stays[1].line == 4)
        #expect(file.problem(.timeInTheFuture, file.stays[1], .left).column == 1)
    }

    private static let head = "visit,side,joined,left\n"
    private static let (from, to) = ("2027-03-08T08:00:00Z", "2027-03-08T08:30:00Z")

    /// Each mistake alone, with where it is.
    @Test(arguments: [
        ("", "nothing", 1, 1), (head, "nothing", 1, 1),
        ("visit,side,joined\nx,y,z", "column_missing", 1, 1),
        ("visit,side,joined,left,name\n,,,,", "column_unknown", 1, 5),
        ("visit,side,joined,left,left\n,,,,", "column_twice", 1, 5),
        (head + "\"x", "bad_quote", 2, 1),
        (head + "\(visit),seller,\(from)", "cell_count", 2, 4),
        (head + "visit 7,seller,\(from),\(to)", "visit_unknown", 2, 1),
        (head + "\(room.dropLast()),seller,\(from),\(to)", "visit_unknown", 2, 1),
        (head + "\(visit),guest,\(from),\(to)", "side_unknown", 2, 2),
        (head + "\(visit),buyer,8.3.2027 10.00,\(to)", "time_unreadable", 2, 3),
        (head + "\(visit),buyer,\(from),2027-03-08T10:30:00", "time_unreadable", 2, 4),
        (head + "\(visit),buyer,\(from),\(from)", "left_too_early", 2, 4),
        (head + "\(visit),buyer,\(to),\(from)", "left_too_early", 2, 4),
    ])
    func mistakes(_ text: String, _ mistake: String, _ line: Int, _ column: Int) {
        #expect {
            try CallLogFile(Array(text.utf8))
        } throws: { error in
            let problems = (error as? CallLogFile.Refused)?.problems ?? []
            return problems.map(\.mistake.rawValue) == [mistake] && problems[0].line == line
                && problems[0].column == column
        }
    }

    @Test func isBounded() throws {
        let row = "\(Self.visit),seller,\(Self.from),\(Self.to)\n"
        let most = Self.head + String(repeating: row, count: CallLogFile.mostLines)
        #expect(try CallLogFile(Array(most.utf8)).stays.count == CallLogFile.mostLines)
        #expect {
            try CallLogFile(Array((most + row).utf8))
        } throws: {
            ($0 as? CallLogFile.Refused)?.problems.map(\.mistake) == [.tooManyLines]
        }
        #expect(throws: CallLogFile.Refused.self) { try CallLogFile([0xFF, 0xFE]) }
    }
}

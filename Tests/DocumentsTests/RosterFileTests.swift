import Documents
import MoneyAndTime
import Scheduling
import Testing

@Suite struct RosterFileTests {
    private static let one = "specialist_01j0000000e008000000000014"
    private static let two = "specialist_01j0000000e008000000000015"

    private func read(_ text: String) throws -> [RosterShift] {
        try RosterFile(
            Array(text.utf8),
            specialists: [
                (SpecialistID(typeID: Self.one), "Psykiatri 1"),
                (SpecialistID(typeID: Self.two), "Hoitaja"),
                (SpecialistID(typeID: "specialist_01j0000000e008000000000016"), "Hoitaja"),
            ],
            days: CalendarDate(iso: "2027-03-01")...CalendarDate(iso: "2027-03-31")
        ).shifts
    }

    @Test func whatIsWritten() throws {
        let shifts = try read(
            """
            date;to;from;Specialist;services;buffer_after_minutes
            9.3.2027;12.00;8.00;psykiatri 1;visit second-visit;0
            2027-03-09;02:00;20:00;\(Self.two);;
            """)
        #expect(shifts.count == 2)
        #expect(shifts[0].specialist.description == Self.one)
        #expect(shifts[0].date.iso == "2027-03-09")
        #expect(shifts[0].from.description == "08:00" && shifts[0].to.description == "12:00")
        #expect(shifts[0].terms.services == ["visit", "second-visit"])
        #expect(shifts[0].terms.bufferAfterMinutes == 0)
        #expect(shifts[1].terms.services == nil && shifts[1].terms.bufferAfterMinutes == 10)
    }

    /// Each mistake alone, with where it is.
    @Test(arguments: [
        ("", "specialist,date,from,to\n", "nothing", 1, 1),
        ("", "specialist,date,from\nx,y,z", "column_missing", 1, 1),
        ("", "specialist,date,from,to,what\n,,,,", "column_unknown", 1, 5),
        ("", "specialist,date,from,to,to\n,,,,", "column_twice", 1, 5),
        ("", "specialist,date,from,to\n\"x", "bad_quote", 2, 1),
        ("Psykiatri 1,2027-03-09,08:00", "", "cell_count", 3, 4),
        ("Nobody,2027-03-09,08:00,12:00", "", "specialist_unknown", 3, 1),
        ("Hoitaja,2027-03-09,08:00,12:00", "", "specialist_not_clear", 3, 1),
        ("Psykiatri 1,2027-02-30,08:00,12:00", "", "date_unreadable", 3, 2),
        ("Psykiatri 1,3/9/2027,08:00,12:00", "", "date_unreadable", 3, 2),
        ("Psykiatri 1,2027-04-01,08:00,12:00", "", "date_outside", 3, 2),
        ("Psykiatri 1,2027-03-09,25:00,12:00", "", "time_unreadable", 3, 3),
        ("Psykiatri 1,2027-03-09,08:00,noon", "", "time_unreadable", 3, 4),
        ("Psykiatri 1,2027-03-09,08:00,08:15", "", "too_short", 3, 4),
        ("Psykiatri 1,2027-03-08,08:00,12:00", "", "twice", 3, 1),
    ])
    func mistakes(
        _ line: String, _ file: String, _ mistake: String, _ number: Int, _ column: Int
    ) throws {
        let text =
            file.isEmpty
            ? "specialist,date,from,to\nPsykiatri 1,2027-03-08,08:00,12:00\n\(line)\n" : file
        do {
            _ = try read(text)
            Issue.record("read: \(mistake)")
        } catch let refused as RosterFile.Refused {
            let mistake = try #require(RosterFile.Mistake(rawValue: mistake))
            #expect(refused.problems == [.init(mistake, line: number, column: column)])
        }
    }

    @Test func numbersOfLengths() throws {
        for (cells, mistake) in [
            ("7,30,60", "number_unreadable"), ("15,x,60", "number_unreadable"),
            ("15,90,60", "lengths_out_of_range"), ("15,0,60", "lengths_out_of_range"),
            ("15,-5,60", "number_unreadable"),
        ] {
            do {
                _ = try read(
                    "specialist,date,from,to,grid_minutes,shortest_minutes,longest_minutes\n"
                        + "Psykiatri 1,2027-03-08,08:00,12:00,\(cells)\n")
                Issue.record("read: \(cells)")
            } catch let refused as RosterFile.Refused {
                #expect(refused.problems.map(\.mistake.rawValue) == [mistake], "\(cells)")
            }
        }
    }
}

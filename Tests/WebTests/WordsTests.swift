import Billing
import Ledger
import MoneyAndTime
import Testing

@testable import Web

@Suite("The words of the pages")
struct WordsTests {
    @Test("every text is there in every language, with the same places for values")
    func textsAreComplete() throws {
        let texts = try Texts()
        let english = texts[.english]
        #expect(english.count > 150)
        for language in Language.allCases {
            let own = texts[language]
            #expect(Set(own.keys) == Set(english.keys), "\(language.rawValue)")
            for (key, text) in own {
                #expect(
                    Self.places(in: text) == Self.places(in: english[key] ?? ""),
                    "\(language.rawValue): \(key)")
            }
        }
    }

    /// `{0}` and `{seconds}`: what is put in, in no order.
    private static func places(in text: String) -> Set<Substring> {
        Set(text.matches(of: /\{[a-z0-9_]+\}/).map(\.output))
    }

    @Test("every text that a template names is there, and the roles, states and messages too")
    func textsAreUsed() throws {
        let texts = try Texts()[.english]
        var named: Set<String> = []
        for template in try Templates().names {
            let source = try WebFiles.read("Templates/\(template).mustache")
            named.formUnion(source.matches(of: /\{\{t\.([a-z0-9_]+)\}\}/).map { String($0.1) })
        }
        #expect(named.count > 60)
        #expect(named.subtracting(texts.keys).isEmpty)
    }

    @Test("every account, kind of entry and state of an invoice has its name")
    func namesOfTheLedger() throws {
        let texts = try Texts()[.english]
        let keys =
            AccountCode.allCases.map { "account_\($0.rawValue)" }
            + EntryKind.allCases.map { "entry_kind_\($0.rawValue)" }
            + InvoiceState.allCases.map { "invoice_\($0.rawValue)" }
        #expect(Set(keys).subtracting(texts.keys).isEmpty)
    }

    @Test(arguments: [
        ("a = b\na = c\n", "Texts/en:2: a is there twice"),
        ("a=b\n", "Texts/en:1: no ' = '"),
        ("# a comment\n\nA = b\n", "Texts/en:3: a key of a-z, 0-9 and _, and a text"),
        ("a = \n", "Texts/en:1: a key of a-z, 0-9 and _, and a text"),
    ])
    func malformedTexts(file: String, expected: String) {
        #expect {
            try Texts.parse(file, of: .english)
        } throws: { ($0 as? Texts.Malformed)?.description == expected }
    }

    @Test(
        "a share and an hour as each language writes them",
        arguments: [
            (Language.finnish, "12,5\u{a0}%", "17.00", "24.00"),
            (.swedish, "12,5\u{a0}%", "17.00", "24.00"), (.english, "12.5%", "17:00", "24:00"),
        ])
    func sharesAndHours(language: Language, share: String, hour: String, midnight: String) {
        #expect(language.percent("12.5") == share)
        #expect(language.clock("17:00") == hour)
        #expect(language.clock("24:00") == midnight)
    }

    @Test("no text writes the sign of a share itself, so that it cannot come loose from its figure")
    func signsOfShares() throws {
        for language in Language.allCases {
            for (key, text) in try Texts()[language] {
                #expect(!text.contains("} %") && !text.contains("}%"), "\(language): \(key)")
            }
        }
    }

    @Test("a text may hold the mark itself")
    func wellFormedTexts() throws {
        #expect(
            try Texts.parse("# x\na = b = c\n\nb_1 = d\n", of: .english) == [
                "a": "b = c", "b_1": "d",
            ])
    }

    @Test(arguments: [
        (nil, nil, Language.finnish),
        (nil, "sv", .swedish),
        (nil, "sv-FI,sv;q=0.9,en;q=0.8", .swedish),
        (nil, "de, en-GB;q=0.7, fi;q=0.8", .finnish),
        (nil, "en;q=0, sv;q=0.1", .swedish),
        (nil, "svx, enm", .finnish),
        (nil, "*", .finnish),
        (nil, "en;q=nonsense", .finnish),
        ("en", "sv", .english),
        ("xx", "sv", .swedish),
    ])
    func languages(chosen: String?, accepted: String?, expected: Language) {
        #expect(Language.of(chosen: chosen, acceptLanguage: accepted) == expected)
    }
}

@Suite("Dates, times and money as each language writes them")
struct LocalFormsTests {
    private static func plain(_ text: String) -> String { text.replacing("\u{a0}", with: " ") }

    @Test(arguments: [
        (Language.finnish, "ti 24.11.2026 klo 9.00"),
        (.swedish, "tis 24.11.2026 kl. 9.00"),
        (.english, "Tue 24 Nov 2026, 09:00"),
    ])
    func moments(language: Language, expected: String) throws {
        let zone = try WallClock(zone: "Europe/Helsinki")
        let instant = try Instant(rfc3339: "2026-11-24T07:00:00Z")
        #expect(Self.plain(language.moment(instant, in: zone)) == expected)
    }

    @Test("from one day into the next both dates are there")
    func spans() throws {
        let zone = try WallClock(zone: "Europe/Helsinki")
        let start = try Instant(rfc3339: "2026-11-24T21:30:00Z")
        let (soon, late) = (try start.adding(seconds: 1_200), try start.adding(seconds: 3_600))
        #expect(
            Self.plain(Language.finnish.span(start, soon, in: zone))
                == "ti 24.11.2026 klo 23.30–23.50")
        #expect(
            Self.plain(Language.english.span(start, late, in: zone))
                == "Tue 24 Nov 2026, 23:30 – Wed 25 Nov 2026, 00:30")
    }

    @Test(
        "a time that comes twice says which it is; another day has its name",
        arguments: [
            (Language.finnish, "3.30 (kesäaikaa)–3.30 (talviaikaa)", "la 22.00–24.00", "su 31.10."),
            (.swedish, "3.30 (sommartid)–3.30 (vintertid)", "lör 22.00–24.00", "sön 31.10."),
            (.english, "03:30 (summer time)–03:30 (winter time)", "Sat 22:00–24:00", "Sun 31 Oct"),
        ])
    func calendarTimes(
        language: Language, twice: String, late: String, date: String
    ) throws {
        let zone = try WallClock(zone: "Europe/Helsinki")
        let sunday = try CalendarDate(iso: "2027-10-31")
        func times(_ start: String, _ end: String) throws -> String {
            let slot = try TimeSlot(start: Instant(rfc3339: start), end: Instant(rfc3339: end))
            return Self.plain(language.times(slot, on: sunday, in: zone))
        }
        #expect(try times("2027-10-31T00:30:00Z", "2027-10-31T01:30:00Z") == twice)
        #expect(try times("2027-10-30T19:00:00Z", "2027-10-31T22:00:00Z") == late)
        #expect(Self.plain(language.shortDate(sunday)) == date)
    }

    @Test("every day of a week has its own name")
    func weekdays() throws {
        let monday = try CalendarDate(iso: "2027-03-01")
        for language in Language.allCases {
            let days = try (0..<7).map { language.date(try monday.adding(days: $0)) }
            for (day, name) in zip(days, language.shortWeekdays) { #expect(day.hasPrefix(name)) }
            #expect(Set(language.shortWeekdays).count == 7)
        }
    }

    @Test(arguments: [
        ("0.00", "0,00 €", "€0.00"),
        ("999.99", "999,99 €", "€999.99"),
        ("1234.50", "1 234,50 €", "€1,234.50"),
        ("1000000.00", "1 000 000,00 €", "€1,000,000.00"),
        ("-1234.50", "−1 234,50 €", "−€1,234.50"),
        ("-0.05", "−0,05 €", "−€0.05"),
    ])
    func money(amount: String, finnish: String, english: String) throws {
        let money = try Money(decimal: amount)
        #expect(Self.plain(Language.finnish.money(money)) == finnish)
        #expect(Self.plain(Language.swedish.money(money)) == finnish)
        #expect(Language.english.money(money) == english)
    }

    @Test(arguments: [(0, "0 min"), (1_020, "17 min"), (1_021, "17 min 1 s"), (30, "0 min 30 s")])
    func lengths(seconds: Int64, expected: String) {
        #expect(Self.plain(Language.finnish.length(seconds: seconds)) == expected)
    }
}

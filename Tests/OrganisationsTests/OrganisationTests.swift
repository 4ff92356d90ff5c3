import MoneyAndTime
import Organisations
import Testing

@Suite struct OrganisationTests {
    static func address(
        street: String = "Esimerkkikatu 1", postalCode: String = "00100",
        city: String = "Helsinki", country: String = "FI"
    ) throws -> PostalAddress {
        try PostalAddress(street: street, postalCode: postalCode, city: city, country: country)
    }

    static func organisation(name: String) throws -> Organisation {
        try Organisation(
            id: id(), legalName: name, businessID: BusinessID("1234567-1"), address: address(),
            contactEmail: EmailAddress("time@hospital.example"))
    }

    static func specialist(
        label: String = "Psychiatrist 1", profession: String = "psychiatrist",
        specialties: Set<String> = ["70"], languages: Set<String> = ["fi", "sv", "en-GB"]
    ) throws -> Specialist {
        try Specialist(
            id: id(), organisation: id(), displayLabel: label, profession: profession,
            specialties: specialties, languages: languages)
    }

    static func licence(
        number: String = "12345", from: String = "2026-01-01", through: String = "2026-12-31"
    ) throws -> Licence {
        try Licence(
            id: id(), specialist: id(), authority: "Example authority", number: number,
            validFrom: CalendarDate(iso: from), validThrough: CalendarDate(iso: through))
    }

    struct Row: Sendable, CustomTestStringConvertible {
        let refusal: OrganisationRefusal
        let make: @Sendable () throws -> Void
        var testDescription: String { refusal.code }
    }

    static let rows: [Row] = [
        Row(refusal: .textMissing(.legalName)) { _ = try organisation(name: "") },
        Row(refusal: .textTooLong(.legalName, limit: 200)) {
            _ = try organisation(name: String(repeating: "ä", count: 201))
        },
        Row(refusal: .textNotPlain(.legalName)) { _ = try organisation(name: "Two\nlines") },
        Row(refusal: .textNotPlain(.legalName)) { _ = try organisation(name: " Blank before") },
        Row(refusal: .textNotPlain(.legalName)) { _ = try organisation(name: "After\u{A0}") },
        Row(refusal: .textMissing(.street)) { _ = try address(street: "") },
        Row(refusal: .textTooLong(.postalCode, limit: 16)) {
            _ = try address(postalCode: "12345678901234567")
        },
        Row(refusal: .textMissing(.city)) { _ = try address(city: "") },
        Row(refusal: .countryMalformed) { _ = try address(country: "fi") },
        Row(refusal: .countryMalformed) { _ = try address(country: "FIN") },
        Row(refusal: .countryMalformed) { _ = try address(country: "Ä") },
        Row(refusal: .textMissing(.displayLabel)) { _ = try specialist(label: "") },
        Row(refusal: .textMissing(.specialties)) { _ = try specialist(specialties: []) },
        Row(refusal: .codeMalformed(.specialties)) { _ = try specialist(specialties: ["7 0"]) },
        Row(refusal: .tooManyCodes(.specialties, limit: 20)) {
            _ = try specialist(specialties: Set((0...20).map(String.init)))
        },
        Row(refusal: .textMissing(.languages)) { _ = try specialist(languages: []) },
        Row(refusal: .codeMalformed(.languages)) { _ = try specialist(languages: ["FI"]) },
        Row(refusal: .codeMalformed(.languages)) { _ = try specialist(languages: ["fi-"]) },
        Row(refusal: .codeMalformed(.languages)) { _ = try specialist(languages: ["suomi"]) },
        Row(refusal: .textMissing(.licenceNumber)) { _ = try licence(number: "") },
        Row(refusal: .validityEmpty) {
            _ = try licence(from: "2026-01-02", through: "2026-01-01")
        },
        Row(refusal: .rolesMissing) {
            _ = try Member(
                id: id(), organisation: id(), name: "Desk 1",
                email: EmailAddress("desk@hospital.example"), roles: [])
        },
    ]

    @Test(arguments: rows) func refuses(_ row: Row) {
        #expect(throws: row.refusal) { try row.make() }
    }

    @Test func limitsAreInside() throws {
        _ = try Self.organisation(name: String(repeating: "ä", count: 200))
        _ = try Self.specialist(specialties: Set((1...20).map(String.init)))
    }

    @Test(arguments: [
        "time@hospital.example", "a.b+c@x.y", "o'neil@sub-domain.example.org", "1@2.fi",
    ]) func takesAddress(_ text: String) throws {
        #expect(try EmailAddress(text).text == text)
    }

    @Test(arguments: [
        "", "@", "a@", "@b.c", "a@b", "a@b..c", ".a@b.c", "a.@b.c", "a..b@c.d", "a b@c.d",
        "a@b.c\n", "a@-b.c", "a@b-.c", "a@b@c.d", "ä@b.c", "a@ä.fi", "<a@b.c>", "a,b@c.d",
        String(repeating: "a", count: 65) + "@b.c",
        "a@" + String(repeating: "b.", count: 130) + "c",
    ]) func refusesAddress(_ text: String) {
        #expect(throws: OrganisationRefusal.emailMalformed) { try EmailAddress(text) }
    }

    @Test func aLicenceCoversBothItsEndDays() throws {
        let licence = try Self.licence()
        let days = [
            ("2025-12-31", false), ("2026-01-01", true), ("2026-12-31", true),
            ("2027-01-01", false),
        ]
        for (day, covered) in days {
            #expect(try licence.covers(CalendarDate(iso: day)) == covered)
        }
    }

    /// The stable codes, one by one: an integration may depend on each.
    @Test func codesAndFields() {
        #expect(OrganisationRefusal.textMissing(.city).code == "text_missing")
        #expect(OrganisationRefusal.textMissing(.city).field == .city)
        #expect(OrganisationRefusal.emailMalformed.field == nil)
        #expect(
            OrganisationRefusal.patientReferenceIsPersonalIdentityCode.code
                == "patient_reference_is_personal_identity_code")
    }

    @Test(
        "a language that is asked for is read in any case",
        arguments: [
            ("SV", "sv"), ("sv", "sv"), ("En-gb", "en-GB"), ("SME", "sme"), ("", nil),
            ("s", nil), ("suomi", nil), ("fi-", nil), ("fi-FI-x", nil), ("\u{212A}o", nil),
        ] as [(String, String?)])
    func askedLanguage(asked: String, language: String?) {
        #expect((try? Specialist.language(asked: asked)) == language)
    }
}

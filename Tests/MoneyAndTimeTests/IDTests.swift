import MoneyAndTime
import Testing

@Suite struct IDTests {
    /// The valid vectors of the TypeID specification, with a prefix of ours.
    @Test(arguments: [
        ("00000000000000000000000000", "00000000-0000-0000-0000-000000000000"),
        ("00000000000000000000000001", "00000000-0000-0000-0000-000000000001"),
        ("0000000000000000000000000a", "00000000-0000-0000-0000-00000000000a"),
        ("0000000000000000000000000g", "00000000-0000-0000-0000-000000000010"),
        ("00000000000000000000000010", "00000000-0000-0000-0000-000000000020"),
        ("7zzzzzzzzzzzzzzzzzzzzzzzzz", "ffffffff-ffff-ffff-ffff-ffffffffffff"),
        ("0123456789abcdefghjkmnpqrs", "0110c853-1d09-52d8-d73e-1194e95b5f19"),
        ("01h455vb4pex5vsknk084sn02q", "01890a5d-ac96-774b-bcce-b302099a8057"),
    ])
    func typeIDVectors(suffix: String, uuid: String) throws {
        let id = try BookingID(uuid: uuid)
        #expect(id.description == "booking_\(suffix)")
        #expect(try BookingID(typeID: "booking_\(suffix)") == id)
        #expect(try BookingID(uuid: uuid.uppercased()).uuidString == uuid)
    }

    @Test(
        arguments: [
            ("", .wrongPrefix(expected: "booking")),
            ("booking", .wrongPrefix(expected: "booking")),
            ("01h455vb4pex5vsknk084sn02q", .wrongPrefix(expected: "booking")),
            ("contract_01h455vb4pex5vsknk084sn02q", .wrongPrefix(expected: "booking")),
            ("BOOKING_01h455vb4pex5vsknk084sn02q", .wrongPrefix(expected: "booking")),
            (" booking_01h455vb4pex5vsknk084sn02q", .wrongPrefix(expected: "booking")),
            ("booking_", .form(expected: "booking")),
            ("booking_01h455vb4pex5vsknk084sn02", .form(expected: "booking")),
            ("booking_01h455vb4pex5vsknk084sn02qq", .form(expected: "booking")),
            ("booking_01H455VB4PEX5VSKNK084SN02Q", .form(expected: "booking")),
            ("booking_81h455vb4pex5vsknk084sn02q", .form(expected: "booking")),
            ("booking_01h455vb4pex5vsknk084sn02i", .form(expected: "booking")),
            ("booking_01h455vb4pex5vsknk084sn02l", .form(expected: "booking")),
            ("booking_01h455vb4pex5vsknk084sn02o", .form(expected: "booking")),
            ("booking_01h455vb4pex5vsknk084sn02u", .form(expected: "booking")),
            ("booking_01h455vb4-ex5vsknk084sn02q", .form(expected: "booking")),
            ("booking_01h455vb4pex5vsknk084sn02\u{e9}", .form(expected: "booking")),
        ] as [(String, InvalidID)])
    func refusesOtherTexts(text: String, error: InvalidID) {
        #expect(throws: error) { try BookingID(typeID: text) }
        #expect(BookingID(text) == nil)
    }

    @Test(arguments: [
        "", "01890a5dac96774bbcceb302099a8057", "01890a5d-ac96-774b-bcce-b302099a805",
        "01890a5d-ac96-774b-bcce-b302099a80571", "01890a5d-ac96-774b-bcceb302-099a8057",
        "0189ga5d-ac96-774b-bcce-b302099a8057", "{01890a5d-ac96-774b-bcce-b302099a8057}",
        "-1890a5d-ac96-774b-bcce-b302099a8057",
    ])
    func refusesOtherUUIDs(text: String) {
        #expect(throws: InvalidID.form(expected: "booking")) { try BookingID(uuid: text) }
    }

    @Test func everyIdentifierIsARoundTripAndSortsAlike() throws {
        var random = SplitMix64(seed: 6)
        for _ in 0..<2_000 {
            let bits = UInt128(random.next()) << 64 | UInt128(random.next())
            let (left, right) = (BookingID(bits: bits), BookingID(bits: bits ^ 1 << 77))
            #expect(try BookingID(typeID: left.description) == left)
            #expect(try BookingID(uuid: left.uuidString) == left)
            #expect((left < right) == (left.description < right.description))
            #expect((left < right) == (left.uuidString < right.uuidString))
        }
    }

    @Test func newOnesAreUUIDv7OfTheInstant() throws {
        var random = SplitMix64(seed: 7)
        let instant = try Instant(rfc3339: "2026-03-29T09:00:00.123456Z")
        let id = BookingID(at: instant, using: &random)
        let milliseconds = UInt64(instant.microseconds / 1_000)
        #expect(UInt64(id.bits >> 80) == milliseconds)
        #expect(UInt8(truncatingIfNeeded: id.bits >> 76) & 15 == 7, "version")
        #expect(UInt8(truncatingIfNeeded: id.bits >> 62) & 3 == 0b10, "variant")
        #expect(UInt16(truncatingIfNeeded: id.bits >> 64) & 0xFFF == 456 * 4_096 / 1_000)
        #expect(id != BookingID(at: instant, using: &random))
    }

    @Test func newOnesSortByMicrosecond() {
        var random = SplitMix64(seed: 8)
        for step in 0..<5_000 {
            let instant = Instant(microseconds: 1_774_774_800_000_000 + Int64(step))
            let earlier = EventID(at: instant, using: &random)
            let later = EventID(
                at: Instant(microseconds: instant.microseconds + 1), using: &random)
            #expect(earlier < later)
        }
    }

    @Test func extremeInstantsDoNotTrap() {
        var random = SplitMix64(seed: 9)
        let early = EventID(at: Instant(microseconds: .min), using: &random)
        let late = EventID(at: Instant(microseconds: .max), using: &random)
        #expect(early.bits >> 80 == 0)
        #expect(late.bits >> 80 == (1 << 48) - 1)
    }

    @Test func everyTagHasAPrefixOfItsOwn() {
        let tags: [any IDTag.Type] = [
            OrganisationTag.self, UnitTag.self, MemberTag.self, CredentialTag.self,
            SpecialistTag.self, LicenceTag.self, ContractTag.self, AvailabilityRuleTag.self,
            ReservationTag.self, BookingTag.self, HandshakeTag.self, ChargeTag.self,
            StatementTag.self, InvoiceTag.self, BankEntryTag.self, BankFileTag.self,
            PaymentFileTag.self,
            EntryTag.self, EventTag.self, WindowTag.self, MailTag.self, CalendarFeedTag.self,
            CalendarMailboxTag.self, GuestLinkTag.self, GuestTag.self,
        ]
        let prefixes = tags.map { $0.prefix }
        #expect(Set(prefixes).count == tags.count)
        #expect(prefixes.allSatisfy { $0.allSatisfy { ("a"..."z").contains($0) } })
    }
}

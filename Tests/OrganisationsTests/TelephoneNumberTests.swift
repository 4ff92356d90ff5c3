import Organisations
import Testing

@Suite struct TelephoneNumberTests {
    @Test(arguments: [
        ("+358 9 123 4567", "+358 9 123 4567", "tel:+35891234567"),
        ("09-123 4567", "09 123 4567", "tel:091234567"),
        ("116117", "116117", "tel:116117"),
        ("+46\u{a0}8  55 55 55", "+46 8 55 55 55", "tel:+468555555"),
    ])
    func isReadAsPeopleWriteIt(typed: String, text: String, address: String) throws {
        let number = try TelephoneNumber(typed)
        #expect(number.text == text)
        #expect(number.address == address)
        #expect(try TelephoneNumber(number.text) == number)
    }

    @Test(arguments: [
        "", " ", "+", "12", "+358", "+0 123 4567", "+ 358 9 123 4567", "09 123 4567 ext",
        "0x91234567", "++358912345",
        "+1234567890123456", "1234567890123456", "09/1234567", "٠٩١٢٣٤٥٦٧",
        "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6", "javascript:alert(1)",
    ])
    func isNoNumber(typed: String) {
        #expect(throws: TelephoneNumber.Malformed.self) { try TelephoneNumber(typed) }
    }
}

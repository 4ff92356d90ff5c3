import MoneyAndTime
import Testing

@Suite struct IdentifierTests {
    @Test(arguments: ["2077474-0", "0114162-2", "2858394-9"])
    func businessIDs(text: String) throws {
        let businessID = try BusinessID(text)
        #expect(businessID.text == text)
        #expect(try BusinessID(digits: businessID.digits) == businessID)
        #expect(VATID(businessID).businessID == businessID)
        #expect(OVT(businessID).businessID == businessID)
    }

    @Test(
        arguments: [
            ("2077474-1", .checkDigit), ("2077475-0", .checkDigit), ("2077474-9", .checkDigit),
            ("", .length), ("20774740", .length), ("77474-0", .length), ("02077474-0", .length),
            ("2077474 0", .form), ("2077474_0", .form), ("207747A-0", .form), ("2077474-X", .form),
            ("٢077474-", .form),
        ] as [(String, InvalidIdentifier)])
    func otherBusinessIDs(text: String, error: InvalidIdentifier) {
        #expect(throws: error) { try BusinessID(text) }
    }

    /// A remainder of 1 has no check digit at all: 11 − 1 would have two digits.
    @Test func aRemainderOfOneIsNeverValid() {
        // The weighted sum of 0000006 is 6 × 2 = 11 + 1.
        for check in 0...9 {
            #expect(throws: InvalidIdentifier.checkDigit) { try BusinessID("0000006-\(check)") }
        }
    }

    @Test func vatIDs() throws {
        #expect(try VATID("FI20774740") == VATID(BusinessID("2077474-0")))
        #expect(try VATID("SE556703748501").country == "SE")
        #expect(try VATID("SE556703748501").businessID == nil)
        let refused: [(String, InvalidIdentifier)] = [
            ("FI20774741", .checkDigit), ("FI2077474", .length), ("FI2077474-0", .form),
            ("20774740", .country), ("fi20774740", .country), ("", .country), ("F", .country),
            ("FI207747400", .length), ("SE1", .length), ("SE1234567890123", .length),
            ("SE55 6703", .form), ("SEé1234", .form),
        ]
        for (text, error) in refused {
            #expect(throws: error, "\(text)") { try VATID(text) }
        }
    }

    @Test func ovts() throws {
        #expect(try OVT("003720774740") == OVT(BusinessID("2077474-0")))
        #expect(try OVT("00372077474012345").businessID.text == "2077474-0")
        #expect(try OVT("003720774740AB").text == "003720774740AB")
        let refused: [(String, InvalidIdentifier)] = [
            ("003720774741", .checkDigit), ("003820774740", .form), ("00372077474", .length),
            ("003720774740123456", .length), ("003720774740-1", .form), ("0037207747A0", .form),
            ("003720774740ä", .form), ("", .length),
        ]
        for (text, error) in refused {
            #expect(throws: error, "\(text)") { try OVT(text) }
        }
    }

    @Test func ibans() throws {
        let iban = try IBAN("FI2112345600000785")
        #expect(try IBAN("FI21 1234 5600 0007 85") == iban)
        #expect(iban.grouped == "FI21 1234 5600 0007 85")
        #expect(try IBAN("GB82WEST12345698765432").text == "GB82WEST12345698765432")
        #expect(try IBAN("DE89370400440532013000").grouped == "DE89 3704 0044 0532 0130 00")
        #expect(try IBAN("BR1500000000000010932840814P2").text.count == 29)
        let refused: [(String, InvalidIdentifier)] = [
            ("FI2212345600000785", .checkDigit), ("FI2112345600000786", .checkDigit),
            ("FI211234560000078", .length), ("FI21123456000007850", .length), ("", .form),
            ("fi2112345600000785", .country), ("1121123456000007", .country),
            ("FI2112345600000-85", .form), ("FIxx12345600000785", .form),
            ("BR15", .length), ("SE3550000000054910000003A", .length),
        ]
        for (text, error) in refused {
            #expect(throws: error, "\(text)") { try IBAN(text) }
        }
    }

    /// Any single wrong digit, and any two neighbours exchanged, is found (ISO 7064).
    @Test func ibanFindsTheCommonMistakes() throws {
        let valid = Array("FI2112345600000785")
        for place in 2..<valid.count {
            for digit in "0123456789" where digit != valid[place] {
                var wrong = valid
                wrong[place] = digit
                #expect(throws: InvalidIdentifier.checkDigit) { try IBAN(String(wrong)) }
            }
            if place + 1 < valid.count, valid[place] != valid[place + 1] {
                var swapped = valid
                swapped.swapAt(place, place + 1)
                #expect(throws: InvalidIdentifier.checkDigit) { try IBAN(String(swapped)) }
            }
        }
    }
}

import Billing
import Documents
import MoneyAndTime
import Testing

@Suite struct PaymentMessageTests {
    static func file(_ references: [String] = ["20260000422", "RF18539007547034"]) throws
        -> PaymentFile
    {
        try PaymentFile(
            messageID: "A01J0000000E008000000000061", debtorName: "Example Health Centre & Co",
            debtorIBAN: IBAN("FI5542345670000081"), debtorTown: "Example Town",
            debtorCountry: "FI", executionOn: CalendarDate(iso: "2027-05-10"),
            orders: references.enumerated().map { index, reference in
                try PaymentOrder(
                    invoice: InvoiceID(bits: UInt128(index + 1)),
                    amount: Money(minorUnits: 5_400 + Int64(index)),
                    creditorName: String(repeating: "ä", count: 80),
                    creditorIBAN: IBAN("FI2112345600000785"), town: "Example City", country: "FI",
                    reference: ReferenceNumber(reference), endToEndID: "A1-\(index + 1)")
            })
    }

    @Test func writesWhatTheBankTakes() throws {
        let writer = Pain001Writer(createdAt: try Instant(rfc3339: "2027-05-09T08:00:00Z"))
        let text = String(decoding: try writer.write(Self.file()), as: UTF8.self)
        for words in [
            "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09", "<NbOfTxs>2</NbOfTxs>",
            "<CtrlSum>108.01</CtrlSum>", "<Nm>Example Health Centre &amp; Co</Nm>",
            "<Ref>20260000422</Ref>", "<Ref>RF18539007547034</Ref>", "<Issr>ISO</Issr>",
            #"<InstdAmt Ccy="EUR">54.01</InstdAmt>"#, "<Dt>2027-05-10</Dt>",
            "<Nm>\(String(repeating: "ä", count: 70))</Nm>",
        ] {
            #expect(text.contains(words), "\(words)")
        }
        // a national reference is no ISO reference
        #expect(text.matches(of: /<Issr>/).count == 1)
        #expect(!text.contains("AdrLine"))
    }

    static func answer(_ body: String, version: String = "10", name: String = "A") -> [UInt8] {
        Array(
            """
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.\(version)">
            <CstmrPmtStsRpt><OrgnlGrpInfAndSts><OrgnlMsgId>\(name)</OrgnlMsgId>\(body)
            </CstmrPmtStsRpt></Document>
            """.utf8)
    }

    @Test func readsWhatTheBankAnswers() throws {
        let body = """
            <GrpSts>PART</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>
            <TxInfAndSts><OrgnlEndToEndId>1</OrgnlEndToEndId><TxSts>ACSP</TxSts></TxInfAndSts>
            <TxInfAndSts><OrgnlEndToEndId>2</OrgnlEndToEndId><TxSts>RJCT</TxSts><StsRsnInf>
            <Rsn><Cd>AC04</Cd></Rsn><AddtlInf>Closed</AddtlInf><AddtlInf>account</AddtlInf>
            </StsRsnInf></TxInfAndSts></OrgnlPmtInfAndSts>
            """
        for version in ["03", "10", "14"] {
            let answer = try Pain002Reader().read(Self.answer(body, version: version))
            #expect(answer.messageID == "A")
            #expect(answer.whole == .init(isAccepted: nil))
            #expect(answer.byEndToEndID["1"] == .init(isAccepted: true))
            #expect(
                answer.byEndToEndID["2"]
                    == .init(isAccepted: false, code: "AC04", words: "Closed account"))
        }
        let whole = try Pain002Reader().read(
            Self.answer("<GrpSts>RJCT</GrpSts></OrgnlGrpInfAndSts>"))
        #expect(whole.whole?.isAccepted == false)
    }

    @Test(arguments: [
        "<GrpSts>MAYBE</GrpSts></OrgnlGrpInfAndSts>",
        "</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><TxInfAndSts><TxSts>RJCT</TxSts></TxInfAndSts>"
            + "</OrgnlPmtInfAndSts>",
        "</OrgnlGrpInfAndSts><OrgnlPmtInfAndSts><TxInfAndSts><OrgnlEndToEndId>1"
            + "</OrgnlEndToEndId></TxInfAndSts></OrgnlPmtInfAndSts>",
    ])
    func refusesWhatItDoesNotUnderstand(body: String) {
        #expect(throws: BankFileProblem.self) { try Pain002Reader().read(Self.answer(body)) }
    }

    @Test func refusesOtherMessages() {
        let good = "<GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>"
        for bytes in [
            Self.answer(good, version: "02"), Self.answer(good, version: "3"),
            Self.answer("", name: "A"), Array("<!DOCTYPE a><a/>".utf8),
            Self.answer("<GrpSts>ACCP</GrpSts></OrgnlGrpInfAndSts>", name: ""),
        ] {
            #expect(throws: BankFileProblem.self) { try Pain002Reader().read(bytes) }
        }
    }
}

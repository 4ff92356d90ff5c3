import Billing
import Documents
import MoneyAndTime
import Testing

/// Statements as banks really write them.
@Suite struct Camt053ReaderTests {
    static func file(
        _ entries: String, version: String = "02", id: String = "<Id>S1</Id>"
    ) -> [UInt8] {
        Array(
            """
            <?xml version="1.0" encoding="UTF-8"?>
            <Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.\(version)">
            <BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId></GrpHdr>
            <Stmt>\(id)<Acct><Id><IBAN>FI2112345600000785</IBAN></Id></Acct>
            \(entries)
            </Stmt></BkToCstmrStmt></Document>
            """.utf8)
    }

    static func entry(
        _ details: String, amount: String = "575.76", direction: String = "CRDT",
        status: String = "<Sts>BOOK</Sts>", reversal: String = "", reference: String = "REF1",
        rest: String = ""
    ) -> String {
        """
        <Ntry><Amt Ccy="EUR">\(amount)</Amt><CdtDbtInd>\(direction)</CdtDbtInd>\(reversal)\(status)
        <BookgDt><Dt>2026-04-20</Dt></BookgDt><AcctSvcrRef>\(reference)</AcctSvcrRef>
        \(details)\(rest)</Ntry>
        """
    }

    static func structured(_ reference: String) -> String {
        "<RmtInf><Strd><CdtrRefInf><Ref>\(reference)</Ref></CdtrRefInf></Strd></RmtInf>"
    }

    static func payment(_ amount: String, _ reference: String) -> String {
        "<TxDtls><AmtDtls><TxAmt><Amt Ccy=\"EUR\">\(amount)</Amt></TxAmt></AmtDtls>"
            + structured(reference) + "</TxDtls>"
    }

    private func read(_ bytes: [UInt8]) throws -> [BankTransaction] {
        try Camt053Reader().read(bytes).transactions
    }

    private func only(_ entries: String, version: String = "02") throws -> BankTransaction {
        let transactions = try read(Self.file(entries, version: version))
        #expect(transactions.count == 1)
        return try #require(transactions.first)
    }

    @Test func oneEntryOfManyReferencePayments() throws {
        let details =
            "<NtryDtls><Btch><NbOfTxs>3</NbOfTxs></Btch>"
            + Self.payment("500.00", "20260000422") + Self.payment("75.00", "20260000435")
            + Self.payment("0.76", "1234561") + "</NtryDtls>"
        let transactions = try read(
            Self.file(Self.entry(details, rest: "<AddtlNtryInf>705 VIITESIIRROT</AddtlNtryInf>")))
        #expect(transactions.map(\.amount.decimal) == ["500.00", "75.00", "0.76"])
        #expect(transactions.map(\.reference) == ["20260000422", "20260000435", "1234561"])
        #expect(Set(transactions.map(\.key)).count == 3)
        #expect(transactions.allSatisfy { !$0.isUnsplitBatch })
    }

    @Test(arguments: [
        // NbOfTxs without TxDtls.
        "<NtryDtls><Btch><NbOfTxs>12</NbOfTxs></Btch></NtryDtls>",
        // One detail of many.
        "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch>\(payment("500.00", "20260000422"))</NtryDtls>",
        // Details that do not add up to the entry.
        "<NtryDtls>\(payment("500.00", "20260000422"))\(payment("500.00", "1234561"))</NtryDtls>",
        // Details without amounts, and one without a reference.
        "<NtryDtls><TxDtls>\(structured("20260000422"))</TxDtls><TxDtls/></NtryDtls>",
    ])
    func aBatchThatCannotBeSplitStaysWhole(details: String) throws {
        let transaction = try only(Self.entry(details))
        #expect(transaction.isUnsplitBatch)
        #expect(transaction.amount.decimal == "575.76")
        #expect(transaction.reference == nil)
    }

    @Test func oneDetailMayLeaveItsAmountOut() throws {
        let transaction = try only(
            Self.entry("<NtryDtls><TxDtls>\(Self.structured("0020260000422"))</TxDtls></NtryDtls>"))
        #expect(transaction.amount.decimal == "575.76")
        #expect(transaction.reference == "0020260000422")
    }

    @Test func theReferenceMayStandInFreeText() throws {
        let transaction = try only(
            Self.entry(
                "<NtryDtls><TxDtls><RmtInf><Ustrd>Lasku</Ustrd><Ustrd>\n 20260000422 </Ustrd>"
                    + "</RmtInf></TxDtls></NtryDtls>"))
        #expect(transaction.reference == nil)
        #expect(transaction.message == "Lasku 20260000422")
    }

    @Test func onePaymentMayNameSeveralReferences() throws {
        let two =
            "<Strd><CdtrRefInf><Ref>20260000422</Ref></CdtrRefInf></Strd>"
            + "<Strd><CdtrRefInf><Ref>20260000435</Ref></CdtrRefInf></Strd>"
        let transaction = try only(
            Self.entry("<NtryDtls><TxDtls><RmtInf>\(two)</RmtInf></TxDtls></NtryDtls>"))
        #expect(transaction.references == ["20260000422", "20260000435"])
        #expect(transaction.message == nil)
    }

    /// Versions of one kind differ in nothing that is read here.
    @Test(arguments: ["02", "03", "04", "05", "06", "07", "08", "09", "10", "13"])
    func readsEveryVersion(version: String) throws {
        let transaction = try only(Self.entry(""), version: version)
        #expect(transaction.amount.decimal == "575.76")
    }

    @Test func readsNotifications() throws {
        let text = String(decoding: Self.file(Self.entry(Self.structured(""))), as: UTF8.self)
            .replacing("camt.053.001.02", with: "camt.054.001.08")
            .replacing("BkToCstmrStmt", with: "BkToCstmrDbtCdtNtfctn")
            .replacing("Stmt>", with: "Ntfctn>")
        let file = try Camt053Reader().read(Array(text.utf8))
        #expect(file.transactions.map(\.amount.decimal) == ["575.76"])
        // a notification under a statement's name is neither
        let mixed = text.replacing("camt.054", with: "camt.053")
        #expect(throws: BankFileProblem.self) { try Camt053Reader().read(Array(mixed.utf8)) }
    }

    /// The same payment has one key, whichever message tells of it first.
    @Test func aNotifiedPaymentIsThatOfTheStatement() throws {
        let bytes = Self.file(Self.entry(Self.payment("575.76", "20260000422")))
        let notified = String(decoding: bytes, as: UTF8.self)
            .replacing("camt.053.001.02", with: "camt.054.001.02")
            .replacing("BkToCstmrStmt", with: "BkToCstmrDbtCdtNtfctn")
            .replacing("Stmt>", with: "Ntfctn>").replacing("<Id>S1</Id>", with: "<Id/>")
        #expect(try read(bytes).map(\.key) == read(Array(notified.utf8)).map(\.key))
    }

    @Test func aBatchThatGivesNoAmountsNamesItsReferences() throws {
        let details =
            "<NtryDtls><Btch><NbOfTxs>2</NbOfTxs></Btch><TxDtls>"
            + Self.structured("20260000422") + "</TxDtls><TxDtls>"
            + Self.structured("20260000435") + "</TxDtls></NtryDtls>"
        let transaction = try only(Self.entry(details))
        #expect(transaction.isUnsplitBatch)
        #expect(transaction.references == ["20260000422", "20260000435"])
        // one that tells of fewer than it sums names nothing
        let fewer = try only(Self.entry(details.replacing(">2<", with: ">3<")))
        #expect(fewer.isUnsplitBatch && fewer.references.isEmpty)
    }

    @Test func aReturnHasItsCode() throws {
        let details =
            "<NtryDtls><TxDtls><Refs><EndToEndId>E1</EndToEndId></Refs>"
            + "<RtrInf><Rsn><Cd>AC04</Cd></Rsn></RtrInf></TxDtls></NtryDtls>"
        let transaction = try only(Self.entry(details, direction: "DBIT"))
        #expect(transaction.returnCode == "AC04")
        #expect(transaction.endToEndID == "E1")
        #expect(transaction.isReturn && !transaction.isReversal)
    }

    @Test func anAccountWithoutAnIBANIsNoneOfOurs() throws {
        let text = String(decoding: Self.file(Self.entry("")), as: UTF8.self)
            .replacing(
                "<IBAN>FI2112345600000785</IBAN>", with: "<Othr><Id>123-456</Id></Othr>")
        let file = try Camt053Reader().read(Array(text.utf8))
        #expect(file.statements.isEmpty)
        #expect(file.entriesElsewhere.map(\.amount.decimal) == ["575.76"])
    }

    @Test func bothFormsOfTheStatusAndOfTheName() throws {
        let old = try only(
            Self.entry(
                "<NtryDtls><TxDtls><RltdPties><Dbtr><Nm>Ä &amp; B</Nm></Dbtr></RltdPties>"
                    + "</TxDtls></NtryDtls>"))
        #expect(old.isBooked)
        #expect(old.counterpartyName == "Ä & B")
        let new = try only(
            Self.entry(
                "<NtryDtls><TxDtls><RltdPties><Dbtr><Pty><Nm>C</Nm></Pty></Dbtr></RltdPties>"
                    + "</TxDtls></NtryDtls>", status: "<Sts><Cd>PDNG</Cd></Sts>"),
            version: "08")
        #expect(!new.isBooked)
        #expect(new.counterpartyName == "C")
    }

    @Test func directionsAndReversals() throws {
        let debit = try only(Self.entry("", direction: "DBIT"))
        #expect(debit.direction == .debit)
        #expect(!debit.isReversal)
        let returned = try only(
            Self.entry("", direction: "DBIT", reversal: "<RvslInd>true</RvslInd>"))
        #expect(returned.isReversal)
    }

    @Test func anEmptyIdAndPrefixedNamespacesAreRead() throws {
        let plain = String(decoding: Self.file(Self.entry(""), id: "<Id/>"), as: UTF8.self)
        #expect(try Camt053Reader().read(Array(plain.utf8)).statements.first?.id == nil)
        let prefixed = plain.replacing("xmlns=", with: "xmlns:c=").replacing("<", with: "<c:")
            .replacing("<c:/", with: "</c:").replacing("<c:?", with: "<?")
        #expect(try read(Array(prefixed.utf8)) == read(Array(plain.utf8)))
    }

    @Test func severalStatementsInOneFile() throws {
        let text = String(decoding: Self.file(Self.entry("")), as: UTF8.self)
        let start = try #require(text.firstRange(of: "<Stmt>")).lowerBound
        let end = try #require(text.firstRange(of: "</Stmt>")).upperBound
        let second = text[start..<end].replacing("REF1", with: "REF2")
        let both = text.replacing("</Stmt>", with: "</Stmt>" + second, maxReplacements: 1)
        let file = try Camt053Reader().read(Array(both.utf8))
        #expect(file.statements.count == 2)
        #expect(Set(file.transactions.map(\.key)).count == 2)
    }

    @Test func keysTellPaymentsApartAndKnowThemAgain() throws {
        let entries = Self.entry("") + Self.entry("")
        let first = try read(Self.file(entries))
        // The bank named two bookings alike: two payments, not one twice.
        #expect(Set(first.map(\.key)).count == 2)
        let again = try read(Self.file(entries, id: "<Id>another</Id>"))
        #expect(again.map(\.key) == first.map(\.key))
        // A bar in the bank's own words moves nothing.
        let barred = try read(Self.file(Self.entry("", reference: "REF1|2026-04-20")))
        #expect(Set((first + barred).map(\.key)).count == 3)
    }

    @Test func theContentIsTheSameHoweverItIsSpelled() throws {
        let bytes = Self.file(Self.entry(""))
        let spaced = String(decoding: bytes, as: UTF8.self)
            .replacing("M1", with: "M2").replacing("><", with: ">\n  <")
        let first = try Camt053Reader().read(bytes).statements[0].canonical()
        #expect(try Camt053Reader().read(Array(spaced.utf8)).statements[0].canonical() == first)
        let other = Self.file(Self.entry("", amount: "575.77"))
        #expect(try Camt053Reader().read(other).statements[0].canonical() != first)
    }
}

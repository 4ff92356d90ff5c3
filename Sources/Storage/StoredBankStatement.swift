import MoneyAndTime
import Postgres
import StrictJSON

/// A row of `bank_statement`: one account's statement in a bank's file.
package struct StoredBankStatement: Sendable {
    package let number: Int64
    package let iban: String
    /// The bank's own name of it.
    package let name: String?
    /// Opening balance and entries less the closing balance, in 1/100,000 of the currency's unit;
    /// `nil` where the bank did not give both balances.
    package let difference: String?
    /// An earlier file had it: nothing of it was taken again.
    package let isRepeated: Bool

    package init(row: Row) throws {
        number = try row.decode("number")
        iban = try row.decode("iban")
        name = try row.decode("name")
        difference = try row.decode("difference")
        isRepeated = try row.decode("is_repeated")
    }

    package static func all(of file: BankFileID) -> Query {
        """
        select number, iban, name, (difference / 100000)::numeric(38, 5)::text as difference,
            is_repeated
        from bank_statement where file = \(file) order by number
        """
    }

    /// Which of these an earlier file had.
    package static func known(_ digests: [[UInt8]], of organisation: OrganisationID) -> Query {
        """
        select digest from bank_statement
        where organisation = \(organisation) and not is_repeated
            and encode(digest, 'hex') = any (\(digests.map(\.hexadecimal)))
        """
    }
}

/// A statement of one of the caller's accounts, to be stored.
package struct NewBankStatement: Sendable {
    package let iban: IBAN
    package let name: String?
    package let digest: [UInt8]
    /// In 1/100,000.
    package let difference: Int128?
    package let isRepeated: Bool

    package init(
        iban: IBAN, name: String?, digest: [UInt8], difference: Int128?, isRepeated: Bool
    ) {
        self.iban = iban
        self.name = name
        self.digest = digest
        self.difference = difference
        self.isRepeated = isRepeated
    }

    package static func insert(_ statements: [NewBankStatement], of file: NewBankFile) -> Query {
        let list = JSON.array(
            statements.enumerated().map { index, statement in
                [
                    "number": JSON(index + 1),
                    "iban": JSON(statement.iban.text),
                    "name": JSON(statement.name.map { String($0.prefix(200)) }),
                    "digest": JSON(statement.digest.hexadecimal),
                    "difference": JSON(statement.difference.map { "\($0)" }),
                    "is_repeated": JSON(statement.isRepeated),
                ]
            })
        return """
            insert into bank_statement
                (file, number, organisation, iban, name, digest, difference, is_repeated)
            select \(file.id), number, \(file.organisation), iban, name,
                decode(digest, 'hex'), difference::numeric, is_repeated
            from jsonb_to_recordset(\(list.compactText)::jsonb) as s(
                number int, iban text, name text, digest text, difference text,
                is_repeated boolean)
            """
    }
}

import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Payments out: nothing that is not approved, nothing twice, and above the limit by two people,
/// whatever a statement asks for.
@Suite struct PaymentFileAttackTests {
    /// An invoice of 54.00 to pay, and its buyer.
    private struct Owed {
        let test: TestMarket
        let buyer: TestOrganisation
        let invoice: InvoiceID

        init(_ test: TestMarket) async throws {
            self.test = test
            let trade = try await SettlementTests.Trade(test)
            buyer = trade.contract.buyer
            invoice = trade.invoices[0]
        }

        func refusal(_ queries: [Query], by caller: TestCaller? = nil) async -> String? {
            await refused {
                try await test.app.write(
                    Segment([(caller ?? buyer.finance).entering()] + queries))
            }
        }

        func approval(by member: MemberID? = nil, of organisation: OrganisationID? = nil) -> Query {
            """
            insert into payment_approval (invoice, organisation, member)
            values (\(invoice), \(organisation ?? buyer.id), \(member ?? buyer.finance.member))
            """
        }

        func file(
            _ id: PaymentFileID, total: Int64 = 5_400, amount: Int64 = 5_400,
            by member: MemberID? = nil
        ) -> [Query] {
            let name = "A\(id.description.suffix(20))"
            return [
                """
                insert into payment_file
                    (id, organisation, message_id, iban, execution_on, total, proposed_by)
                values (\(id), \(buyer.id), \(name), 'FI2112345600000785', '2027-05-10', \(total),
                    \(member ?? buyer.finance.member))
                """,
                """
                insert into payment_order (file, number, organisation, invoice, amount, end_to_end)
                values (\(id), 1, \(buyer.id), \(invoice), \(amount), \("\(name)-1"))
                """,
            ]
        }

        func approving(_ id: PaymentFileID, by caller: TestCaller) -> Query {
            """
            update payment_file set approved_by = \(caller.member), approved_at = market_now(),
                document = 'file'::bytea
            where id = \(id)
            """
        }
    }

    @Test func onlyTheBuyersOwnPeopleApproveAnInvoice() async throws {
        try await TestMarket.withMarket { test in
            let owed = try await Owed(test)
            let another = await owed.refusal([owed.approval(by: owed.buyer.admin.member)])
            #expect(another == "payment_approval_of_another")
            let none: PaymentFileID = newID()
            #expect(await owed.refusal(owed.file(none)) == "not_payable")
            #expect(await owed.refusal([owed.approval()]) == nil)
        }
    }

    @Test func whatIsNotOwedIsNotPaid() async throws {
        try await TestMarket.withMarket { test in
            let owed = try await Owed(test)
            #expect(await owed.refusal([owed.approval()]) == nil)
            let above = await owed.refusal(owed.file(newID(), total: 5_401, amount: 5_401))
            #expect(above == "not_payable")
            let wrong = await owed.refusal(owed.file(newID(), total: 5_399))
            #expect(wrong == "payment_file_adds_up")
            let foreign = await owed.refusal(
                owed.file(newID(), by: owed.buyer.admin.member))
            #expect(foreign == "payment_file_of_another")
            #expect(await owed.refusal(owed.file(newID())) == nil)
            let twice = await owed.refusal(owed.file(newID()))
            #expect(twice == "23505")
        }
    }

    @Test func aboveTheLimitTwoPeoplePay() async throws {
        try await TestMarket.withMarket { test in
            let owed = try await Owed(test)
            let id: PaymentFileID = newID()
            let (finance, admin) = (owed.buyer.finance, owed.buyer.admin)
            #expect(await owed.refusal([owed.approval()] + owed.file(id)) == nil)
            let alone = await owed.refusal([owed.approving(id, by: finance)])
            #expect(alone == "second_person_needed")
            let inAnothersName = await owed.refusal([owed.approving(id, by: admin)])
            #expect(inAnothersName == "payment_file_of_another")
            let limit: Query =
                "insert into payment_limit (organisation, above) values (\(owed.buyer.id), 5399)"
            #expect(await owed.refusal([limit]) == nil)
            let still = await owed.refusal([owed.approving(id, by: finance)])
            #expect(still == "second_person_needed")
            let second = await owed.refusal([owed.approving(id, by: admin)], by: admin)
            #expect(second == nil)
            let again = await owed.refusal([owed.approving(id, by: finance)])
            #expect(again == "payment_file_approved")
        }
    }

    /// An administrator with a token in a colleague's name is one person.
    @Test func aTokenInAnothersNameIsNoPerson() async throws {
        try await TestMarket.withMarket { test in
            let owed = try await Owed(test)
            let (finance, admin) = (owed.buyer.finance, owed.buyer.admin)
            let forged = try await test.token(in: finance.member, [.finance], by: admin)
            #expect(await owed.refusal([owed.approval()]) == nil)
            let proposed = await owed.refusal(owed.file(newID()), by: forged)
            #expect(proposed == "credential_of_another")
            let id: PaymentFileID = newID()
            #expect(await owed.refusal(owed.file(id, by: admin.member), by: admin) == nil)
            let approved = await owed.refusal([owed.approving(id, by: forged)], by: forged)
            #expect(approved == "credential_of_another")
            #expect(await owed.refusal([owed.approving(id, by: finance)]) == nil)
        }
    }

    @Test func atTheLimitOnePersonDoes() async throws {
        try await TestMarket.withMarket { test in
            let owed = try await Owed(test)
            let id: PaymentFileID = newID()
            let limit: Query =
                "insert into payment_limit (organisation, above) values (\(owed.buyer.id), 5400)"
            let done = await owed.refusal(
                [limit, owed.approval()] + owed.file(id)
                    + [owed.approving(id, by: owed.buyer.finance)])
            #expect(done == nil)
        }
    }

    /// However the first file ended: it was approved, and the bank may have it.
    @Test(arguments: ["withdrawn", "rejected"])
    func onePersonPaysNothingAgain(ending: String) async throws {
        try await TestMarket.withMarket { test in
            let owed = try await Owed(test)
            let (finance, admin) = (owed.buyer.finance, owed.buyer.admin)
            let (first, second): (PaymentFileID, PaymentFileID) = (newID(), newID())
            let limit: Query =
                "insert into payment_limit (organisation, above) values (\(owed.buyer.id), 5400)"
            let paid = await owed.refusal(
                [limit, owed.approval()] + owed.file(first) + [owed.approving(first, by: finance)])
            #expect(paid == nil)
            let ended = await owed.refusal([
                "update payment_order set state = \(ending) where file = \(first)"
            ])
            #expect(ended == nil)
            #expect(await owed.refusal(owed.file(second)) == nil)
            let alone = await owed.refusal([owed.approving(second, by: finance)])
            #expect(alone == "second_person_needed")
            let earlier = await owed.refusal([
                """
                update payment_file set approved_by = \(finance.member),
                    approved_at = '-infinity', document = 'file'::bytea
                where id = \(second)
                """
            ])
            #expect(earlier == "second_person_needed")
            #expect(await owed.refusal([owed.approving(second, by: admin)], by: admin) == nil)
        }
    }

    @Test func aPersonWithdrawsAFile() async throws {
        try await TestMarket.withMarket { test in
            let owed = try await Owed(test)
            let id: PaymentFileID = newID()
            #expect(await owed.refusal([owed.approval()] + owed.file(id)) == nil)
            let issued = try await test.market.issueCredential(
                owed.buyer.admin.request("issueCredential"), to: nil, label: "Machine",
                roles: [.finance], expiresAt: nil)
            let machine = try TestCaller(
                member: owed.buyer.finance.member,
                credential: CredentialID(typeID: issued.body["id"]?.text ?? ""),
                token: CredentialToken(presented: issued.body["token"]?.text ?? ""))
            let withdrawing: Query =
                "update payment_file set withdrawn_at = market_now() where id = \(id)"
            #expect(await owed.refusal([withdrawing], by: machine) == "member_missing")
            let asked = await refusalCode {
                _ = try await test.market.withdrawPaymentFile(
                    machine.request("withdrawPaymentFile"), id)
            }
            #expect(asked == "member_missing")
            #expect(await owed.refusal([withdrawing]) == nil)
        }
    }

    @Test func ordersMoveForwardOnly() async throws {
        try await TestMarket.withMarket { test in
            let owed = try await Owed(test)
            let id: PaymentFileID = newID()
            #expect(await owed.refusal([owed.approval()] + owed.file(id)) == nil)
            func move(_ state: String) async -> String? {
                await owed.refusal([
                    "update payment_order set state = \(state) where file = \(id)"
                ])
            }
            #expect(await move("returned") == "payment_order_moves_forward")
            #expect(await move("accepted") == nil)
            #expect(await move("returned") == "payment_order_moves_forward")
            #expect(await move("pending") == "payment_order_moves_forward")
            #expect(await move("withdrawn") == "payment_order_moves_forward")
            #expect(await move("rejected") == nil)
            for state in ["pending", "accepted", "withdrawn", "returned"] {
                #expect(await move(state) == "payment_order_moves_forward", "\(state)")
            }
            // what the bank rejected can be paid again
            #expect(await owed.refusal(owed.file(newID())) == nil)
            let other: Query = "update payment_order set amount = 1 where file = \(id)"
            #expect(await owed.refusal([other]) == "42501")
        }
    }
}

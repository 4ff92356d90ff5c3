import API
import MoneyAndTime
import Postgres
import StrictJSON
import TestMarket

extension Trade {
    /// What is set off in a circle: here of two that owe each other.
    var nettingAttacks: [Attack] {
        [
            Attack(operation: .listNettingRounds, by: .buyer, outsider: .ownOnly),
            Attack(
                operation: .proposeNetting, body: .json(["with": JSON(buyer.id.description)]),
                outsider: .refused(409, "nothing_to_net")),
            Attack(operation: .getNettingRound, by: .buyer, path: [nettingRound]),
            Attack(
                operation: .answerNetting, path: [nettingRound],
                body: .json(["answer": "consent", "figure": "0.00"])),
        ]
    }
}

extension World {
    /// A round of both that nobody has answered, and an invoice of the buyer's own to the seller,
    /// so that a further one can be proposed.
    func nettingRound(beside invoice: String) async throws -> String {
        let id = try InvoiceID(typeID: invoice)
        let round = NettingRoundID(bits: id.bits)
        let (there, back) = (InvoiceID(bits: id.bits ^ 2), InvoiceID(bits: id.bits ^ 1))
        let rows: [Query] = [
            """
            insert into netting_member (round, organisation, proposer, consent_by)
            select \(round), organisation, i.buyer, '2029-01-01'
            from invoice i cross join lateral (values (i.seller), (i.buyer)) as x (organisation)
            where i.id = \(id)
            """,
            // what they owe each other besides: the invoice itself is on its way to be paid
            """
            insert into invoice select (jsonb_populate_record(i, jsonb_build_object(
                'id', \(there)::uuid, 'run', 98, 'issuer_number', 98, 'number', 'AK-2027-000098',
                'reference', '20270000988', 'subject', \(there.description)::text))).*
            from invoice i where i.id = \(id)
            """,
            """
            insert into invoice select (jsonb_populate_record(i, jsonb_build_object(
                'id', \(back)::uuid, 'seller', i.buyer, 'buyer', i.seller, 'run', 99,
                'seller_name', i.buyer_name, 'buyer_name', i.seller_name,
                'subject', \(back.description)::text))).*
            from invoice i where i.id = \(id)
            """,
        ]
        try await test.superuser.pool.transaction { transaction in
            try await transaction.query("set local session_replication_role = replica")
            for row in rows { try await transaction.query(row) }
        }
        return round.description
    }
}

import MoneyAndTime
import Postgres

/// A row of `contract_request`, with the state that its contract is in; while nothing is signed,
/// what became of the last offer.
package struct StoredContractRequest: Sendable {
    package let contract: ContractID
    package let seller: OrganisationID
    package let buyer: OrganisationID
    package let template: String
    package let words: String
    /// The need that was answered, where it began with one.
    package let need: NeedID?
    package let createdAt: Instant
    package let title: String
    package let state: String
    /// Whether an offer of the buyer's lies with the seller, which has not answered it.
    package let awaitsSeller: Bool

    package init(row: Row) throws {
        contract = try row.decode("contract")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        template = try row.decode("template")
        words = try row.decode("words")
        need = try row.decode("need")
        createdAt = try row.decode("created_at")
        title = try row.decode("title")
        state = try row.decode("state")
        awaitsSeller = try row.decode("awaits_seller")
    }

    package static func page(
        of contract: ContractID?, after: ContractID?, limit: Int
    ) -> Query {
        """
        select r.contract, r.seller, r.buyer, r.template, r.words, r.need, r.created_at, c.title,
            \(StoredContract.stateOrOffer) as state, exists (select from contract_version v
                where v.contract = r.contract and v.drafted_by = r.buyer
                    and v.closed_at is null and v.signed_at is null
                    -- what is offered last counts
                    and v.number = (select max(o.number) from contract_version o
                        where o.contract = r.contract and o.offered_at is not null)
                    and not exists (select from signature s where s.contract = v.contract
                        and s.number = v.number and s.organisation = r.seller)
            ) as awaits_seller
        from contract_request r join contract c on c.id = r.contract
        where (\(contract)::uuid is null or r.contract = \(contract)::uuid)
            and (\(after)::uuid is null or r.contract > \(after)::uuid)
        order by r.contract limit \(limit)
        """
    }

    package static func insert(
        _ contract: ContractID, seller: OrganisationID, buyer: OrganisationID, template: String,
        words: String, need: NeedID?
    ) -> Query {
        """
        insert into contract_request (contract, seller, buyer, template, words, need)
        values (\(contract), \(seller), \(buyer), \(template), \(words), \(need)::uuid)
        """
    }
}

extension StoredOrganisation {
    /// What a draft needs of an organisation that wants to be asked.
    package static func toAsk(_ id: OrganisationID) -> Query {
        "select * from organisation_to_ask(\(id))"
    }
}

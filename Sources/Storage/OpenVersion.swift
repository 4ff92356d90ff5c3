import Contracts
import MoneyAndTime
import Postgres

/// A version that is not signed by both, as the caller's organisation sees it: an own draft, an
/// offer that waits for somebody, or an own offer that the other side declined and that no later
/// version has answered.
package struct OpenVersion: Sendable {
    package let contract: ContractID
    package let title: String
    package let number: Int64
    package let state: VersionLife.State
    /// Whether the caller's organisation wrote it.
    package let isOwn: Bool
    /// Whether it waits for the signature of the caller's organisation.
    package let waitsForSignature: Bool
    package let seller: OrganisationID
    package let buyer: OrganisationID

    package init(row: Row) throws {
        contract = try row.decode("contract")
        title = try row.decode("title")
        number = try row.decode("number")
        seller = try row.decode("seller")
        buyer = try row.decode("buyer")
        isOwn = try row.decode("is_own")
        let signer = try row["signed_by", OrganisationID?.self]
        if try row.decode("is_declined") {
            state = .declined
        } else if try !row.decode("is_offered") {
            state = .draft
        } else if let signer {
            state = signer == seller ? .signedBySeller : .signedByBuyer
        } else {
            state = .offered
        }
        let hasSigned: Bool = try row.decode("has_signed")
        waitsForSignature = state.isOpen && !hasSigned
    }

    /// In the order of their contracts. What a later version has replaced is not there: an offer
    /// replaces all before it, a draft only drafts.
    package static let all: Query = """
        select v.contract, c.title, c.seller, c.buyer, v.number,
            v.drafted_by = current_organisation() as is_own,
            v.offered_at is not null as is_offered, v.closed_at is not null as is_declined,
            s.organisation as signed_by,
            coalesce(s.organisation = current_organisation(), false) as has_signed
        from contract_version v
        join contract c on c.id = v.contract
        left join signature s on s.contract = v.contract and s.number = v.number
        where c.state <> 'ended' and v.signed_at is null
            and (v.closed_at is null
                or v.closed_by <> v.drafted_by and v.drafted_by = current_organisation())
            and not exists (
                select from contract_version later
                where later.contract = v.contract and later.number > v.number
                    and (later.offered_at is not null or v.offered_at is null
                        or v.closed_at is not null))
        order by v.contract, v.number
        """
}

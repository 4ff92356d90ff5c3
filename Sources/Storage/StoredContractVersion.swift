import Contracts
import MoneyAndTime
import Postgres

/// A row of `contract_version`, and what is compiled from its document beside it.
package struct StoredContractVersion: Sendable {
    package let number: Int64
    package let document: ContractDocument
    package let draftedBy: OrganisationID
    package let createdAt: Instant
    /// Nil for what only its writer's organisation sees.
    package let offeredAt: Instant?
    package let signedAt: Instant?
    package let closing: Closing?
    package let effective: TimeSlot

    /// By its writer, who withdrew it, or by the other side, which declined.
    package struct Closing: Hashable, Sendable {
        package let by: OrganisationID
        package let at: Instant
        package let reason: String?
    }

    package init(row: Row) throws {
        number = try row.decode("number")
        document = try ContractDocument(reading: row["document", [UInt8].self])
        draftedBy = try row.decode("drafted_by")
        createdAt = try row.decode("created_at")
        offeredAt = try row.decode("offered_at")
        closing = try row["closed_at", Instant?.self].map { instant in
            Closing(
                by: try row.decode("closed_by"), at: instant,
                reason: try row.decode("closed_reason"))
        }
        signedAt = try row.decode("signed_at")
        effective = try TimeSlot(
            start: row.decode("effective_from"), end: row.decode("effective_until"))
    }

    package static func all(of contract: ContractID) -> Query {
        """
        select number, document, drafted_by, created_at, offered_at, signed_at, closed_at,
            closed_by, closed_reason, lower(effective) as effective_from,
            upper(effective) as effective_until
        from contract_version where contract = \(contract) order by number
        """
    }

    /// Every signed version of all contracts, with where the next one of its contract begins.
    package static let allSigned: Query = """
        select contract, number, document, drafted_by, created_at, offered_at, signed_at,
            closed_at, closed_by, closed_reason, lower(effective) as effective_from,
            upper(effective) as effective_until,
            lead(lower(effective)) over (partition by contract order by lower(effective))
                as next_from
        from contract_version where signed_at is not null order by contract, number
        """

    /// The newest version that both have signed of each of the caller's contracts.
    package static let newestSigned: Query = """
        select distinct on (contract) contract, document
        from contract_version where signed_at is not null order by contract, number desc
        """

    /// When the first version that both signed begins, of each of the caller's contracts.
    package static let firstSigned: Query = """
        select contract, min(lower(effective)) as rules_from
        from contract_version where signed_at is not null group by contract order by contract
        """

    /// The newest version with exactly these bytes, of those that the caller may see.
    package static func find(_ digest: ContractDigest) -> Query {
        """
        select contract, number from contract_version where digest = \(digest.bytes)
        order by created_at desc, number desc limit 1
        """
    }

    /// The number of the next one, counted over those that the caller may not see, too.
    package static func nextNumber(of contract: ContractID) -> Query {
        "select next_version_number(\(contract))::bigint as number"
    }

    package static func offer(_ number: Int64, of contract: ContractID, at now: Instant) -> Query {
        """
        update contract_version set offered_at = \(now)
        where contract = \(contract) and number = \(number)
        """
    }

    package static func close(
        _ number: Int64, of contract: ContractID, by organisation: OrganisationID,
        at now: Instant, reason: String?
    ) -> Query {
        """
        update contract_version set closed_at = \(now), closed_by = \(organisation),
            closed_reason = \(reason)
        where contract = \(contract) and number = \(number)
        """
    }

    /// The version, its services and the price of each length that they can be booked for.
    package static func insert(
        _ document: ContractDocument, number: Int64, of contract: ContractID,
        draftedBy: OrganisationID
    ) throws -> [Query] {
        let terms = document.terms
        let (seller, buyer) = (terms.seller.organisation, terms.buyer.organisation)
        let span = try terms.validitySlot()
        let version: Query = """
            insert into contract_version (contract, number, seller, buyer, document, digest,
                drafted_by, effective, time_zone, minimum_notice_minutes, horizon_days,
                hold_minutes, budget_ceiling, quota_visits, quota_minutes, accepted_in_advance,
                reply_within_minutes, rounding)
            values (\(contract), \(number), \(seller), \(buyer), \(document.canonical),
                \(document.digest.bytes), \(draftedBy), tstzrange(\(span.start), \(span.end)),
                \(terms.clock.zone), \(terms.limits.minimumNoticeMinutes),
                \(terms.limits.horizonDays), \(terms.limits.holdMinutes),
                \(terms.limits.budgetCeiling), \(terms.limits.quota?.visits),
                \(terms.limits.quota?.minutes), \(terms.handshake.acceptedInAdvance),
                \(terms.handshake.replyWithinMinutes), \(terms.rounding.mode.rawValue))
            """
        return [version] + (try CompiledRateCard.insert(terms, number: number, of: contract))
    }

    /// Both have signed: it rules from its first day, and the one before it until then.
    package static func takeEffect(
        _ number: Int64, of contract: ContractID, from start: Instant, at now: Instant
    ) -> [Query] {
        [
            """
            update contract_version set effective = tstzrange(lower(effective), \(start))
            where contract = \(contract) and number <> \(number) and signed_at is not null
                and lower(effective) < \(start) and upper(effective) > \(start)
            """,
            """
            update contract_version set signed_at = \(now)
            where contract = \(contract) and number = \(number)
            """,
        ]
    }
}

/// A row of `signature`.
package struct StoredSignature: Sendable {
    package let number: Int64
    package let organisation: OrganisationID
    package let keyID: String
    package let protectedHeader: String
    package let bytes: [UInt8]
    package let signedAt: Instant

    package init(row: Row) throws {
        number = try row.decode("number")
        organisation = try row.decode("organisation")
        keyID = try row.decode("key_id")
        protectedHeader = try row.decode("protected_header")
        bytes = try row.decode("signature")
        signedAt = try row.decode("signed_at")
    }

    package static func all(of contract: ContractID) -> Query {
        """
        select number, organisation, key_id, protected_header, signature, signed_at
        from signature where contract = \(contract) order by number, signed_at
        """
    }

    package static func insert(
        _ signature: PayloadSignature, of contract: StoredContract,
        version: StoredContractVersion, by caller: Caller
    ) -> Query {
        """
        insert into signature (contract, number, organisation, seller, buyer, digest, key_id,
            protected_header, signature, member, credential)
        values (\(contract.id), \(version.number), \(caller.organisation), \(contract.seller),
            \(contract.buyer), \(version.document.digest.bytes), \(signature.keyID),
            \(signature.protectedHeader), \(signature.bytes), \(caller.member),
            \(caller.credential))
        """
    }
}

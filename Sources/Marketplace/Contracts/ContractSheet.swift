import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

/// A contract with its versions and signatures, as both parties see it.
struct ContractSheet {
    let contract: StoredContract
    let versions: [StoredContractVersion]
    let signatures: [StoredSignature]

    init(_ contract: StoredContract, in transaction: Transaction) async throws {
        self.contract = contract
        versions = try await transaction.query(StoredContractVersion.all(of: contract.id))
            .map(StoredContractVersion.init(row:))
        signatures = try await transaction.query(StoredSignature.all(of: contract.id))
            .map(StoredSignature.init(row:))
    }

    func version(_ number: Int64) -> StoredContractVersion? {
        versions.first { $0.number == number }
    }

    func signatures(of version: StoredContractVersion) -> [StoredSignature] {
        signatures.filter { $0.number == version.number }
    }

    /// A later version that was offered takes the place of all before it that not both have
    /// signed; a later draft, that of its writer's earlier ones.
    func state(of version: StoredContractVersion) -> VersionLife.State {
        if version.signedAt != nil { return .signed }
        if let closing = version.closing {
            return closing.by == version.draftedBy ? .withdrawn : .declined
        }
        let isReplaced = versions.contains {
            $0.number > version.number && ($0.offeredAt != nil || version.offeredAt == nil)
        }
        if isReplaced { return .withdrawn }
        if version.offeredAt == nil { return .draft }
        switch signatures(of: version).first.map({ contract.side(of: $0.organisation) }) {
        case .seller: return .signedBySeller
        case .buyer: return .signedByBuyer
        case nil: return .offered
        }
    }

    /// What a message of a side makes of a version.
    func receive(
        _ message: VersionLife.Message, of version: StoredContractVersion, by side: Side
    ) throws(VersionLife.Refusal) -> VersionLife.State {
        try VersionLife.receive(
            message, by: side, writtenBy: contract.side(of: version.draftedBy),
            in: state(of: version), digest: version.document.digest)
    }

    var answer: Answer {
        var members = Self.members(of: contract)
        members.append(("versions", .array(versions.map { .object(JSONObject(summary(of: $0))) })))
        return Answer(
            .object(JSONObject(members)), revision: contract.revision,
            location: "/v1/contracts/\(contract.id)")
    }

    static func members(of contract: StoredContract) -> [(String, JSON)] {
        [
            ("id", JSON(contract.id.description)),
            ("title", JSON(contract.title)),
            ("state", JSON(contract.state.rawValue)),
            ("seller", JSON(contract.seller.description)),
            ("buyer", JSON(contract.buyer.description)),
            ("drafted_by", JSON(contract.draftedBy.description)),
            ("created_at", JSON(contract.createdAt.rfc3339)),
            (
                "suspension",
                contract.suspension.map { suspension in
                    [
                        "side": JSON(contract.side(of: suspension.by).rawValue),
                        "at": JSON(suspension.at.rfc3339), "reason": JSON(suspension.reason),
                    ]
                } ?? .null
            ),
            (
                "notice",
                contract.notice.map { notice in
                    [
                        "side": JSON(contract.side(of: notice.by).rawValue),
                        "at": JSON(notice.at.rfc3339), "ends_at": JSON(notice.endsAt.rfc3339),
                        "reason": JSON(notice.reason),
                    ]
                } ?? .null
            ),
            ("ended_at", JSON(contract.endedAt?.rfc3339)),
            ("revision", JSON(contract.revision)),
        ]
    }

    private func summary(of version: StoredContractVersion) -> [(String, JSON)] {
        [
            ("number", JSON(version.number)),
            ("state", JSON(state(of: version).rawValue)),
            ("digest", JSON(version.document.digest.hex)),
            ("drafted_by", JSON(version.draftedBy.description)),
            ("created_at", JSON(version.createdAt.rfc3339)),
            ("effective_from", JSON(version.effective.start.rfc3339)),
            ("effective_until", JSON(version.effective.end.rfc3339)),
            ("offered_at", JSON(version.offeredAt?.rfc3339)),
            ("signed_at", JSON(version.signedAt?.rfc3339)),
            ("closed_at", JSON((version.closing?.at)?.rfc3339)),
            ("closed_reason", JSON(version.closing?.reason)),
            (
                "signatures",
                .array(
                    signatures(of: version).map { signature in
                        [
                            "side": JSON(contract.side(of: signature.organisation).rawValue),
                            "organisation": JSON(signature.organisation.description),
                            "key_id": JSON(signature.keyID),
                            "signed_at": JSON(signature.signedAt.rfc3339),
                        ]
                    })
            ),
        ]
    }

    /// A version with the signatures that it has; nil without any.
    func signed(_ version: StoredContractVersion) throws -> SignedContract? {
        let signatures = signatures(of: version)
        guard !signatures.isEmpty else { return nil }
        return try SignedContract(
            canonical: version.document.canonical,
            signatures: signatures.map { try PayloadSignature(json: $0.json) })
    }

    /// A version with its document, its signatures as a JWS, and its examples recomputed.
    func answer(of version: StoredContractVersion) throws -> Answer {
        let jws = try signed(version)?.json ?? .null
        var members: [(String, JSON)] = [("contract", JSON(contract.id.description))]
        members += summary(of: version)
        members.append(("document", version.document.json))
        members.append(("jws", jws))
        members.append(("worked_examples", try version.document.terms.examplesJSON))
        return Answer(
            .object(JSONObject(members)), revision: contract.revision,
            location: "/v1/contracts/\(contract.id)/versions/\(version.number)")
    }
}

extension StoredSignature {
    /// An entry of a JWS in general JSON form (RFC 7515 §7.2.1).
    fileprivate var json: JSON {
        ["protected": JSON(protectedHeader), "signature": JSON(Base64URL.encode(bytes))]
    }
}

extension Terms {
    /// The worked examples, recomputed now.
    var examplesJSON: JSON {
        get throws { .array(try WorkedExample.recompute(all: self).map(\.json)) }
    }
}

extension RecomputedExample {
    var json: JSON {
        [
            "title": JSON(example.title),
            "service": JSON(example.subject.service),
            "expected": Self.json(example.expected, total: example.total),
            "computed": Self.json(computed, total: rated.total),
            "holds": JSON(holds),
            "trace": rated.trace.json,
        ]
    }

    /// Every line has all members; those that it does not need are null.
    static func json(_ lines: [WorkedExample.Line], total: Money) -> JSON {
        [
            "lines": .array(
                lines.map { line in
                    [
                        "kind": JSON(line.kind.rawValue),
                        "code": JSON(line.code),
                        "minutes": JSON(line.minutes),
                        "amount": JSON(line.amount.decimal),
                    ]
                }),
            "total": JSON(total.decimal),
        ]
    }
}

import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import Testing

/// Keys that take each other's place, signatures that were made elsewhere, and signed files.
@Suite struct SigningKeyTests {
    private static let now = "2026-12-01T08:00:00Z"

    /// Two organisations, and a contract that nobody has signed.
    private func withDraft(
        _ body: (TestMarket, TestOrganisation, TestOrganisation, Draft) async throws -> Void
    ) async throws {
        try await TestMarket.withMarket { test in
            try await test.clock.set(to: Instant(rfc3339: Self.now))
            let seller = try await test.addOrganisation("Seller")
            let buyer = try await test.addOrganisation("Buyer")
            let json = try await test.document(
                "psychiatrist-remote-visit", seller: seller, buyer: buyer,
                validity: ["2027-01-01", "2027-12-31"], [:])
            let drafted = try await test.market.draftContract(
                seller.admin.request("draftContract"), json)
            try await body(
                test, seller, buyer,
                Draft(
                    id: ContractID(typeID: drafted.body["id"]?.text ?? ""),
                    document: ContractDocument(json)))
        }
    }

    private struct Draft {
        let id: ContractID
        let document: ContractDocument

        func offer(_ test: TestMarket, by writer: TestOrganisation) async throws {
            _ = try await test.market.offerContractVersion(
                writer.admin.request("offerContractVersion"), id, number: 1)
        }

        func sign(
            _ test: TestMarket, as organisation: TestOrganisation,
            with signature: PayloadSignature? = nil
        ) async throws -> Answer {
            try await test.market.signContractVersion(
                organisation[.signatory].request("signContractVersion"), id, number: 1,
                digest: document.digest, signature: signature)
        }
    }

    private func newKey() throws -> SigningKey {
        var random = SystemRandomNumberGenerator()
        return try SigningKey(using: &random)
    }

    private func add(
        _ key: SigningKey, to organisation: TestOrganisation, _ test: TestMarket,
        proofBy prover: SigningKey? = nil, of proven: TestOrganisation? = nil
    ) async throws {
        let text = "aikatori signing key of \((proven ?? organisation).id)"
        let proof = try PayloadSignature(
            of: Array(text.utf8), by: prover ?? key, at: Instant(rfc3339: Self.now))
        _ = try await test.market.addOrganisationKey(
            organisation.admin.request("addOrganisationKey"),
            own: OwnKey(key.verifyingKey, proof: proof))
    }

    private func retire(
        _ key: SigningKey, of organisation: TestOrganisation, _ test: TestMarket
    ) async throws {
        _ = try await test.market.retireOrganisationKey(
            organisation.admin.request("retireOrganisationKey"), key.verifyingKey.thumbprint)
    }

    private func bring(
        _ file: SignedContract, to organisation: TestOrganisation, _ test: TestMarket
    ) async throws -> Answer {
        try await test.market.importContract(
            organisation.admin.request("importContract"), file)
    }

    private func published(_ test: TestMarket) async throws -> [PublishedKey] {
        try PublishedKey.set(await test.market.publishedKeys().body)
    }

    @Test func aNewKeyTakesThePlaceAndOldSignaturesStayGood() async throws {
        try await withDraft { test, seller, buyer, draft in
            _ = try await draft.sign(test, as: seller)
            let first = try #require(try await published(test).first)
            #expect(first.organisation == seller.id && first.retiredAt == nil)
            try await test.clock.set(to: Instant(rfc3339: "2026-12-02T08:00:00Z"))
            _ = try await test.market.addOrganisationKey(
                seller.admin.request("addOrganisationKey"), own: nil)
            _ = try await draft.sign(test, as: buyer)
            let keys = try await published(test)
            #expect(keys.count == 3)
            #expect(keys.count { $0.organisation == seller.id && $0.retiredAt == nil } == 1)
            let file = try await test.market.signedContract(
                buyer.scheduler.request("getSignedContract"), draft.id, number: 1)
            let signed = try SignedContract(json: JSON.parse(file.bytes))
            #expect(signed.canonical == draft.document.canonical)
            let signers = try signed.verify(trusting: keys).signers
            #expect(signers.map(\.side) == [.seller, .buyer])
            #expect(signers[0].key.key == first.key)
            let second = try Instant(rfc3339: "2026-12-02T08:00:00Z")
            #expect(try Instant(rfc3339: Self.now) <= signers[0].claimedAt)
            #expect(signers[0].claimedAt < second && second <= signers[1].claimedAt)
        }
    }

    @Test func aRetiredKeySignsNothingMore() async throws {
        try await withDraft { test, seller, buyer, draft in
            let own = try newKey()
            try await add(own, to: seller, test)
            let none = await refusal { _ = try await draft.sign(test, as: seller) }
            #expect(none == .signatureMissing)
            try await retire(own, of: seller, test)
            let again = await refusal { try await retire(own, of: seller, test) }
            #expect(again == .signingKeyRetired)
            let unknown = await refusal { try await retire(own, of: buyer, test) }
            #expect(unknown == .notFound)
            let signature = try PayloadSignature(
                of: draft.document.canonical, by: own, at: Instant(rfc3339: Self.now))
            let late = await refusal {
                _ = try await draft.sign(test, as: seller, with: signature)
            }
            #expect(late == .signingKeyRetired)
            // and the market makes one of its own for the next signature
            _ = try await draft.sign(test, as: seller)
            #expect(try await published(test).count { $0.retiredAt == nil } == 1)
        }
    }

    @Test func whoSignsElsewhereBringsItsSignature() async throws {
        try await withDraft { test, seller, buyer, draft in
            try await draft.offer(test, by: seller)
            let (own, other) = (try newKey(), try newKey())
            let proofs: [RefusalCode?] = [
                await refusal { try await add(own, to: seller, test, proofBy: other) },
                await refusal { try await add(own, to: seller, test, of: buyer) },
                await refusal { try await add(own, to: seller, test) },
                await refusal { try await add(own, to: seller, test) },
                await refusal { try await add(own, to: buyer, test) },
            ]
            #expect(
                proofs == [
                    .signatureRefused, .signatureRefused, nil, .signingKeyKnown, .signingKeyKnown,
                ])
            let canonical = draft.document.canonical
            let noon = try Instant(rfc3339: Self.now)
            let wrong: [PayloadSignature] = [
                try PayloadSignature(of: canonical, by: other, at: noon),
                try PayloadSignature(of: canonical + [32], by: own, at: noon),
                try PayloadSignature(of: canonical, by: own, at: noon.adding(seconds: 600)),
            ]
            for signature in wrong {
                let refused = await refusal {
                    _ = try await draft.sign(test, as: seller, with: signature)
                }
                #expect(refused == .signatureRefused)
            }
            let right = try PayloadSignature(of: canonical, by: own, at: noon)
            let theirs = await refusal { _ = try await draft.sign(test, as: buyer, with: right) }
            #expect(theirs == .signatureRefused)
            let signed = try await draft.sign(test, as: seller, with: right)
            #expect(signed.body["state"] == "signed_by_seller")
            #expect(signed.body["jws"]?["signatures"]?[0] == right.json)
        }
    }

    /// Each side brings in one file with both signatures, and its own is taken over.
    @Test func aContractThatWasSignedElsewhere() async throws {
        try await withDraft { test, seller, buyer, draft in
            let (sellers, buyers) = (try newKey(), try newKey())
            try await add(sellers, to: seller, test)
            try await add(buyers, to: buyer, test)
            var members = draft.document.json.members ?? [:]
            members["title"] = "Signed elsewhere"
            let document = try ContractDocument(.object(members))
            let noon = try Instant(rfc3339: Self.now)
            let file = try SignedContract(
                canonical: document.canonical,
                signatures: [
                    PayloadSignature(of: document.canonical, by: sellers, at: noon),
                    PayloadSignature(of: document.canonical, by: buyers, at: noon),
                ])
            let outsider = try await test.addOrganisation("Outsider")
            let theirs = await refusal { _ = try await bring(file, to: outsider, test) }
            #expect(theirs == .notAParty)
            let first = try await bring(file, to: seller, test)
            #expect(first.body["state"] == "signed_by_seller")
            let second = try await bring(file, to: buyer, test)
            #expect(second.body["state"] == "signed")
            #expect(second.body["contract"] == first.body["contract"])
            #expect(second.body["digest"] == JSON(document.digest.hex))
            #expect(second.body["jws"] == file.json)
            let again = await refusal { _ = try await bring(file, to: buyer, test) }
            #expect(again == .alreadySigned)
        }
    }

    /// Where the keys are others, the text comes over to the last byte, and both sign again.
    @Test func aContractOfUnknownKeysBecomesADraft() async throws {
        try await withDraft { test, seller, _, draft in
            var members = draft.document.json.members ?? [:]
            members["title"] = "From another market"
            let document = try ContractDocument(.object(members))
            let file = try SignedContract(
                canonical: document.canonical,
                signatures: [
                    PayloadSignature(
                        of: document.canonical, by: newKey(), at: Instant(rfc3339: Self.now))
                ])
            let answer = try await bring(file, to: seller, test)
            #expect(answer.body["state"] == "draft" && answer.body["signatures"] == [])
            #expect(answer.body["digest"] == JSON(document.digest.hex))
            let loose = try SignedContract(
                canonical: document.json.write(), signatures: file.signatures)
            await #expect(throws: InvalidInput.self) {
                _ = try await bring(loose, to: seller, test)
            }
        }
    }

    /// Two first signatures at once make one key.
    @Test func oneKeyForTwoFirstSignatures() async throws {
        try await withDraft { test, seller, buyer, draft in
            var drafts = [draft]
            for number in 1...5 {
                var members = draft.document.json.members ?? [:]
                members["title"] = JSON("Contract \(number)")
                let document = try ContractDocument(.object(members))
                let drafted = try await test.market.draftContract(
                    seller.admin.request("draftContract"), document.json)
                drafts.append(
                    try Draft(
                        id: ContractID(typeID: drafted.body["id"]?.text ?? ""),
                        document: document))
            }
            for each in drafts { try await each.offer(test, by: seller) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for each in drafts {
                    group.addTask { _ = try await each.sign(test, as: buyer) }
                }
                group.addTask {
                    _ = try await test.market.addOrganisationKey(
                        buyer.admin.request("addOrganisationKey"), own: nil)
                }
                try await group.waitForAll()
            }
            #expect(try await published(test).count { $0.retiredAt == nil } == 1)
        }
    }
}

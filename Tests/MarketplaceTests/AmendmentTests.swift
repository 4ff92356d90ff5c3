import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import Testing

/// New terms while others wait for a signature, or still rule.
@Suite struct AmendmentTests {
    private func amend(
        _ contract: TestContract, by organisation: TestOrganisation, _ first: String,
        _ last: String
    ) async throws -> Answer {
        let document = try await contract.test.document(
            "psychiatrist-remote-visit", seller: contract.seller, buyer: contract.buyer,
            validity: [first, last], [:])
        return try await contract.test.market.amendContract(
            organisation.admin.request("amendContract"), contract.id, document)
    }

    private func contract(_ test: TestMarket) async throws -> TestContract {
        try await test.clock.set(to: Instant(rfc3339: "2026-12-01T08:00:00Z"))
        return try await test.agreedContract(
            seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"))
    }

    /// Who is asked to sign may answer with other words.
    @Test func theOtherSideWithdrawsWhatOneHasSigned() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await contract(test)
            let drafted = try await amend(contract, by: contract.seller, "2027-06-01", "2027-12-31")
            let digest = try #require(ContractDigest(hex: drafted.body["digest"]?.text ?? ""))
            _ = try await test.market.signContractVersion(
                contract.seller[.signatory].request("signContractVersion"), contract.id, number: 2,
                digest: digest)
            let countered = try await amend(
                contract, by: contract.buyer, "2027-07-01", "2027-12-31")
            #expect(countered.body["number"] == 3)
            _ = try await test.market.offerContractVersion(
                contract.buyer.admin.request("offerContractVersion"), contract.id, number: 3)
            let late = await refusal {
                _ = try await test.market.signContractVersion(
                    contract.buyer[.signatory].request("signContractVersion"), contract.id,
                    number: 2, digest: digest)
            }
            #expect(late == .versionWithdrawn)
            try await test.sign(contract.id, number: 3, contract.seller, contract.buyer)
        }
    }

    /// What rules until December is not cut by what ends in November.
    @Test func nothingEndsBeforeWhatItReplaces() async throws {
        try await TestMarket.withMarket { test in
            let contract = try await contract(test)
            let shorter = await refusal {
                _ = try await amend(contract, by: contract.buyer, "2027-06-01", "2027-12-30")
            }
            #expect(shorter?.rawValue == "version_ends_early")
            let same = await refusal {
                _ = try await amend(contract, by: contract.buyer, "2027-06-01", "2027-12-31")
            }
            #expect(same == nil)
            let after = await refusal {
                _ = try await amend(contract, by: contract.buyer, "2028-01-01", "2028-01-31")
            }
            #expect(after == nil)
        }
    }
}

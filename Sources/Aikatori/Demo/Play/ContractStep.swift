import Contracts
import StrictJSON

/// The contracts that the first step leaves behind.
struct SignedContracts: Sendable {
    /// Between the hospital and the health centre.
    let contract: String
    /// Between the hospital and the island clinic.
    let clinicsContract: String
}

extension Scene {
    private static let template = "psychiatrist-remote-visit"

    /// What the template's examples must come to at 3.60 and at 3.90 euros a minute.
    private static let totals = ["61.20", "64.80", "54.00", "0.00", "0.00", "81.00", "0.00"]
    private static let clinicsTotals = [
        "66.30", "70.20", "58.50", "0.00", "0.00", "87.75", "0.00",
    ]

    func signContracts() async throws -> SignedContracts {
        teller.heading("1. A contract, made from a template and signed by both")
        let hospital = cast.hospital.admin
        let template = try await hospital.get("/v1/contract-templates/\(Self.template)")
        try tellTerms(of: template)
        let seller = try await hospital.get("/v1/organisation")
        let buyer = try await cast.healthCentre.admin.get("/v1/organisation")
        let paper = try ContractPaper(
            template, seller: seller, buyer: buyer, buyerReference: "HC-PSY-2026")

        teller.emptyLine()
        teller.say(
            "The hospital's program fills in the two parties. Before anyone signs, the server "
                + "recomputes the worked examples that the contract carries (in EUR):")
        let check = try await hospital.post("/v1/contract-checks", paper.json)
        try expect("whether the contract can be signed", check.flag(at: "/valid"), is: true)
        try tellExamples(of: check, totals: Self.totals)
        teller.say("The second one, step by step:")
        teller.quote(try trace(of: check, example: 1))

        let contract = try await sign(paper, digest: check.text(at: "/digest"))
        let clinics = try await signClinicsContract(template, seller: seller)
        return SignedContracts(contract: contract, clinicsContract: clinics)
    }

    private func tellTerms(of template: JSON) throws {
        let service = try template.at("/services/0")
        let price = try service.text(at: "/price_per_minute")
        try expect("the template's price", price, is: "3.60")
        for member in ["first_seconds", "next_seconds"] {
            try expect("the steps of time", service.integer(at: "/increment/\(member)"), is: 60)
        }
        let notice = try template.integer(at: "/cancellation/buyer/0/notice_hours")
        let grace = try template.integer(at: "/attendance/grace_seconds")
        let least = try service.integer(at: "/minimum_seconds") / 60
        let fee = try template.text(at: "/cancellation/buyer/1/fee_percent")
        try teller.say(
            "The template \(Self.template), \"\(template.text(at: "/title"))\": \(price) EUR a "
                + "minute, every begun minute counts, at least \(least) minutes; cancelling less "
                + "than \(notice) hours before costs \(fee)\u{A0}% of the price; a line may be "
                + "down for \(grace) seconds.")
    }

    private func tellExamples(of check: JSON, totals: [String]) throws {
        let examples = try check.list(at: "/worked_examples")
        try expect("the number of worked examples", examples.count, is: totals.count)
        let rows = try zip(examples, totals).map { example, total in
            let title = try example.text(at: "/title")
            let computed = try example.text(at: "/computed/total")
            try expect("the example \"\(title)\"", computed, is: total)
            try expect("whether \"\(title)\" holds", example.flag(at: "/holds"), is: true)
            return [title, try example.text(at: "/expected/total"), computed, "holds"]
        }
        teller.table(
            Table(
                columns: [
                    .left("worked example"), .right("written"), .right("recomputed"),
                    .left(""),
                ], rows: rows))
    }

    private func trace(of check: JSON, example: Int) throws -> [String] {
        try check.list(at: "/worked_examples/\(example)/trace/steps").map {
            try $0.text(at: "/words")
        }
    }
}

// MARK: - Signing

extension Scene {
    /// Drafted and offered by the hospital, signed by both; the signed text goes to a file, and is
    /// verified there as anyone can who has the two public keys.
    private func sign(_ paper: ContractPaper, digest: String) async throws -> String {
        let (hospital, healthCentre) = (cast.hospital.admin, cast.healthCentre.admin)
        let draft = try await hospital.post("/v1/contracts", paper.json)
        let path = try "/v1/contracts/\(draft.text(at: "/id"))"
        _ = try await hospital.post("\(path)/versions/1/offer")
        let received = try await healthCentre.get("\(path)/versions/1")
        let own = try ContractDocument(received.at("/document")).digest.hex
        try expect("the digest that the health centre computes", own, is: digest)
        teller.emptyLine()
        teller.say(
            "Both sign one digest, SHA-256 \(digest.prefix(16))…; the health centre's program "
                + "computes it from the text that it received, and finds it the same.")
        let first = try await signature(of: path, digest, by: cast.hospital.signing)
        try expect("the version's state", first.text(at: "/state"), is: "signed_by_seller")
        let second = try await signature(of: path, digest, by: cast.healthCentre.signing)
        try expect("the version's state", second.text(at: "/state"), is: "signed")
        let contract = try await healthCentre.get(path)
        try expect("the contract's state", contract.text(at: "/state"), is: "active")
        teller.item("Example Hospital signs: the version is \"signed by seller\"")
        teller.item("Example Health Centre signs: the contract is \"active\"")
        try await keepSigned(second.at("/jws"))
        return try contract.text(at: "/id")
    }

    private func signature(
        of path: String, _ digest: String, by party: Program
    ) async throws -> JSON {
        try await party.post("\(path)/versions/1/signatures", ["digest": JSON(digest)])
    }

    private func keepSigned(_ jws: JSON) async throws {
        let keys = try await cast.healthCentre.signing.get("/.well-known/jwks.json")
        let name = "contract/\(Self.template).jws.json"
        let file = try output.write(jws.write(), to: name)
        let keyFile = try output.write(keys.write(), to: "contract/keys.json")
        let signed = try SignedContract(json: JSON.parse(output.read(name)))
        let verified = try signed.verify(trusting: PublishedKey.set(keys))
        try expect("the parties that signed", Set(verified.signers.compactMap(\.side)).count, is: 2)
        teller.say(
            "The signed contract is in \(file), the public keys are in \(keyFile): both Ed25519 "
                + "signatures were verified there, without the server.")
    }

    /// A dearer contract from the same template. With the template's examples it is refused.
    private func signClinicsContract(_ template: JSON, seller: JSON) async throws -> String {
        let (hospital, clinic) = (cast.hospital.admin, cast.clinic.admin)
        var paper = try ContractPaper(
            template, seller: seller, buyer: await clinic.get("/v1/organisation"),
            buyerReference: "CLINIC-7")
        try paper.setPrice("3.90")
        let refused = try await hospital.post("/v1/contract-checks", paper.json)
        try expect("whether it can be signed", refused.flag(at: "/valid"), is: false)
        let problem = try refused.at("/problems/0")
        try expect("what is wrong", problem.text(at: "/code"), is: "example_differs")
        try expect("where", problem.text(at: "/pointer"), is: "/worked_examples/0")
        teller.emptyLine()
        teller.say(
            "Example Island Clinic gets the same template at 3.90 EUR a minute. With the "
                + "template's examples it cannot be signed:")
        try teller.quote([
            "\(problem.text(at: "/code")) at \(problem.text(at: "/pointer")): "
                + problem.text(at: "/message")
        ])
        try paper.takeExamples(from: refused, renaming: "162.00", to: "175.50")
        let check = try await hospital.post("/v1/contract-checks", paper.json)
        try expect("whether it can be signed", check.flag(at: "/valid"), is: true)
        for (index, total) in Self.clinicsTotals.enumerated() {
            let came = try check.text(at: "/worked_examples/\(index)/computed/total")
            try expect("the clinic's example \(index + 1)", came, is: total)
        }
        let digest = try check.text(at: "/digest")
        let id = try await hospital.post("/v1/contracts", paper.json).text(at: "/id")
        _ = try await hospital.post("/v1/contracts/\(id)/versions/1/offer")
        _ = try await signature(of: "/v1/contracts/\(id)", digest, by: cast.clinic.signing)
        let signed = try await signature(
            of: "/v1/contracts/\(id)", digest, by: cast.hospital.signing)
        try expect("the clinic's contract", signed.text(at: "/state"), is: "signed")
        teller.say("With examples of its own price (17 minutes: 66.30 EUR) both sign it.")
        return id
    }
}

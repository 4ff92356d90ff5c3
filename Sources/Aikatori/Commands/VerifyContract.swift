import ArgumentParser
import Contracts
import MoneyAndTime
import StrictJSON

struct VerifyContract: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "contract",
        abstract: "Checks the signatures of a contract, without a server.",
        discussion: """
            FILE is a signed contract as it was downloaded: a JWS in general JSON form. JWKS is a \
            set of keys that you trust, such as a market's /.well-known/jwks.json, kept by \
            yourself. Without it only what is claimed is said. The exit status is 0 when both \
            parties signed and every signature was checked.
            """)

    @Argument(help: "The signed contract.") var file: String
    @Option(name: .customLong("keys"), help: "The keys that you trust.") var keys: String?

    func run() throws {
        do {
            let signed = try SignedContract(json: Self.json(file))
            let document = try signed.document()
            for line in ExampleSheet.head(of: document) { say(line) }
            guard let keys else {
                sayClaims(of: signed)
                throw ExitCode.failure
            }
            let trusted = try PublishedKey.set(Self.json(keys))
            try check(signed, document.terms, trusting: trusted)
        } catch let refusal as SignatureRefusal {
            say("\(file): \(refusal)")
            throw ExitCode.failure
        } catch let problem as ContractProblem {
            say("\(file): in the payload: \(problem)")
            throw ExitCode.failure
        }
    }

    private func sayClaims(of signed: SignedContract) {
        for signature in signed.signatures {
            say(
                "Claims to be signed with the key \(signature.keyID) at "
                    + "\(signature.claimedAt.rfc3339).")
        }
        say("This was not checked: name the keys that you trust with --keys.")
    }

    private func check(
        _ signed: SignedContract, _ terms: Terms, trusting keys: [PublishedKey]
    ) throws {
        let signers = try signed.verify(trusting: keys).signers
        for signer in signers {
            let who = signer.side.map { "\(terms.party($0).name), the \($0.rawValue)," }
            say(
                "Signed by \(who ?? "someone whom the keys do not name,") at "
                    + "\(signer.claimedAt.rfc3339) with the key \(signer.key.key.thumbprint).")
        }
        guard signers.count == 2 else {
            say("The signature is good. The other party has not signed.")
            throw ExitCode.failure
        }
        guard signers.allSatisfy({ $0.side != nil }) else {
            say("Both signatures are good; whose they are, these keys do not say.")
            throw ExitCode.failure
        }
        say("Both parties signed, and both signatures are good.")
    }

    private static func json(_ file: String) throws -> JSON {
        do {
            return try JSON.parse(ContractCommand.bytes(of: file))
        } catch let problem as JSONSyntaxError {
            say("\(file): no JSON: \(problem)")
            throw ExitCode.failure
        }
    }
}

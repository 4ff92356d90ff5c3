import Contracts
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

// Signed contracts as files: out, so that anyone can check them without the market, and in.

extension Market {
    /// A version as a JWS in general JSON form (RFC 7515 §7.2.1). Not found without a signature.
    package func signedContract(
        _ request: Request, _ id: ContractID, number: Int64
    ) async throws -> Document {
        try await view(request) { transaction, _ in
            let sheet = try await sheet(of: id, by: StoredContract.find(id), in: transaction)
            guard let version = sheet.version(number), let signed = try sheet.signed(version)
            else { throw Refusal(.notFound) }
            return Document(
                bytes: signed.json.write(), mediaType: "application/jose+json",
                fileName: "contract-\(version.document.digest.hex.prefix(16)).jws.json")
        }
    }

    /// Takes in a signed contract that is kept elsewhere, to the last byte. Where none of the
    /// caller's versions has its text, it becomes a draft. The caller's own signature is taken
    /// over, if the key in use made it: the other side brings its own, as nobody signs for
    /// another.
    package func importContract(
        _ request: Request, _ signed: SignedContract
    ) async throws -> Answer {
        let document = try Self.document(of: signed)
        return try await change(request) { transaction, caller in
            let (sheet, number) = try await place(of: document, by: caller, in: transaction)
            guard let version = sheet.version(number) else { throw Refusal(.notFound) }
            let known = try await signingKeys(of: caller.organisation, in: transaction)
            guard let own = signed.signatures.first(where: { known[$0.keyID] != nil }) else {
                return try sheet.answer(of: version)
            }
            return try await sign(
                version, of: sheet, digest: document.digest, with: own, by: caller,
                in: transaction)
        }
    }

    private static func document(of signed: SignedContract) throws -> ContractDocument {
        do {
            return try signed.document()
        } catch let refusal as SignatureRefusal {
            throw InvalidInput(
                pointer: "/payload", code: "not_canonical", message: refusal.description)
        } catch let problem as ContractProblem {
            throw InvalidInput(
                pointer: "/payload", code: problem.rule.rawValue,
                message: "in the payload, at \(problem.pointer): \(problem.message)")
        }
    }

    /// The version with this text, or a new draft of it.
    private func place(
        of document: ContractDocument, by caller: Caller, in transaction: Transaction
    ) async throws -> (ContractSheet, number: Int64) {
        guard
            let row = try await transaction.query(StoredContractVersion.find(document.digest))
                .atMostOne()
        else {
            return (try await draft(document, by: caller, in: transaction), number: 1)
        }
        let id: ContractID = try row.decode("contract")
        return (
            try await sheet(of: id, by: StoredContract.lock(id), in: transaction),
            number: try row.decode("number")
        )
    }
}

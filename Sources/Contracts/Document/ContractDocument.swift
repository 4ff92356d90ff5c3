import MoneyAndTime
import StrictJSON

/// One version of a contract as a document: what was written, what it means, and the bytes that
/// are signed.
package struct ContractDocument: Hashable, Sendable {
    /// As it was read, members in their order.
    package let json: JSON
    package let terms: Terms
    /// RFC 8785.
    package let canonical: [UInt8]
    /// SHA-256 of the canonical bytes.
    package let digest: ContractDigest

    /// Reads strictly and checks every rule but the worked examples, which a draft may still
    /// have wrong.
    package init(reading bytes: some Collection<UInt8>) throws(ContractProblem) {
        let json: JSON
        do { json = try JSON.parse(bytes) } catch { throw ContractProblem(error) }
        try self.init(json)
    }

    package init(_ json: JSON) throws(ContractProblem) {
        terms = try TermsReader.read(json)
        do {
            canonical = try json.canonical()
        } catch {
            throw ContractProblem(.outOfRange, at: .root, "\(error)")
        }
        digest = ContractDigest(of: canonical)
        self.json = json
    }

    /// What must hold before anyone signs: each worked example is recomputed.
    package func requireExamplesHold() throws(ContractProblem) {
        for (index, example) in terms.workedExamples.enumerated() {
            let pointer = JSONPointer.root.appending("worked_examples").appending(index)
            let result: RecomputedExample
            do {
                result = try example.recompute(under: terms)
            } catch {
                throw ContractProblem(.exampleDiffers, at: pointer, "cannot be priced: \(error)")
            }
            guard result.holds else {
                let total = result.rated.total.decimal
                throw ContractProblem(
                    .exampleDiffers, at: pointer,
                    "expects \(example.total.decimal), but the contract makes it \(total)")
            }
        }
    }
}

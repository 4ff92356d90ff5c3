/// The life of one version of a contract: written, signed by one, signed by both. What has a
/// signature never changes; who wants other words withdraws it and writes a new version.
package enum VersionLife {
    package enum State: String, Hashable, Sendable, CaseIterable {
        case draft
        case signedBySeller = "signed_by_seller"
        case signedByBuyer = "signed_by_buyer"
        case signed
        case withdrawn

        /// The parties that have signed.
        package var signers: Set<Side> {
            switch self {
            case .draft, .withdrawn: []
            case .signedBySeller: [.seller]
            case .signedByBuyer: [.buyer]
            case .signed: [.seller, .buyer]
            }
        }
    }

    package enum Message: Hashable, Sendable {
        /// Other words in place of these.
        case edit
        /// A signature over a digest, already verified.
        case sign(by: Side, digest: ContractDigest)
        case withdraw
    }

    package enum Action: Hashable, Sendable {
        case replaceDocument
        case keepSignature(of: Side)
        /// The other side is asked to sign.
        case askForSignature(of: Side)
        /// Both have signed: the version takes effect in its span.
        case takeEffect
        case announceWithdrawal
    }

    package enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
        /// A version with a signature never changes.
        case signedVersionNeverChanges = "signed_version_never_changes"
        case alreadySigned = "already_signed"
        /// The signature is over another document than this version's.
        case digestDiffers = "digest_differs"
        case withdrawn
    }

    /// What a message does to a version whose document has this digest.
    package static func receive(
        _ message: Message, in state: State, digest: ContractDigest
    ) throws(Refusal) -> (state: State, actions: [Action]) {
        if state == .withdrawn { throw .withdrawn }
        switch message {
        case .edit:
            guard state == .draft else { throw .signedVersionNeverChanges }
            return (.draft, [.replaceDocument])
        case .withdraw:
            guard state != .signed else { throw .signedVersionNeverChanges }
            return (.withdrawn, [.announceWithdrawal])
        case .sign(let side, let signed):
            if state.signers.contains(side) { throw .alreadySigned }
            guard signed == digest else { throw .digestDiffers }
            guard state == .draft else {
                return (.signed, [.keepSignature(of: side), .takeEffect])
            }
            return (
                side == .seller ? .signedBySeller : .signedByBuyer,
                [.keepSignature(of: side), .askForSignature(of: side.other)]
            )
        }
    }
}

/// The life of one version of a contract: written, offered to the other side, signed by one, signed
/// by both. Its words never change: who wants others writes a new version. Before both have
/// signed, its writer may withdraw it and the other side may decline it.
package enum VersionLife {
    package enum State: String, Hashable, Sendable, CaseIterable {
        /// The writer's own; the other side does not know of it.
        case draft
        case offered
        case signedBySeller = "signed_by_seller"
        case signedByBuyer = "signed_by_buyer"
        case signed
        /// By its writer, or because a later version took its place.
        case withdrawn
        case declined

        /// The parties that have signed.
        package var signers: Set<Side> {
            switch self {
            case .draft, .offered, .withdrawn, .declined: []
            case .signedBySeller: [.seller]
            case .signedByBuyer: [.buyer]
            case .signed: [.seller, .buyer]
            }
        }

        /// Whether the other side can still sign it.
        package var isOpen: Bool {
            switch self {
            case .offered, .signedBySeller, .signedByBuyer: true
            case .draft, .signed, .withdrawn, .declined: false
            }
        }
    }

    package enum Message: Hashable, Sendable {
        case offer
        /// A signature over a digest, already verified. The writer's own offers it, too.
        case sign(digest: ContractDigest)
        case withdraw
        case decline
    }

    package enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
        /// What one side has signed it does not decline, and what both have signed stays.
        case alreadySigned = "already_signed"
        case alreadyOffered = "already_offered"
        /// The signature is over another document than this version's.
        case digestDiffers = "digest_differs"
        /// Withdrawn, declined, or replaced.
        case withdrawn = "version_withdrawn"
        /// The writer withdraws, and the other side declines.
        case notYourSide = "not_your_side"
        case notOffered = "not_found"
    }

    /// What a message of a side makes of a version, written by `writer`, whose document has this
    /// digest.
    package static func receive(
        _ message: Message, by side: Side, writtenBy writer: Side, in state: State,
        digest: ContractDigest
    ) throws(Refusal) -> State {
        if state == .withdrawn || state == .declined { throw .withdrawn }
        if state == .draft, side != writer { throw .notOffered }
        switch message {
        case .offer:
            guard side == writer else { throw .notYourSide }
            guard state == .draft else { throw .alreadyOffered }
            return .offered
        case .withdraw:
            guard side == writer else { throw .notYourSide }
            guard state != .signed else { throw .alreadySigned }
            return .withdrawn
        case .decline:
            guard side != writer else { throw .notYourSide }
            guard !state.signers.contains(side) else { throw .alreadySigned }
            return .declined
        case .sign(let signed):
            if state.signers.contains(side) { throw .alreadySigned }
            guard signed == digest else { throw .digestDiffers }
            guard state.signers.isEmpty else { return .signed }
            return side == .seller ? .signedBySeller : .signedByBuyer
        }
    }
}

/// One of the two parties of a contract.
package enum Side: String, Hashable, Sendable, CaseIterable {
    case seller
    case buyer

    /// The other party.
    package var other: Side { self == .seller ? .buyer : .seller }
}

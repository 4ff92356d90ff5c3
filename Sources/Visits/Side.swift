/// One of the two organisations that meet in a visit.
package enum Side: String, Hashable, Sendable, CaseIterable {
    case seller, buyer

    package var other: Side { self == .seller ? .buyer : .seller }
}

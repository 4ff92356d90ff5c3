import StrictJSON

extension Terms {
    /// Where the contract agrees on something that this market does not do yet, by JSON Pointer
    /// (RFC 6901). Such a contract can be drafted, priced and negotiated, but not signed: a term
    /// that is signed and then passed over would be money that one side never sees.
    package var notCarriedOut: [String] {
        var pointers: [JSONPointer] = []
        let root = JSONPointer.root
        return pointers.map(\.text)
    }
}

extension Terms {
    /// Where the contract agrees on something that this market does not do yet, by JSON Pointer
    /// (RFC 6901): at present it does all that the format has. A term of a later format is named
    /// here until it is carried out. Such a contract can be drafted, priced and negotiated, but not
    /// signed: a term that is signed and then passed over would be money that one side never sees.
    package var notCarriedOut: [String] { [] }
}

import StrictJSON

extension Terms {
    /// Where the contract agrees on something that this market does not do yet, by JSON Pointer
    /// (RFC 6901). Such a contract can be drafted, priced and negotiated, but not signed: a term
    /// that is signed and then passed over would be money that one side never sees.
    package var notCarriedOut: [String] {
        var pointers: [JSONPointer] = []
        let root = JSONPointer.root
        for (index, service) in rateCard.services.enumerated() {
            let place = root.appending("services").appending(index)
            let price = service.price
            let extras = [
                ("overrun", price.overrun), ("preparation", price.preparation),
                ("record_writing", price.recordWriting),
            ]
            pointers += extras.filter { $0.1 != nil }.map { place.appending($0.0) }
        }
        if commitment != nil { pointers.append(root.appending("commitment")) }
        if technicalFailure?.charge == .timeHeld {
            pointers.append(root.appending("technical_failure").appending("charge"))
        }
        let billed = root.appending("billing")
        if billing.silenceAccepts {
            pointers.append(billed.appending("statement").appending("silence_accepts"))
        }
        if billing.netting != .none { pointers.append(billed.appending("netting")) }
        if billing.document != .invoice { pointers.append(billed.appending("document")) }
        if rounding.level != .visit {
            pointers.append(root.appending("rounding").appending("level"))
        }
        return pointers.map(\.text)
    }
}

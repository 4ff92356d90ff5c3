import StrictJSON

/// One difference between two documents of a contract.
package struct ContractChange: Hashable, Sendable {
    package enum Kind: String, Hashable, Sendable, CaseIterable {
        case added
        case removed
        case changed
        /// A list has the same things in another order; `from` and `to` are their names.
        case reordered
    }

    /// Names of members, and of a list's elements what each is known by: `services`,
    /// `psychiatrist-visit`, `price_per_minute`.
    package let path: [String]
    package let kind: Kind
    /// Nil for what was added.
    package let from: JSON?
    /// Nil for what was removed.
    package let to: JSON?

    /// As a JSON Pointer (RFC 6901), in which a list's elements go by their names: they may stand
    /// at different places in the two documents.
    package var pointer: String {
        path.reduce(JSONPointer.root) { $0.appending($1) }.text
    }
}

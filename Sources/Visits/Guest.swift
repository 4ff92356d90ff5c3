/// Somebody who comes to a visit by a link, without an account, and is of neither side.
package enum GuestKind: String, Hashable, Sendable, CaseIterable {
    case patient, interpreter
    /// Who speaks for the patient, such as a guardian or a parent.
    case representative
}

/// How whoever let a guest in knows who it is.
package enum Identification: String, Hashable, Sendable, CaseIterable {
    case knownInPerson = "known_in_person"
    /// A passport or an identity card was shown, in the room or to a colleague.
    case identityDocument = "identity_document"
    /// Strong electronic identification in another service.
    case strongIdentification = "strong_identification"
    case notIdentified = "not_identified"
}

/// How the link of a guest stands.
package enum GuestLinkStanding: String, Hashable, Sendable, CaseIterable {
    /// The guest may come.
    case open
    /// The room is not open yet.
    case early
    case over
    case revoked
    /// The visit is cancelled.
    case cancelled
    /// The two sides have to agree on the visit (again).
    case notAgreed = "not_agreed"
}

/// Where a guest stands who came by a link.
package enum GuestState: String, Hashable, Sendable, CaseIterable {
    case waiting
    case `in`
    /// Said goodbye.
    case left
    case putOut = "put_out"
    /// Another who came by the same link was let in.
    case replaced
    /// The visit moved while the guest was in.
    case moved
    // as the link stands
    case early, over, revoked, cancelled
    case notAgreed = "not_agreed"

    /// Whether the guest would have to come again, and be let in again.
    package var hasEnded: Bool { self != .waiting && self != .in }
}

/// The life of a contract over all its versions: its writer's own draft until a version is
/// offered, offered until both have signed one, then active. Either side may suspend it, and only
/// that side lets it go on. A notice ends it when its time has come. Booked visits run, bill and
/// settle whatever becomes of it.
package enum ContractLife {
    package enum State: String, Hashable, Sendable, CaseIterable {
        case draft
        case offered
        case active
        case suspended
        case ended

        /// Whether new visits can be booked.
        package var opensBooking: Bool { self == .active }
    }

    package enum Message: String, Hashable, Sendable, CaseIterable {
        case addVersion
        case offerVersion
        /// A version has been signed by both.
        case versionSigned
        case suspend
        case resume
        case giveNotice
        /// The instant that a notice gave has come.
        case runOut
    }

    package enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
        case contractEnded = "contract_ended"
        /// Nobody is bound by it yet: a draft is withdrawn, not ended.
        case contractNotActive = "contract_not_active"
        case contractSuspended = "contract_suspended"
        case contractNotSuspended = "contract_not_suspended"
        /// It goes on when the side that suspended it says so.
        case notYourSide = "not_your_side"
        case noticeGiven = "notice_given"
    }

    /// What is known of a contract besides its state.
    package struct Standing: Hashable, Sendable {
        package let state: State
        package let suspendedBy: Side?
        package let noticeIsGiven: Bool

        package init(_ state: State, suspendedBy: Side? = nil, noticeIsGiven: Bool = false) {
            self.state = state
            self.suspendedBy = suspendedBy
            self.noticeIsGiven = noticeIsGiven
        }
    }

    /// The state after a message of a side.
    package static func receive(
        _ message: Message, by side: Side, in standing: Standing
    ) throws(Refusal) -> State {
        switch (standing.state, message) {
        case (.ended, _): throw .contractEnded
        case (_, .addVersion): return standing.state
        case (.draft, .offerVersion): return .offered
        case (_, .offerVersion): return standing.state
        case (.offered, .versionSigned): return .active
        case (.draft, _), (.offered, _): throw .contractNotActive
        case (.active, .versionSigned), (.suspended, .versionSigned): return standing.state
        case (.active, .suspend): return .suspended
        case (.active, .resume): throw .contractNotSuspended
        case (.suspended, .suspend): throw .contractSuspended
        case (.suspended, .resume):
            guard side == standing.suspendedBy else { throw .notYourSide }
            return .active
        case (_, .giveNotice):
            guard !standing.noticeIsGiven else { throw .noticeGiven }
            return standing.state
        case (_, .runOut):
            guard standing.noticeIsGiven else { throw .contractNotActive }
            return .ended
        }
    }
}

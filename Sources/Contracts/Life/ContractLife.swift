/// The life of a contract over all its versions: a draft until its first version is signed by
/// both, then active, then ended. Booked visits run, bill and settle after the end.
package enum ContractLife {
    package enum State: String, Hashable, Sendable, CaseIterable {
        case draft
        case active
        case ended

        /// Whether new visits can be booked.
        package var opensBooking: Bool { self == .active }
    }

    package enum Message: Hashable, Sendable, CaseIterable {
        case addVersion
        /// A version has been signed by both.
        case versionSigned
        case end
    }

    package enum Action: Hashable, Sendable {
        case keepVersion
        case openBooking
        case compilePrices
        case closeBooking
    }

    package enum Refusal: String, Error, Hashable, Sendable, CaseIterable {
        case contractEnded = "contract_ended"
        /// A draft is withdrawn, not ended.
        case contractNotActive = "contract_not_active"
    }

    package static func receive(
        _ message: Message, in state: State
    ) throws(Refusal) -> (state: State, actions: [Action]) {
        switch (state, message) {
        case (.ended, _): throw .contractEnded
        case (.draft, .addVersion), (.active, .addVersion): (state, [.keepVersion])
        case (.draft, .versionSigned): (.active, [.compilePrices, .openBooking])
        case (.active, .versionSigned): (.active, [.compilePrices])
        case (.draft, .end): throw .contractNotActive
        case (.active, .end): (.ended, [.closeBooking])
        }
    }
}

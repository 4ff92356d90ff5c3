/// A room as a side asks for it: its address follows from what the seller has set up.
package struct WantedRoom: Hashable, Sendable {
    package static let builtIn = WantedRoom(checked: .builtIn, link: nil)

    package let provider: Room.Provider
    /// Only of `ownLink`, where it is to be another address than the usual one.
    package let link: String?

    package init(provider: Room.Provider, link: String?) throws(Room.LinkRefused) {
        if let link {
            guard provider == .ownLink, Room.isAddress(link) else { throw Room.LinkRefused() }
        }
        self = WantedRoom(checked: provider, link: link)
    }

    private init(checked provider: Room.Provider, link: String?) {
        self.provider = provider
        self.link = link
    }
}

/// Why a room cannot be that of a visit. The first two say which would do, first choice first.
package enum RoomRefusal: Error, Hashable, Sendable {
    case notHosted(wouldDo: [Room.Provider])
    case notJoined(wouldDo: [Room.Provider])
    /// The buyer gives an address that is not of the seller's making.
    case linkNotOfSeller
}

/// Which rooms a visit can have: what its seller hosts, and in which order its buyer likes to join
/// what it can. The handshake settles on one of them (`docs/handshake.md`).
package struct RoomChoices: Hashable, Sendable {
    /// A system that the seller hosts.
    package struct Choice: Hashable, Sendable {
        package let provider: Room.Provider
        /// What it is called: the domain of a Jitsi server, the name of a service; nil of the
        /// built-in room.
        package let name: String?
        /// With `{visit}` where the visit's own name stands; nil of the built-in room.
        package let address: String?
        /// The buyer's preference, from 1; nil where it cannot join.
        package let place: Int64?

        package init(provider: Room.Provider, name: String?, address: String?, place: Int64?) {
            self.provider = provider
            self.name = name
            self.address = address
            self.place = place
        }
    }

    /// What an address has in the place of the visit's own name.
    package static let visitMark = "{visit}"

    package let hosted: [Choice]

    package init(hosted: [Choice]) {
        self.hosted = hosted
    }

    /// What the seller hosts and the buyer joins, first choice first.
    package var possible: [Choice] {
        hosted.filter { $0.place != nil }.sorted { ($0.place ?? 0) < ($1.place ?? 0) }
    }

    /// The choice that such a room is.
    package func requirePossible(_ provider: Room.Provider) throws(RoomRefusal) -> Choice {
        let wouldDo = possible.map(\.provider)
        guard let choice = hosted.first(where: { $0.provider == provider }) else {
            throw .notHosted(wouldDo: wouldDo)
        }
        guard choice.place != nil else { throw .notJoined(wouldDo: wouldDo) }
        return choice
    }

    /// The room that a side gets which asks for this one. `name` is the visit's own in addresses;
    /// `earlier` are the rooms that were offered or agreed before. Only the seller may give another
    /// address than the usual one, as when that no longer works.
    package func settle(
        _ wanted: WantedRoom, by side: Side, name: String, earlier: [Room]
    ) throws(RoomRefusal) -> Room {
        let choice = try requirePossible(wanted.provider)
        let usual = choice.address?.replacing(Self.visitMark, with: name)
        let link = wanted.link ?? usual
        guard let room = try? Room(provider: wanted.provider, link: link) else {
            throw .linkNotOfSeller
        }
        guard side == .seller || link == usual || earlier.contains(room) else {
            throw .linkNotOfSeller
        }
        return room
    }
}

import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import Visits

// Which rooms a visit can have, and the one that an offer gets.

extension Market {
    /// What the seller of a visit hosts and its buyer joins, first choice first.
    package func roomProviders(_ request: Request, _ booking: BookingID) async throws -> Answer {
        try await view(request) { transaction, _ in
            guard try await transaction.query(StoredBooking.find(booking)).atMostOne() != nil
            else { throw Refusal(.notFound) }
            let choices = try await transaction.roomChoices(of: booking)
            return Answer([
                "items": .array(choices.possible.map(\.json)),
                "hosted_only": .array(choices.hosted.filter { $0.place == nil }.map(\.json)),
            ])
        }
    }
}

extension RoomChoices.Choice {
    fileprivate var json: JSON { ["provider": JSON(provider.rawValue), "name": JSON(name)] }
}

extension Meeting {
    /// The room that a side gets for the one that it asks for. What was said with this sequence
    /// number before is said again with the same room, whatever the settings say by now.
    func settle(
        _ wanted: WantedRoom, by side: Side, sequence: Int64, in transaction: Transaction
    ) async throws -> Room {
        let offered = messages.compactMap { $0.message.body.offer?.room }
        let earlier = offered + [handshake.phase.agreement?.room].compactMap { $0 }
        if sequence == handshake.sequence, let last = handshake.last?.body.offer?.room,
            last.provider == wanted.provider, wanted.link == nil || wanted.link == last.link
        {
            return last
        }
        let choices = try await transaction.roomChoices(of: booking.id)
        var name = ""
        if wanted.provider != .builtIn {
            name = try await transaction.query(RoomChoices.Choice.name(of: booking.id)).only()
                .decode("name")
        }
        do throws(RoomRefusal) {
            return try choices.settle(wanted, by: side, name: name, earlier: earlier)
        } catch {
            throw Refusal(refusing: error)
        }
    }

    /// Whether what is accepted is still possible: the settings may have changed since the offer.
    func requireRoom(of offer: Handshake.Offer, in transaction: Transaction) async throws {
        let choices = try await transaction.roomChoices(of: booking.id)
        do throws(RoomRefusal) {
            _ = try choices.requirePossible(offer.proposal.room.provider)
        } catch {
            throw Refusal(refusing: error)
        }
    }
}

extension Transaction {
    fileprivate func roomChoices(of booking: BookingID) async throws -> RoomChoices {
        try await RoomChoices(
            hosted: query(RoomChoices.Choice.all(of: booking))
                .map(RoomChoices.Choice.init(row:)))
    }
}

extension HandshakeMessage.Body {
    /// What a proposal or a counter offers.
    fileprivate var offer: Proposal? {
        switch self {
        case .propose(let proposal), .counter(let proposal): proposal
        case .accept, .decline, .withdraw, .expire, .ready, .notReady, .move: nil
        }
    }
}

extension Refusal {
    fileprivate init(refusing refusal: RoomRefusal) {
        func would(_ providers: [Room.Provider]) -> JSON {
            ["would_do": .array(providers.map { JSON($0.rawValue) })]
        }
        switch refusal {
        case .notHosted(let wouldDo): self.init(.roomNotHosted, figures: would(wouldDo))
        case .notJoined(let wouldDo): self.init(.roomNotJoined, figures: would(wouldDo))
        case .linkNotOfSeller: self.init(.roomLinkNotOfSeller)
        }
    }
}

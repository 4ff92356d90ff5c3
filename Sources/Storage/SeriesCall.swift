import MoneyAndTime
import Postgres
import StrictJSON

/// Many visits that are booked together, or none of them.
package enum SeriesCall {
    /// One of them, as the booking function reads it.
    package struct Visit: Sendable {
        let booking: BookingID
        let reservation: ReservationID
        let contract: ContractID
        let service: String
        let specialist: SpecialistID
        let starts: Instant
        let minutes: Int64
        let handOver: HandOver

        package init(
            booking: BookingID, reservation: ReservationID, contract: ContractID, service: String,
            specialist: SpecialistID, starts: Instant, minutes: Int64, handOver: HandOver
        ) {
            self.booking = booking
            self.reservation = reservation
            self.contract = contract
            self.service = service
            self.specialist = specialist
            self.starts = starts
            self.minutes = minutes
            self.handOver = handOver
        }

        func json(ordinal: Int) -> JSON {
            let members: [(String, JSON)] = [
                ("ordinal", JSON(ordinal)),
                ("booking", JSON(booking.uuidString)),
                ("reservation", JSON(reservation.uuidString)),
                ("contract", JSON(contract.uuidString)),
                ("service", JSON(service)),
                ("specialist", JSON(specialist.uuidString)),
                ("starts", JSON(starts.rfc3339)),
                ("minutes", JSON(minutes)),
            ]
            return .object(JSONObject(members + handOver.members))
        }
    }

    /// One row: `is_booked`, and `visits` in the order of their starts, each `{starts, booking,
    /// refusal, figures}` as `book` answers them. `isWhole` books nothing unless all can be had.
    package static func book(_ visits: [Visit], series: SeriesID, isWhole: Bool) -> Query {
        """
        select is_booked, visits::text as visits
        from book_series(\(json(visits))::jsonb, \(series), \(isWhole), false)
        """
    }

    /// The same answer, with nothing booked.
    package static func look(_ visits: [Visit]) -> Query {
        """
        select is_booked, visits::text as visits
        from book_series(\(json(visits))::jsonb, null, false, true)
        """
    }

    /// The zone of the newest version that both signed, null before there is one; no row for who is
    /// not the buyer.
    package static func zone(of contract: ContractID) -> Query {
        """
        select (select v.time_zone from contract_version v
            where v.contract = c.id and v.signed_at is not null
            order by v.number desc limit 1) as time_zone
        from contract c where c.id = \(contract) and c.buyer = current_organisation()
        """
    }

    private static func json(_ visits: [Visit]) -> String {
        JSON.array(visits.enumerated().map { $1.json(ordinal: $0) }).compactText
    }
}

import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Scheduling
import Storage
import TestMarket
import Testing

/// Who may take over a visit, whoever asks the database.
@Suite struct SubstitutionTests {
    private struct Place {
        let life: LifeOfAVisit
        let booking: BookingID
        let colleague: SpecialistID
    }

    private func place(_ test: TestMarket) async throws -> Place {
        let seller = try await test.addOrganisation("Seller")
        let contract = try await test.signedContract(
            seller: seller, buyer: test.addOrganisation("Buyer"))
        let life = try await LifeOfAVisit(under: contract)
        let other = try await LifeOfAVisit(under: contract, label: "Specialist 2")
        return try await Place(
            life: life, booking: life.booked("2027-03-08"), colleague: other.specialist)
    }

    private func substitute(_ place: Place, _ specialist: SpecialistID) -> Query {
        StoredAbsence.substitute(place.booking, by: specialist, reservation: newID())
    }

    @Test func theSellerAloneSendsAnother() async throws {
        try await TestMarket.withMarket { test in
            let place = try await place(test)
            let contract = place.life.contract
            let byBuyer = await refused {
                try await test.asked(
                    by: contract.buyer.scheduler, substitute(place, place.colleague))
            }
            #expect(byBuyer == "not_found")
            let bySelf = await refused {
                try await test.asked(
                    by: contract.seller.scheduler, substitute(place, place.life.specialist))
            }
            #expect(bySelf == "colleague_not_free")
            let foreign = try await test.addSpecialist(
                to: test.addOrganisation("Other"),
                specialty: contract.terms.rateCard.services[0].field.code)
            let byForeign = await refused {
                try await test.asked(by: contract.seller.scheduler, substitute(place, foreign))
            }
            #expect(byForeign == "colleague_not_free")
            try await test.asked(
                by: contract.seller.scheduler, substitute(place, place.colleague))
            let rows = try await test.owner.read([
                """
                select b.specialist, r.specialist as reserved, r.live from booking b
                join reservation r on r.id = b.reservation
                """
            ])
            let row = try rows.only()
            #expect(try row["specialist", SpecialistID.self] == place.colleague)
            #expect(try row["reserved", SpecialistID.self] == place.colleague)
            #expect(try row["live", Bool.self])
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    /// Each fact that speaks against a colleague, one at a time.
    @Test(arguments: [
        "update specialist set active = false where label = 'Specialist 2'",
        "update specialist set specialty = 'other' where label = 'Specialist 2'",
        """
        update licence l set valid = daterange('2020-01-01', '2021-01-01')
        from specialist s where s.id = l.specialist and s.label = 'Specialist 2'
        """,
        """
        update availability_window w set open = false
        from specialist s where s.id = w.specialist and s.label = 'Specialist 2'
        """,
        """
        update availability_window w set services = '{other}'
        from specialist s where s.id = w.specialist and s.label = 'Specialist 2'
        """,
        """
        update availability_window w set contracts = array[uuid_v7()]
        from specialist s where s.id = w.specialist and s.label = 'Specialist 2'
        """,
        """
        update availability_window w set shortest_minutes = 31
        from specialist s where s.id = w.specialist and s.label = 'Specialist 2'
        """,
        """
        update availability_window w set buffer_before_minutes = 61
        from specialist s where s.id = w.specialist and s.label = 'Specialist 2'
        """,
        """
        update availability_window w
        set during = tstzrange(lower(during) + interval '5 min', upper(during))
        from specialist s where s.id = w.specialist and s.label = 'Specialist 2'
        """,
        "update booking set state = 'cancelled', cancellation_fee = 0, cancelled_by = seller",
    ])
    func whoIsNotFreeIsRefused(_ spoil: String) async throws {
        try await TestMarket.withMarket { test in
            let place = try await place(test)
            try await test.withoutTriggers(Query(stringLiteral: spoil))
            let code = await refused {
                try await test.asked(
                    by: place.life.contract.seller.scheduler,
                    substitute(place, place.colleague))
            }
            let expected =
                spoil.contains("cancelled") ? "illegal_transition" : "colleague_not_free"
            #expect(code == expected)
        }
    }

    /// The row itself: a booking goes to another specialist only with a reservation of theirs, in
    /// which its time lies.
    @Test func aBookingKeepsItsTime() async throws {
        try await TestMarket.withMarket { test in
            let place = try await place(test)
            let reservation: ReservationID = newID()
            try await test.withoutTriggers(
                """
                insert into reservation (id, seller, specialist, occupied, availability_window,
                    window_revision)
                select \(reservation), r.seller, \(place.colleague),
                    tstzrange(lower(r.occupied) + interval '1 hour', upper(r.occupied)
                        + interval '1 hour'), w.id, 1
                from reservation r
                join availability_window w on w.specialist = \(place.colleague)
                    and w.during @> r.occupied
                """)
            for (change, expected) in [
                ("specialist = \(place.colleague.quoted)", "booking_frozen"),
                ("reservation = \(reservation.quoted)", "booking_frozen"),
                (
                    "specialist = \(place.colleague.quoted), reservation = \(reservation.quoted)",
                    "outside_reservation"
                ),
            ] {
                let code = await refused {
                    try await test.owner.write([
                        Query(stringLiteral: "update booking set \(change)")
                    ])
                }
                #expect(code == expected, "\(change)")
            }
        }
    }
}

extension ID {
    /// As a literal of SQL.
    fileprivate var quoted: String { "'\(uuidString)'" }
}

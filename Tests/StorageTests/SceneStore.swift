import MoneyAndTime
import Postgres
import Scheduling
import Storage
import TestMarket
import Testing

/// Where scenes are put: a seller and a buyer, another buyer who takes time as well, and a clock
/// that stands still.
struct Stage: Sendable {
    let test: TestMarket
    let seller: TestOrganisation
    let buyer: TestOrganisation
    let other: TestContract
    let clock: StandingClock

    init(_ test: TestMarket) async throws {
        self.test = test
        seller = try await test.addOrganisation("Seller")
        buyer = try await test.addOrganisation("Buyer")
        other = try await test.signedContract(
            seller: seller, buyer: test.addOrganisation("Other buyer"))
        clock = try await StandingClock(test, at: Instant(rfc3339: "2027-01-01T00:00:00Z"))
    }

    /// The scene, as a market would have come to it. Triggers are out of force, because its
    /// contract may have ended and its bookings may be older than the version they stand under.
    func put(_ scene: Scene) async throws {
        try await clock.set(to: scene.now)
        try await test.superuser.pool.transaction { transaction in
            try await transaction.query("set local session_replication_role = replica")
            try await transaction.each(contract(of: scene))
            for person in scene.people {
                try await transaction.each(queries(for: person, in: scene))
            }
            for room in scene.resources {
                try await transaction.each(room.rows(of: buyer))
            }
            for period in scene.counted {
                try await transaction.each(counters(of: period, in: scene))
            }
        }
    }

    private func contract(of scene: Scene) -> [Query] {
        let (isSuspended, hasNotice) = (scene.state == "suspended", scene.endsAt != nil)
        var queries: [Query] = [
            """
            insert into contract (id, seller, buyer, drafted_by, title, state, suspended_by,
                suspended_at, suspension_reason, ends_at, notice_by, notice_at, notice_reason)
            values (\(scene.contract), \(seller.id), \(buyer.id), \(seller.id), 'Scene',
                \(scene.state), \(isSuspended ? seller.id : nil),
                \(isSuspended ? scene.now : nil), \(isSuspended ? "Scene" : nil),
                \(scene.endsAt), \(hasNotice ? buyer.id : nil),
                \(hasNotice ? Instant(microseconds: 0) : nil), \(hasNotice ? "Scene" : nil))
            """
        ]
        for version in scene.versions {
            queries.append(
                """
                insert into contract_version (contract, number, seller, buyer, document, digest,
                    drafted_by, offered_at, signed_at, effective, time_zone, minimum_notice_minutes,
                    horizon_days, hold_minutes, budget_ceiling, quota_visits, quota_minutes,
                    accepted_in_advance, reply_within_minutes, rounding)
                values (\(scene.contract), \(version.number), \(seller.id), \(buyer.id), 'scene',
                    sha256('scene'), \(seller.id), \(version.signedAt), \(version.signedAt),
                    tstzrange(\(version.span.start), \(version.span.end)), \(scene.clock.zone),
                    \(version.noticeMinutes), \(version.horizonDays), 10, \(version.ceiling),
                    \(version.mostVisits), \(version.mostMinutes), true, 60, 'half_up')
                """)
            for service in version.services {
                let lengths = service.lengths
                queries.append(
                    """
                    insert into contract_service (contract, number, service, seller, buyer,
                        specialty, languages, minimum_minutes, maximum_minutes, step_minutes,
                        one_price, required, capacity)
                    values (\(scene.contract), \(version.number), \(service.code), \(seller.id),
                        \(buyer.id), \(scene.specialty), '{fi}', \(lengths.shortestMinutes),
                        \(lengths.longestMinutes), \(lengths.stepMinutes), true,
                        \(service.required), \(service.capacity)::int)
                    """)
                queries.append(
                    """
                    insert into price (contract, number, service, minutes, seller, buyer, amount,
                        billed_seconds)
                    select \(scene.contract), \(version.number), \(service.code), minutes,
                        \(seller.id), \(buyer.id), minutes * \(service.centsPerMinute)::bigint,
                        60 * minutes
                    from unnest(\(service.minutes)) as minutes
                    """)
            }
        }
        return queries
    }

    private func queries(for person: Scene.Person, in scene: Scene) -> [Query] {
        var queries: [Query] = [
            """
            insert into specialist (id, organisation, unit, label, profession, specialty, languages,
                daily_minutes, weekly_minutes)
            values (\(person.id), \(seller.id), \(seller.unit), \(person.id.description), 'any',
                \(scene.specialty), \(person.languages), \(person.limits.dailyMinutes),
                \(person.limits.weeklyMinutes))
            """,
            """
            insert into licence (id, organisation, specialist, authority, number, valid)
            values (uuid_v7(), \(seller.id), \(person.id), 'Example authority', '1',
                daterange(\(person.licence.lowerBound), \(person.licence.upperBound), '[]'))
            """,
        ]
        for publication in person.publications {
            let rule = publication.rule
            let windows = publication.windows.map {
                StoredWindow(id: $0.id, slot: $0.offered.slot)
            }
            let stored = StoredAvailability(
                rule: rule, expandedUntil: rule.zone.date(of: scene.now))
            queries.append(stored.insert(for: seller.id))
            guard !windows.isEmpty else { continue }
            queries.append(StoredWindow.insert(windows, of: rule, for: seller.id))
            queries.append(StoredWindow.insertStartTimes(windows, of: rule, for: seller.id))
        }
        for taken in person.taken { queries += rows(of: taken, by: person.id, in: scene) }
        for session in person.sessions {
            queries += rows(of: session, by: person.id, in: scene)
        }
        let closed = person.windows.filter { !$0.isOpen }.map(\.id)
        queries.append(
            "update availability_window set open = false where id = any (\(closed))")
        queries.append("delete from start_time where availability_window = any (\(closed))")
        return queries
    }

    private func rows(
        of taken: Scene.Taken, by person: SpecialistID, in scene: Scene
    ) -> [Query] {
        let contract = taken.isOurs ? scene.contract : other.id
        let buyer = taken.isOurs ? buyer.id : other.buyer.id
        let occupied: Query = "tstzrange(\(taken.occupied.start), \(taken.occupied.end))"
        return [
            """
            insert into reservation (id, seller, specialist, occupied, availability_window,
                window_revision)
            values (\(taken.reservation), \(seller.id), \(person), \(occupied), \(taken.window), 1)
            """,
            """
            insert into booking (id, reservation, contract, version, service, seller, buyer,
                specialist, planned, period, quote, state, hold_expires_at)
            values (\(taken.booking), \(taken.reservation), \(contract), 1, 'visit', \(seller.id),
                \(buyer), \(person), tstzrange(\(taken.planned.start), \(taken.planned.end)),
                \(taken.period), \(taken.quote),
                \(taken.holdExpiresAt == nil ? "booked" : "held"), \(taken.holdExpiresAt))
            """,
            "select cut_start_times(\(person), \(occupied))",
        ]
    }

    /// The counter of the scene's contract, and that of the other buyer's, which all scenes share.
    private func counters(of period: String, in scene: Scene) -> [Query] {
        let others = scene.share(of: period, isOurs: false)
        let ours = scene.share(of: period)
        return [
            """
            insert into budget_counter (contract, period, seller, buyer, reserved, used, visits,
                minutes)
            values (\(scene.contract), \(period), \(seller.id), \(buyer.id),
                \(ours.quote), \(scene.used), \(ours.visits), \(ours.minutes))
            """,
            """
            insert into budget_counter (contract, period, seller, buyer, reserved, visits, minutes)
            values (\(other.id), \(period), \(seller.id), \(other.buyer.id),
                \(others.quote), \(others.visits), \(others.minutes))
            on conflict (contract, period)
            do update set reserved = budget_counter.reserved + excluded.reserved,
                visits = budget_counter.visits + excluded.visits,
                minutes = budget_counter.minutes + excluded.minutes
            """,
        ]
    }
}

extension Stage {
    /// Searches read what is kept, so the worker comes by first: holds that ran out are given back.
    func tidy(_ scene: inout Scene) async throws {
        let now = scene.now
        for index in scene.people.indices {
            let person = scene.people[index]
            let overdue =
                person.taken.filter { $0.isOverdue(at: now) }.map(\.booking)
                + person.sessions.flatMap(\.seats).filter { $0.isOverdue(at: now) }
                .map(\.booking)
            for booking in overdue {
                let done: Bool = try await test.app.write([
                    "select expire_overdue_hold(\(booking))"
                ]).only().decode(0)
                #expect(done)
            }
            scene.people[index].taken.removeAll { $0.isOverdue(at: now) }
        }
        for index in scene.resources.indices {
            scene.resources[index].taken.removeAll { $0.isOverdue(at: now) }
        }
        scene = scene.tidied()
    }
}

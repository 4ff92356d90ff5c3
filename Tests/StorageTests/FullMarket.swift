import Contracts
import Marketplace
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import TestMarket

/// A market in which two organisations have traded with each other, so that every table has rows
/// of theirs, and a third one that has nothing to do with them.
struct FullMarket {
    let test: TestMarket
    let contract: TestContract
    let stranger: TestOrganisation

    var parties: [OrganisationID] { [contract.seller.id, contract.buyer.id] }

    init(_ test: TestMarket) async throws {
        self.test = test
        contract = try await test.signedContract(
            seller: test.addOrganisation("Seller"), buyer: test.addOrganisation("Buyer"),
            changed: ["services": try Self.services()])
        stranger = try await test.addOrganisation("Stranger")
        let life = try await LifeOfAVisit(under: contract)
        _ = try await life.made("2027-03-10", hold: true)
        try await life.cancelledLate("2027-03-08")
        try await life.held("2027-03-09", minutes: 2)
        try await test.clock.set(to: Instant(rfc3339: "2027-03-31T21:00:00Z"))
        let invoice = try InvoiceID(typeID: await life.invoiced()[0]["id"]?.text ?? "")
        try await putSignature()
        try await putMessage()
        try await putGuest()
        try await putReport()
        try await putPayment(of: invoice)
        try await putPaymentRows(of: invoice)
        try await putClosedMonth()
        try await putBillingRun()
        try await putSelfBilling()
        try await putSignIn()
        try await putBeforeContract()
        try await putWaiting()
        try await putDemand()
        try await putAbsence()
        try await putPlanning()
        try await putBlock()
        try await putResource()
        try await putGroupSession()
        try await putAlerts()
        try await putCalendars()
        try await putDeliveries()
        try await putCorrections(of: invoice)
        try await putNetting(of: invoice)
        try await putRooms()
        try await test.horizonToPass()
        try await test.app.write([AuditSeal.sealNext(1_000)])
        _ = try await test.market.publishAuditCheckpoint(every: .zero)
    }

    /// Those of the example, with a supplement and a discount that come to nothing.
    private static func services() throws -> JSON {
        let bytes = try ContractFiles.read("v1/examples/valid/psychiatrist-remote-visit.json")
        var service = try JSON.parse(bytes)["services"]?[0]?.members ?? [:]
        let name: JSON = ["fi": "Ilta", "sv": "Kväll", "en": "Evening"]
        service["supplements"] = [
            [
                "code": "evening", "name": name, "days": ["monday"], "from": "18:00",
                "until": "24:00", "percent": "0",
            ]
        ]
        service["discounts"] = [["code": "none", "name": name, "percent": "0"]]
        return [.object(service)]
    }

    private func putSignature() async throws {
        let seller = contract.seller
        try await test.withoutTriggers(
            """
            insert into organisation_key (organisation, key_id, public_key, sealed_private_key)
            values (\(seller.id), 'key', \([UInt8](repeating: 1, count: 32)), 'sealed')
            """,
            """
            insert into signature (contract, number, organisation, seller, buyer, digest, key_id,
                protected_header, signature, credential)
            select contract, number, seller, seller, buyer, digest, 'key', 'header',
                \([UInt8](repeating: 2, count: 64)), \(seller.admin.credential)
            from contract_version where contract = \(contract.id)
            """)
    }

    private func putClosedMonth() async throws {
        let id: PeriodCloseID = newID()
        try await test.withoutTriggers(
            """
            insert into period_close (id, book, month)
            values (\(id), \(contract.seller.id), '2027-01-01')
            """,
            """
            insert into late_interest (id, invoice, seller, buyer, first_day, last_day, amount,
                subject, document, digest)
            select id, id, seller, buyer, due_on + 1, due_on + 2, 1, 'interest', '{}', sha256('{}')
            from invoice limit 1
            """)
    }

    private func putBillingRun() async throws {
        let (run, step): (BillingRunID, BillingStepID) = (newID(), newID())
        try await test.withoutTriggers(
            """
            insert into billing_run (id, organisation, period)
            values (\(run), \(contract.seller.id), '2027-01')
            """,
            """
            insert into billing_step (id, run, organisation, contract, kind)
            values (\(step), \(run), \(contract.seller.id), \(contract.id), 'statement')
            """)
    }

    private func putMessage() async throws {
        try await test.withoutTriggers(
            """
            insert into handshake_message (booking, sequence, seller, buyer, sender, kind, message)
            select booking, 1, seller, buyer, buyer, 'ready', '{}' from handshake limit 1
            """,
            """
            insert into room_signal (room, booking, seller, buyer, side, participant, label,
                session, body, at)
            select booking, booking, seller, buyer, 'seller', 'person', 'Person', 'page', '{}',
                market_now()
            from handshake limit 1
            """,
            """
            insert into room_page (room, booking, seller, buyer, session, side, participant, at)
            select booking, booking, seller, buyer, 'page', 'seller', 'person', market_now()
            from handshake limit 1
            """)
    }

    /// Somebody who came by a link of the buyer's, and was let in.
    private func putGuest() async throws {
        let (link, guest): (GuestLinkID, GuestID) = (newID(), newID())
        try await test.withoutTriggers(
            """
            insert into guest_link (id, digest, booking, seller, buyer, side, kind, language,
                credential)
            select \(link), sha256('link'), booking, seller, buyer, 'buyer', 'patient', 'fi',
                uuid_v7()
            from handshake limit 1
            """,
            """
            insert into guest (id, link, booking, seller, buyer, digest, came_at, seen_at)
            select \(guest), id, booking, seller, buyer, sha256('guest'), market_now(), market_now()
            from guest_link
            """,
            """
            insert into guest_admission (guest, booking, seller, buyer, identification,
                organisation, by_name, credential)
            select id, booking, seller, buyer, 'not_identified', buyer, 'Nurse', uuid_v7()
            from guest
            """)
    }

    /// The buyer lets a visit go on.
    private func putReport() async throws {
        try await test.withoutTriggers(
            """
            insert into visit_report (booking, seller, buyer, side, kind, credential, recorded_at)
            select booking, seller, buyer, 'buyer', 'overrun_agreed', uuid_v7(), market_now()
            from handshake limit 1
            """)
    }

    /// The seller's published profile; a need of the seller's, which the buyer alone is shown and
    /// has answered; and the request with which the contract began.
    private func putBeforeContract() async throws {
        let (seller, buyer) = (contract.seller.id, contract.buyer.id)
        let (need, answer): (NeedID, NeedAnswerID) = (newID(), newID())
        try await test.withoutTriggers(
            """
            insert into profile (organisation, published, description, services, regions, email)
            values (\(seller), true, '{"fi": "Aikaa."}', '[{"languages": ["fi"]}]', array['FI'],
                'contracts@example.org')
            """,
            """
            insert into need (id, buyer, title, service, regions, minutes, per, starts_on, ends_on,
                words, answer_by, sellers)
            values (\(need), \(seller), 'Title', '{}', array['FI'], 60, 'week', '2027-06-01',
                '2027-12-31', 'Words', '2028-01-01', array[\(buyer)])
            """,
            """
            insert into need_answer (id, need, seller, buyer, words)
            values (\(answer), \(need), \(buyer), \(seller), 'Words')
            """,
            """
            insert into contract_request (contract, seller, buyer, template, words)
            values (\(contract.id), \(seller), \(buyer), 'psychiatrist-remote-visit', 'Words')
            """)
    }

    /// What the buyer waits for, what was offered to it, and that the seller's specialist is there.
    private func putWaiting() async throws {
        let (seller, buyer) = (contract.seller.id, contract.buyer.id)
        let entry: WaitingEntryID = newID()
        try await test.withoutTriggers(
            """
            insert into waiting_entry (id, contract, seller, buyer, service, specialty, minutes,
                wanted)
            values (\(entry), \(contract.id), \(seller), \(buyer), 'visit', '70', 45,
                tstzrange('2027-04-01', '2027-04-02'))
            """,
            """
            insert into waiting_offer (entry, specialist, starts, booking, seller, buyer)
            select \(entry), specialist, lower(planned), id, seller, buyer
            from booking where contract = \(contract.id) limit 1
            """,
            """
            insert into present_specialist (specialist, organisation, until)
            select id, organisation, market_now() + interval '1 hour'
            from specialist where organisation = \(seller) limit 1
            """)
    }

    /// What the buyer asked the seller for at once.
    private func putDemand() async throws {
        let demand: DemandID = newID()
        try await test.withoutTriggers(
            """
            insert into demand (id, buyer, asked_at, expires_at)
            values (\(demand), \(contract.buyer.id), market_now(),
                market_now() + interval '10 minutes')
            """,
            """
            insert into demand_ask (demand, contract, version, service, specialty, seller, buyer,
                minutes, asked_at, expires_at)
            select \(demand), b.contract, b.version, b.service, '70', b.seller, b.buyer, 45,
                market_now(), market_now() + interval '10 minutes'
            from booking b where b.contract = \(contract.id) limit 1
            """)
    }

    private func putAbsence() async throws {
        let absence: AbsenceID = newID()
        try await test.withoutTriggers(
            """
            insert into absence (id, organisation, specialist, during)
            select \(absence), organisation, id, tstzrange('2027-06-01', '2027-06-02')
            from specialist where organisation = \(contract.seller.id) limit 1
            """)
    }

    /// A template, the setting of approvals, and a calendar with something busy.
    private func putPlanning() async throws {
        let template: AvailabilityTemplateID = newID()
        let seller = contract.seller.id
        let pause: SalePauseID = newID()
        try await test.withoutTriggers(
            """
            insert into availability_template (id, organisation, name, weekdays, interval_weeks,
                except_holidays, from_minute, to_minute, pauses, grid_minutes, shortest_minutes,
                longest_minutes, buffer_before_minutes, buffer_after_minutes)
            values (\(template), \(seller), 'Mornings', '{2}', 1, false, 480, 720, '{}', 15, 30,
                60, 0, 10)
            """,
            """
            insert into availability_approval (organisation, required) values (\(seller), false)
            """,
            """
            insert into busy_calendar (specialist, organisation)
            select id, organisation from specialist where organisation = \(seller) limit 1
            """,
            """
            insert into busy_stretch (specialist, organisation, during)
            select specialist, organisation, tstzrange('2027-06-03', '2027-06-04')
            from busy_calendar where organisation = \(seller)
            """,
            """
            insert into sale_pause (id, organisation, specialist, during)
            select \(pause), organisation, id, tstzrange('2027-06-05', '2027-06-06')
            from specialist where organisation = \(seller) limit 1
            """)
    }

    private func putBlock() async throws {
        let block: BlockID = newID()
        try await test.withoutTriggers(
            """
            insert into block (id, contract, version, term, service, seller, buyer, specialist,
                during, period, nurse, place_until, unused_fee, reoffer)
            select \(block), contract, version, 0, service, seller, buyer, specialist,
                tstzrange('2027-12-01 08:00Z', '2027-12-01 10:00Z'), '2027-12', true,
                '2027-11-30 08:00Z', 5000, true
            from booking where contract = \(contract.id) limit 1
            """)
    }

    /// A room of the buyer's that one of its bookings takes.
    private func putResource() async throws {
        let (room, time): (ResourceID, ReservationID) = (newID(), newID())
        try await test.withoutTriggers(
            """
            insert into resource (id, organisation, unit, kind, name)
            values (\(room), \(contract.buyer.id), \(contract.buyer.unit), 'room', 'Room 2')
            """,
            """
            insert into resource_time (id, organisation, resource, during, booking, occasion, live)
            select \(time), buyer, \(room), planned, id, id,
                state in ('held', 'booked', 'closed')
            from booking where contract = \(contract.id) limit 1
            """)
    }

    private func putGroupSession() async throws {
        let session: GroupSessionID = newID()
        try await test.withoutTriggers(
            """
            insert into group_session (id, seller, specialist, reservation, service, during,
                places, book_until)
            select \(session), b.seller, b.specialist, b.reservation, b.service, b.planned, 8,
                lower(b.planned)
            from booking b where b.contract = \(contract.id) limit 1
            """)
    }

    private func putPayment(of invoice: InvoiceID) async throws {
        let (file, entry): (BankFileID, BankEntryID) = (newID(), newID())
        try await test.withoutTriggers(
            """
            insert into bank_file (id, organisation, digest, content, repeated_count,
                not_booked_count, others_count, others_sum, balances_agree)
            select \(file), seller, sha256('file'), sha256('file'), 0, 0, 0, 0, true
            from invoice where id = \(invoice)
            """,
            """
            insert into bank_entry (id, organisation, file, number, iban, bank_key, direction,
                hundred_thousandths, currency, fate, invoice)
            select \(entry), seller, \(file), 1, iban, 'key', 'credit', 100000, 'EUR', 'matched',
                id
            from invoice where id = \(invoice)
            """,
            """
            insert into allocation (bank_entry, invoice, seller, buyer, amount, subject)
            select \(entry), id, seller, buyer, 100, 'subject' from invoice where id = \(invoice)
            """)
    }
}

/// A table whose rows belong to organisations, as its own policy says.
struct TenantTable: Sendable {
    let name: String
    /// Whose row it is: any of these columns.
    let owners: [String]
    let isReadable: Bool
    /// Columns that the application may change.
    let changeable: [String]

    init(row: Row) throws {
        name = try row.decode("name")
        owners = try row.decode("owners")
        isReadable = try row.decode("readable")
        changeable = try row.decode("changeable")
    }

    /// Every table of the schema that has the tenants' policy.
    static let all: Query = """
        select p.tablename::text as name, array(
                select m[1] from regexp_matches(p.qual, '([a-z]+) = current_organisation', 'g') m
            ) as owners,
            has_table_privilege('aikatori_app', c.oid, 'select') as readable, array(
                select a.attname::text from pg_attribute a
                where a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
                  and has_column_privilege('aikatori_app', c.oid, a.attnum, 'update')
                order by a.attnum
            ) as changeable
        from pg_policies p join pg_class c on c.oid = p.tablename::regclass
        where p.schemaname = 'public' and p.policyname = 'tenant' order by 1
        """

    func belongs(to organisations: [OrganisationID]) -> Query {
        owners.reduce("false") { "\($0) or \(trusted: $1) = any (\(organisations))" }
    }

    /// How many rows these organisations have, and a digest over them and their versions.
    func state(of organisations: [OrganisationID]) -> Query {
        """
        select count(*) as rows, md5(coalesce(string_agg(
            concat_ws(' ', t.ctid, t.xmin, t.*), ' ' order by t.ctid), '')) as digest
        from \(trusted: name) t where \(belongs(to: organisations))
        """
    }

    /// A copy of a row, to be put back by somebody else.
    func copied(_ row: String) -> Query {
        """
        insert into \(trusted: name) overriding system value
        select r.* from jsonb_populate_record(null::\(trusted: name), \(row)::jsonb) r
        """
    }
}

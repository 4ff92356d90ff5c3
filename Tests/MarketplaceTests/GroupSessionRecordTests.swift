import Billing
import Documents
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import TestMarket
import Testing
import Visits

/// What else of the market says and does of a session with several: its specialist's hours, its
/// charges and their statement, its handshakes, its buyers' rooms, and the week of its unit.
@Suite struct GroupSessionRecordTests {
    @Test func itsHoursCountOnceAndItsChargesNameIt() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let (first, second) = (gathering.contract, gathering.other)
            let session = try await gathering.opened()
            let ours = try await gathering.booked(2, in: session, under: first)
            let theirs = try await gathering.booked(1, in: session, under: second)
            let start = try gathering.instant("2027-03-11")
            try await gathering.held(
                [(ours[0], first), (theirs[0], second)], from: start, minutes: 60)
            try await test.clock.set(to: start.adding(seconds: 7_200))
            _ = try await gathering.charged(ours[0], under: first)
            let early = try #require(try await hours(gathering).first)
            #expect(early["attested_minutes"] == "" && early["state"] == "booked", "\(early)")
            for (booking, contract) in [(ours[1], first), (theirs[0], second)] {
                _ = try await gathering.charged(booking, under: contract)
            }
            let lines = try await hours(gathering)
            #expect(lines.count == 1)
            let line = try #require(lines.first)
            #expect(line["group_session_id"] == session.description && line["state"] == "closed")
            #expect(line["planned_minutes"] == "60.00")
            // the clock goes on between one who joins and the next
            let attended = try #require(line["attended_minutes"].flatMap { Double($0) })
            #expect((58...60).contains(attended))
            #expect(line["attested_minutes"] == line["attended_minutes"])
            for name in ["booking_id", "buyer", "buyer_id", "contract_id"] {
                #expect(line[name] == "", "\(name)")
            }
            let charges = try await test.market.listCharges(
                first.buyer.finance.request("listCharges"), contract: first.id, period: nil,
                page: Page(after: nil, limit: 10)
            ).body["items"]?.elements
            #expect(
                charges?.map { $0["group_session"]?.text }
                    == [session.description, session.description])
            try await test.clock.set(to: gathering.instant("2027-04-01", "09:00"))
            let statement = try await test.market.createStatement(
                gathering.seller.finance.request("createStatement"), contract: first.id,
                period: StatementPeriod(key: "2027-03")
            ).body
            #expect(
                statement["lines"]?.elements?.map { $0["group_session"]?.text }
                    == [session.description, session.description])
        }
    }

    private func hours(_ gathering: Gathering) async throws -> [[String: String]] {
        let file = try await gathering.test.market.soldHours(
            gathering.seller.finance.request("getSoldHours"), of: StatementPeriod(key: "2027-03"))
        let lines = try CSVTable(file.bytes, mostLines: 100).lines.map(\.cells)
        let head = try #require(lines.first)
        return lines.dropFirst().map { Dictionary(uniqueKeysWithValues: zip(head, $0)) }
    }

    @Test func aPlaceHasNoOtherTimeToTalkOf() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let session = try await gathering.opened()
            let ours = try await gathering.booked(1, in: session, under: gathering.contract)
            let starts = try gathering.instant("2027-03-11", "15:00")
            for organisation in [gathering.seller, gathering.contract.buyer] {
                let refused = await refusal {
                    _ = try await test.market.sendHandshakeMessage(
                        organisation.scheduler.request("sendHandshakeMessage"), ours[0],
                        .init(
                            kind: .counter, sequence: 1, cause: nil,
                            offer: .init(
                                starts: starts, room: .builtIn, needs: [.nursePresent],
                                deadline: starts.adding(seconds: -86_400)), checks: nil))
                }
                #expect(refused == .inGroupSession)
            }
            let handshake = try await test.market.handshake(
                gathering.seller.scheduler.request("getHandshake"), ours[0]
            ).body
            #expect(handshake["state"] == "agreed" && handshake["messages"] == [])
        }
    }

    @Test func aBuyersPatientsSitInOneRoom() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let buyer = gathering.contract.buyer
            let session = try await gathering.opened()
            let ours = try await gathering.booked(2, in: session, under: gathering.contract)
            let made = try await test.market.addResource(
                buyer.scheduler.request("addResource"), .room, in: buyer.unit,
                .init(name: "Room 1", opening: nil))
            let room = try ResourceID(typeID: made.body["id"]?.text ?? "")
            for booking in ours {
                let chosen = try await test.market.chooseResources(
                    buyer.scheduler.request("chooseResources", key: "\(booking)"), for: booking,
                    [room])
                #expect(chosen.body["resources"]?.elements?.count == 1)
                #expect(chosen.body["group_session"]?.text == session.description)
            }
            // whoever comes to another session at that time sits elsewhere
            let colleague = try await LifeOfAVisit(
                under: gathering.contract, label: "Specialist 3"
            ).specialist
            let starts = try gathering.instant("2027-03-11")
            let beside = try await test.market.openGroupSession(
                gathering.seller.scheduler.request("openGroupSession", key: "beside"),
                .init(
                    specialist: colleague, service: "rehabilitation-group", starts: starts,
                    minutes: 60, places: 8, contracts: nil,
                    bookUntil: starts.adding(seconds: -172_800)))
            let second = try GroupSessionID(typeID: beside.body["id"]?.text ?? "")
            let other = try await gathering.booked(1, in: second, under: gathering.contract)
            let taken = await refusal {
                _ = try await test.market.chooseResources(
                    buyer.scheduler.request("chooseResources", key: "other"), for: other[0],
                    [room])
            }
            #expect(taken == .resourceTaken)
            // it can be said when the places are booked, and goes with all of them or none
            let late = HandOver(
                patient: try PatientReference("PT-9"), authorisation: "A 9", resources: [room])
            let attempts: [(GroupSessionID, RefusalCode?)] = [
                (second, .resourceTaken), (session, nil),
            ]
            for (each, wanted) in attempts {
                let heard = await refusal {
                    _ = try await test.market.bookPlaces(
                        buyer.scheduler.request("bookPlaces"), in: each,
                        under: gathering.contract.id, [late, late])
                }
                #expect(heard == wanted)
            }
            let sheets = try await (
                gathering.session(session, for: buyer), gathering.session(second, for: buyer)
            )
            #expect(sheets.0["own"] == 4 && sheets.1["own"] == 1)
            #expect(try await Verification.run(on: test.reader) == [])
        }
    }

    @Test func theUnitsWeekHasItOnce() async throws {
        try await TestMarket.withMarket { test in
            let gathering = try await Gathering(test)
            let session = try await gathering.opened()
            let empty = try await taken(gathering)
            let calendar = try await test.market.calendar(
                gathering.seller.scheduler.request("getCalendar"),
                of: gathering.life.specialist, from: gathering.instant("2027-03-11", "00:00"),
                until: gathering.instant("2027-03-11", "23:00"))
            #expect(
                calendar.body["group_sessions"]?.elements?.map { $0["group_session"]?.text }
                    == [session.description])
            try await gathering.booked(3, in: session, under: gathering.contract)
            let full = try await taken(gathering)
            #expect(empty == full && full?.count == 1)
            #expect(full?[0]["state"] == "booked")
        }
    }

    private func taken(_ gathering: Gathering) async throws -> [JSON]? {
        try await gathering.test.market.unitCalendar(
            gathering.seller.scheduler.request("getUnitCalendar"), of: gathering.seller.unit,
            from: gathering.instant("2027-03-11", "00:00"),
            until: gathering.instant("2027-03-11", "23:00")
        ).body["specialists"]?[0]?["taken"]?.elements
    }
}

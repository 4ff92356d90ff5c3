import StrictJSON
import TestMarket
import TestServer
import Testing

/// Figures that no integer holds are an answer, not the end of the process.
@Suite(.sharedTrade) struct ExtremeValueTests {
    @Test(arguments: [
        "92233720368547758.07", "92233720368547758.08", "99999999999999999.99",
        "99999999999999999999.00",
    ])
    func amounts(_ amount: String) async throws {
        let trade = try Trade.shared
        let cancelled = try await trade.client.post(
            "/v1/bookings/\(trade.bookings.toCancel)/cancel", ["expected_fee": JSON(amount)],
            as: trade.buyer.scheduler)
        #expect([409, 422].contains(cancelled.status), "\(cancelled.summary)")
        let accepted = try await trade.client.post(
            "/v1/statements/\(trade.stated.statement)/accept", ["total": JSON(amount)],
            as: trade.buyer.finance)
        #expect([409, 422].contains(accepted.status), "\(accepted.summary)")
    }

    @Test(arguments: ["0.0001", "99999999.9999", "92233720368547.7580", "999999999999999.9999"])
    func prices(_ price: String) async throws {
        let trade = try Trade.shared
        var document = trade.world.document.members ?? [:]
        var service = document["services"]?[0]?.members ?? [:]
        service["price_per_minute"] = JSON(price)
        document["services"] = [.object(service)]
        document["worked_examples"] = []
        for path in ["/v1/contracts", "/v1/contract-checks"] {
            let answer = try await trade.client.post(
                path, .object(document), as: trade.seller.admin)
            #expect(answer.status < 500, "\(answer.summary)")
        }
        let alive = try await trade.client.get("/healthz")
        #expect(alive.status == 200)
    }

    @Test(arguments: [
        "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59-23:59",
        "0001-01-01T00:00:00+23:59", "0000-01-01T00:00:00Z",
    ])
    func instants(_ instant: String) async throws {
        let trade = try Trade.shared
        var wanted = try trade.world.wanted("2027-07-07").members ?? [:]
        wanted["starts"] = JSON(instant)
        let booked = try await trade.client.post(
            "/v1/bookings", .object(wanted), as: trade.buyer.scheduler)
        #expect((400...499).contains(booked.status), "\(booked.summary)")
        let text = instant.replacing("+", with: "%2B")
        let found = try await trade.client.get(
            "/v1/times?from=\(text)&until=9999-12-31T23:59:59Z&minutes=1440",
            as: trade.buyer.scheduler)
        #expect(found.status < 500, "\(found.summary)")
        let listed = try await trade.client.get(
            "/v1/bookings?from=0001-01-01T00:00:00Z&until=\(text)", as: trade.buyer.scheduler)
        #expect(listed.status < 500, "\(listed.summary)")
        let offered = try await trade.client.post(
            "/v1/bookings/\(trade.bookings.toAgree)/handshake/messages",
            World.proposal(starting: instant), as: trade.seller.scheduler)
        #expect(offered.status == 422, "\(offered.summary)")
    }

    @Test(arguments: ["0001-01-01", "9999-12-31", "1582-10-10"])
    func days(_ day: String) async throws {
        let trade = try Trade.shared
        var weekly = World.weekly(of: trade.unpublished).members ?? [:]
        weekly["pattern"] = [
            "kind": "weekly", "weekdays": ["monday", "sunday"], "starts_on": JSON(day),
            "until": "9999-12-31",
        ]
        let published = try await trade.client.post(
            "/v1/availability", .object(weekly), as: trade.seller.scheduler)
        #expect(published.status < 500, "\(published.summary)")
        weekly["pattern"] = ["kind": "once", "date": JSON(day)]
        let once = try await trade.client.post(
            "/v1/availability", .object(weekly), as: trade.seller.scheduler)
        #expect(once.status < 500, "\(once.summary)")
        let licence: JSON = [
            "authority": "Example authority", "number": "L-2", "valid_from": JSON(day),
            "valid_through": "9999-12-31",
        ]
        let added = try await trade.client.post(
            "/v1/specialists/\(trade.unpublished)/licences", licence, as: trade.seller.admin)
        #expect(added.status < 500, "\(added.summary)")
    }
}

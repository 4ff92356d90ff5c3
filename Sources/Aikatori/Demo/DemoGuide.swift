import Foundation
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// What the demo tells the person who started it: who is there, and what to try.
struct DemoGuide: Sendable {
    let market: Market
    let tokens: DemoTokens
    /// What the demo's clock shows.
    let now: Instant
    /// Where all tokens are kept.
    let tokensFile: URL

    /// With more organisations than these, only those of the commands below show their tokens.
    private static let mostWithTokens = 4
    private static let buyer = DemoOrganisation.northernCentre
    private static let seller = DemoOrganisation.hospital

    /// The guide as lines; `address` is where the server listens, such as `http://127.0.0.1:8080`.
    func lines(at address: String) async throws -> [String] {
        let shown = try Instant(secondsSince1970: now.secondsSince1970)
        var lines = [
            "",
            "The demo's clock shows \(shown.rfc3339). These organisations are made up; each has a "
                + "token for each role, and on the pages you may be any of their members:",
        ]
        let named = tokens.entries.count > Self.mostWithTokens ? [Self.buyer, Self.seller] : nil
        for entry in tokens.entries {
            let organisation = DemoOrganisation.all.first { $0.name == entry.name }
            lines += ["", "  \(entry.name) \(organisation?.part ?? "")"]
            if let named, !named.contains(where: { $0 == organisation }) { continue }
            lines.append("    \(entry.id)")
            for role in DemoTokens.order {
                let name = role.rawValue.padding(toLength: 10, withPad: " ", startingAt: 0)
                lines.append("    \(name)  \(entry.tokens[role]?.text ?? "")")
            }
        }
        if named != nil {
            lines += ["", "The tokens of the others are in \(tokensFile.path)."]
        }
        lines += ["", "Three commands to try:"]
        return try await lines + commands(at: address)
    }

    private func commands(at address: String) async throws -> [String] {
        let (buyer, seller) = (Self.buyer, Self.seller)
        let asBuyer = try tokens.token(of: buyer, .scheduler)
        let asSeller = try tokens.token(of: seller, .scheduler)
        let wish = try wish()
        let days = "from=\(wish.from.rfc3339)&until=\(wish.until.rfc3339)"
        let search = "\(address)/v1/times?\(days)&minutes=\(wish.minutes)&limit=5"
        return [
            "", "1. \(buyer.name) looks for time, and sees the price that its contract gives:", "",
            Self.curl(search, asBuyer),
            "", "2. It books the first time that is free now:", "",
            try await booking(wish, asBuyer, at: address),
            "", "3. \(seller.name) sees what is booked:", "",
            Self.curl("\(address)/v1/bookings?state=booked&from=\(wish.from.rfc3339)", asSeller),
            "",
        ]
    }

    /// A week from tomorrow on.
    private func wish() throws -> FoundTime.Wish {
        let day: Int64 = 86_400
        let midnight = (now.secondsSince1970 / day + 1) * day
        return try FoundTime.Wish(
            from: Instant(secondsSince1970: midnight),
            until: Instant(secondsSince1970: midnight + 7 * day), minutes: 45)
    }

    /// The command that books what is free at this moment.
    private func booking(
        _ wish: FoundTime.Wish, _ token: CredentialToken, at address: String
    ) async throws -> String {
        let request = Request(credential: CredentialDigest(of: token), operation: "findTimes")
        let found = try await market.findTimes(
            request, wish: wish, page: Page(after: nil, limit: 1))
        guard let time = found.body["items"]?[0], let starts = time["starts"]?.text else {
            return "(nothing is free in that week)"
        }
        let body: JSON = [
            "contract": JSON(time["contract"]?.text), "service": JSON(time["service"]?.text),
            "specialist": JSON(time["specialist"]?.text), "starts": JSON(starts),
            "minutes": JSON(wish.minutes), "patient_reference": "demo-patient-1",
        ]
        return Self.curl(
            "\(address)/v1/bookings", token,
            "-H 'Idempotency-Key: try-\(UInt32.random(in: .min ... .max))' "
                + "-H 'Content-Type: application/json' -d '\(body.compactText)'")
    }

    /// One line that a shell takes as it is: nothing in it has a quote or a backslash.
    private static func curl(
        _ url: String, _ token: CredentialToken, _ more: String = ""
    ) -> String {
        let end = more.isEmpty ? "" : " " + more
        return "curl -sS '\(url)' -H 'Authorization: Bearer \(token.text)'\(end)"
    }
}

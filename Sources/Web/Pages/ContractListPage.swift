import Contracts
import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// The organisation's contracts: how each stands, and what of it waits for somebody.
enum ContractListPage {
    static func show(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let names = try await ContractPages.organisationNames(visitor)
        let contracts = try await visitor.every {
            try await visitor.market.listContracts(
                visitor.asking("listContracts"), state: nil, page: $0)
        }
        let open = try await visitor.market.openVersions(visitor.asking("listContracts"))
        let firstDays = try await visitor.market.firstDays(visitor.asking("listContracts"))
        let closed = try await visitor.market.offersClosed(visitor.asking("listContracts"))
        let rows = try contracts.map { contract -> [String: Any] in
            let isSeller = contract["seller"]?.text == login.organisation.description
            let other = contract[isSeller ? "buyer" : "seller"]?.text ?? ""
            let id = try ContractID(typeID: contract["id"]?.text ?? "")
            let isToCome = firstDays[id].map { $0 > login.now } == true
            let isLive = contract["state"]?.text == "active" && !isToCome
            var row: [String: Any] = [
                "address": "/contracts/\(id)",
                "name": contract["title"]?.text ?? "",
                "side": visitor.say(isSeller ? "side_seller" : "side_buyer"),
                "counterparty": names[other] ?? "",
                "state": visitor.contractState(
                    contract, from: firstDays[id], offer: closed[id]),
            ]
            if isLive { row["is_live"] = true }
            let marks = marks(of: open.filter { $0.contract == id }, visitor)
            if !marks.isEmpty { row["marks"] = marks }
            if let ends = contract["notice"]?["ends_at"] {
                row["ends"] = [
                    "text": visitor.say(
                        "contracts_ends", try visitor.lastDay(before: ends, in: login.zone))
                ]
            }
            return row
        }
        var fields: [String: Any] = [:]
        if !rows.isEmpty { fields["contracts"] = ["rows": rows] }
        if login.roles.contains(.admin) { fields["may_write"] = true }
        return try visitor.page("contracts", title: visitor.say("contracts_title"), fields)
    }

    /// Each with where it is read.
    private static func marks(of open: [OpenVersion], _ visitor: Visitor) -> [[String: Any]] {
        open.map { version in
            [
                "target": "/contracts/\(version.contract)?version=\(version.number)",
                "text": visitor.say(
                    "life_beside_\(version.state.rawValue)", "\(version.number)"),
            ]
        }
    }
}

extension Visitor {
    /// How a contract stands: signed by both is in force only from its first day on, and an offer
    /// lies with nobody once it was withdrawn or declined.
    func contractState(
        _ contract: JSON, from firstDay: Instant?, offer: VersionLife.State?
    ) -> String {
        let state = contract["state"]?.text ?? ""
        if state == "offered", let offer, [.withdrawn, .declined].contains(offer) {
            return say("contract_\(offer.rawValue)")
        }
        if state == "active", let login, let firstDay, firstDay > login.now {
            return say("contract_to_come", language.date(login.zone.date(of: firstDay)))
        }
        return say("contract_\(state)")
    }
}

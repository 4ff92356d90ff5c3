import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON
import Visits

/// Blocks of time that are sold whole: the list of them, and one with what is placed in it.
enum BlockPages {
    /// So many of those that are over are shown.
    private static let mostOver = 20

    static func list(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let sold = try await SoldInContract.all(visitor)
        // of one contract, where it led here
        let contract = visitor.request.query.text("contract").flatMap {
            try? ContractID(typeID: $0)
        }
        let blocks = try await visitor.every {
            try await visitor.market.listBlocks(
                visitor.asking("listBlocks"), contract: contract, from: nil, until: nil, page: $0)
        }
        let rows = try blocks.map { try BlockRow($0, visitor, sold: sold) }
            .sorted { ($0.during.start, $0.id) < ($1.during.start, $1.id) }
        let ahead = rows.filter { $0.during.end > login.now }
        let over = rows.filter { $0.during.end <= login.now }.reversed().prefix(mostOver)
        var fields: [String: Any] = [:]
        if !ahead.isEmpty { fields["ahead"] = table(ahead, "blocks_ahead", visitor) }
        if !over.isEmpty { fields["over"] = table(Array(over), "blocks_over", visitor) }
        if rows.isEmpty { fields["none"] = true }
        if contract != nil { fields["of_contract"] = true }
        if login.roles.contains(.scheduler), visitor.standing?.sells == true {
            fields["may_make"] = true
        }
        if visitor.request.query.text("done") == "made" {
            fields["done"] = ["text": visitor.say("blocks_done_made")]
        }
        return try visitor.page("blocks", title: visitor.say("blocks_title"), fields)
    }

    private static func table(
        _ rows: [BlockRow], _ caption: String, _ visitor: Visitor
    ) -> [String: Any] {
        ["rows": rows.map(\.fields), "caption": visitor.say(caption)]
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(visitor, id(parameter), typed: visitor.request.query, FieldErrors(), 200)
    }

    /// `typed` is what the form of its places held, where it is shown again.
    static func show(
        _ visitor: Visitor, _ id: BlockID, typed: FormFields, _ errors: FieldErrors, _ status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let sheet = try await visitor.market.block(visitor.asking("getBlock"), id).body
        let sold = try await SoldInContract.all(visitor)
        let row = try BlockRow(sheet, visitor, sold: sold)
        var fields = row.fields
        fields["closes"] = visitor.language.moment(row.placeUntil, in: login.zone)
        fields["unused_rule"] = visitor.say(
            sheet["reoffer"] == .bool(true) ? "block_unused_reoffer" : "block_unused",
            visitor.percent(sheet["unused_fee_percent"]))
        let visits = try await visits(visitor, row, sold)
        fields["visits"] = visits
        let cost = try Money(decimal: sheet["unused_cost"]?.text ?? "")
        if row.state != "withdrawn", sheet["settled_at"] == .null {
            fields["cost"] = ["text": visitor.language.money(cost)]
        }
        if let charge = sheet["charge"]?.text,
            !login.roles.isDisjoint(with: [.finance, .admin, .auditor])
        {
            fields["charge"] = ["link": "/charges/\(charge)"]
        }
        if login.roles.contains(.scheduler) {
            let block = try row.block(sheet)
            if !row.isSeller, block.takesVisits(at: login.now) {
                fields["placing"] = try PlacingForm(
                    block, sold.first(contract: row.contract, service: row.service)
                ).fields(visitor, typed, errors)
                if sheet["unused"]?.elements?.isEmpty == false {
                    fields["give_back"] = [
                        "cost": visitor.language.money(cost), "expected_cost": cost.decimal,
                    ]
                }
            }
            if row.isSeller, row.state != "withdrawn", block.taken.isEmpty,
                login.now < row.during.start
            {
                fields["may_withdraw"] = true
            }
        }
        if !visits.isEmpty, login.now < row.during.end,
            !login.roles.isDisjoint(with: [.scheduler, .specialist])
        {
            fields["ready_form"] = HandshakeForms.checks(visitor, errors)
        }
        if let done = visitor.request.query.text("done"),
            ["placed", "given_back", "withdrawn", "ready"].contains(done)
        {
            let left = visitor.request.query.text("left").flatMap { Int64($0) }
            fields["done"] = [
                "text": left.map { visitor.say("block_ready_left", "\($0)") }
                    ?? visitor.say("block_done_\(done)")
            ]
        }
        return try visitor.page(
            "block", title: visitor.say("block_title"), fields, status: status, errors: errors)
    }

    /// The bookings that have a place in it, in order.
    private static func visits(
        _ visitor: Visitor, _ row: BlockRow, _ sold: [SoldInContract]
    ) async throws -> [[String: Any]] {
        let zone = try visitor.signedIn.zone
        return try await visitor.bookings(placedIn: "block", row.id, during: row.during)
            .map { try BookingRow($0, visitor, sold: sold) }
            .sorted { ($0.starts, $0.id) < ($1.starts, $1.id) }
            .map { visit in
                visit.fields.merging([
                    "moment": visitor.language.times(
                        try TimeSlot(start: visit.starts, end: visit.ends),
                        on: zone.date(of: visit.starts), in: zone)
                ]) { $1 }
            }
    }

    static func place(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        try visitor.require([.scheduler])
        let form = visitor.request.form
        let sheet = try await visitor.market.block(visitor.asking("getBlock"), id).body
        let sold = try await SoldInContract.all(visitor)
        let row = try BlockRow(sheet, visitor, sold: sold)
        let placing = PlacingForm(
            try row.block(sheet), sold.first(contract: row.contract, service: row.service))
        var errors = FieldErrors()
        let wanted = try placing.wanted(form, &errors)
        guard errors.isEmpty else { return try await show(visitor, id, typed: form, errors, 422) }
        do {
            _ = try await visitor.market.placeVisits(
                visitor.asking("placeVisits"), in: id, wanted.map(\.place))
            return .see("/blocks/\(id)?minutes=\(placing.minutes(form))&done=placed")
        } catch let refusal as Refusal where refusal.code == .placingRefused {
            let visits = refusal.figures["visits"]?.elements ?? []
            for (place, visit) in zip(wanted, visits) {
                guard let code = visit["refusal"]?["code"]?.text else { continue }
                errors.add(place.field, "refusal_\(code)")
            }
            return try await show(visitor, id, typed: form, errors, 409)
        }
    }

    static func giveBack(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        guard
            let cost = visitor.request.form.text("expected_cost")
                .flatMap({ try? Money(decimal: $0) })
        else { throw InvalidLink() }
        _ = try await visitor.market.giveBackBlock(
            visitor.asking("giveBackBlock"), id, expectedCost: cost)
        return .see("/blocks/\(id)?done=given_back")
    }

    static func ready(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        try visitor.require([.scheduler, .specialist])
        let checks = HandshakePages.checks(visitor.request.form)
        var errors = FieldErrors()
        guard checks.allPassed else {
            errors.add("checks", "error_checks")
            return try await show(visitor, id, typed: visitor.request.query, errors, 422)
        }
        let items =
            try await visitor.market.sayBlockReady(
                visitor.asking("sayBlockReady"), id, checks
            ).body["items"]?.elements ?? []
        let left = items.count { $0["refusal"] != .null }
        return .see("/blocks/\(id)?done=ready\(left > 0 ? "&left=\(left)" : "")")
    }

    static func withdraw(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        _ = try await visitor.market.withdrawBlock(visitor.asking("withdrawBlock"), id)
        return .see("/blocks/\(id)?done=withdrawn")
    }

    private static func id(_ parameter: String) throws(InvalidLink) -> BlockID {
        guard let id = try? BlockID(typeID: parameter) else { throw InvalidLink() }
        return id
    }
}

extension Visitor {
    /// Room and nurse of a visit that was placed in a block; nil where it was not.
    func blockPlace(of booking: JSON) async throws -> [String: Any]? {
        guard let id = try booking["block"]?.text.map({ try BlockID(typeID: $0) }) else {
            return nil
        }
        return try await BlockRow(market.block(asking("getBlock"), id).body, self, sold: []).fields
    }
}

/// A block as a line of a list, and as the head of its own page.
struct BlockRow {
    let id: String
    let contract: String
    let service: String
    let state: String
    let during: TimeSlot
    let placeUntil: Instant
    let isSeller: Bool
    let fields: [String: Any]

    init(_ block: JSON, _ visitor: Visitor, sold: [SoldInContract]) throws {
        let login = try visitor.signedIn
        let language = visitor.language
        id = block["id"]?.text ?? ""
        contract = block["contract"]?.text ?? ""
        service = block["service"]?.text ?? ""
        state = block["state"]?.text ?? ""
        during = try TimeSlot(
            start: Instant(rfc3339: block["from"]?.text ?? ""),
            end: Instant(rfc3339: block["until"]?.text ?? ""))
        placeUntil = try Instant(rfc3339: block["place_until"]?.text ?? "")
        isSeller = block["seller"]?.text == login.organisation.description
        let sold = sold.first(contract: contract, service: service)
        // what is still open is not, once its time has come
        let shown = state == "open" && placeUntil <= login.now ? "closed" : state
        var fields: [String: Any] = [
            "address": "/blocks/\(id)",
            "moment": language.span(during.start, during.end, in: login.zone),
            "service": sold?.name ?? service,
            "specialist": block["specialist_label"]?.text ?? "",
            "counterparty": (isSeller ? sold?.buyerName : sold?.sellerName) ?? "",
            "state": visitor.say("block_state_\(shown)"),
            "is_live": shown == "open",
            "placed": language.number("\(block["placed"]?.integer ?? 0)"),
            "free": language.length(seconds: (block["free_minutes"]?.integer ?? 0) * 60),
            "nurse": visitor.say(
                block["nurse"] == .bool(true) ? "block_nurse_yes" : "block_nurse_no"),
        ]
        if let room = block["room"]?.text { fields["room"] = ["text": room] }
        self.fields = fields
    }

    /// As the rules see it.
    func block(_ sheet: JSON) throws -> Block {
        let taken = try (sheet["visits"]?.elements ?? []).map { visit in
            try TimeSlot(
                start: Instant(rfc3339: visit["starts"]?.text ?? ""),
                end: Instant(rfc3339: visit["ends"]?.text ?? ""))
        }
        return Block(
            during: during, placeUntil: placeUntil, state: .init(rawValue: state) ?? .closed,
            taken: taken)
    }
}

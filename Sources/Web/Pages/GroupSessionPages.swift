import Marketplace
import MoneyAndTime
import Organisations
import Scheduling
import Storage
import StrictJSON

/// Sessions in which several buyers have places: the list of them, and one with its places.
enum GroupSessionPages {
    /// So many of those that are over are shown.
    private static let mostOver = 20

    static func list(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let sold = try await SoldInContract.all(visitor)
        let sessions = try await visitor.every {
            try await visitor.market.listGroupSessions(
                visitor.asking("listGroupSessions"), contract: nil, from: nil, until: nil,
                page: $0)
        }
        let rows = try sessions.map { try GroupSessionRow($0, visitor, sold: sold) }
            .sorted { ($0.session.during.start, $0.id) < ($1.session.during.start, $1.id) }
        let ahead = rows.filter { $0.session.during.end > login.now }
        let over = rows.filter { $0.session.during.end <= login.now }.reversed().prefix(mostOver)
        var fields: [String: Any] = [:]
        if !ahead.isEmpty { fields["ahead"] = table(ahead, "sessions_ahead", visitor) }
        if !over.isEmpty { fields["over"] = table(Array(over), "sessions_over", visitor) }
        if rows.isEmpty { fields["none"] = true }
        if login.roles.contains(.scheduler), visitor.standing?.sells == true {
            fields["may_open"] = true
        }
        return try visitor.page("sessions", title: visitor.say("sessions_title"), fields)
    }

    private static func table(
        _ rows: [GroupSessionRow], _ caption: String, _ visitor: Visitor
    ) -> [String: Any] {
        ["rows": rows.map(\.fields), "caption": visitor.say(caption)]
    }

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        try await show(visitor, id(parameter), FieldErrors(), 200)
    }

    static func show(
        _ visitor: Visitor, _ id: GroupSessionID, _ errors: FieldErrors, _ status: Int
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let sheet = try await visitor.market.groupSession(
            visitor.asking("getGroupSession"), id
        ).body
        let sold = try await SoldInContract.all(visitor)
        let row = try GroupSessionRow(sheet, visitor, sold: sold)
        var fields = row.fields
        fields["closes"] = visitor.language.moment(row.session.bookUntil, in: login.zone)
        let bookings = try await visitor.bookings(
            placedIn: "group_session", row.id, during: row.session.during)
        fields["bookings"] = try bookings.map { try BookingRow($0, visitor, sold: sold).fields }
        if row.isSeller { fields["buyers"] = buyers(bookings, visitor, sold) }
        if login.roles.contains(.scheduler) {
            let canBook = row.session.isOpen(at: login.now) && row.session.left > 0
            let chosen = visitor.request.form.text("contract")
            if canBook,
                let offer = row.offers.first(where: { $0.contract == chosen }) ?? row.offers.first
            {
                let places = GroupPlacesForm(
                    left: row.session.left,
                    sold.first(contract: offer.contract, service: row.service))
                var form = places.fields(visitor, visitor.request.form, errors)
                form["contract"] = contracts(row, visitor, sold)
                fields["booking"] = form
            }
            if row.session.isOpen(at: login.now), row.session.left == 0 {
                fields["waiting"] = SessionWaiting.form(row, visitor, sold, errors)
            }
            if let cost = try sheet["withdrawal_cost"]?.text.map({ try Money(decimal: $0) }) {
                let all = try await OwnSpecialist.all(visitor)
                let holder = all.first { $0.id.description == sheet["specialist"]?.text }
                let others = all.filter {
                    $0.isActive && $0.id != holder?.id && $0.specialty == holder?.specialty
                }
                if !others.isEmpty {
                    fields["substituting"] = [
                        "specialist": Choice.field(
                            "specialist", visitor.say("specialist"), others.choices,
                            selected: visitor.request.form.text("specialist"))
                    ]
                }
                fields["withdrawing"] = [
                    "cost": visitor.language.money(cost), "expected_cost": cost.decimal,
                    "reason": TypedField(
                        id: "reason", label: "cancel_reason", kind: .text,
                        value: visitor.request.form.text("reason") ?? "",
                        hint: "cancel_reason_hint"
                    ).fields(visitor, errors),
                ]
            }
        }
        if let done = visitor.request.query.text("done"),
            ["opened", "booked", "withdrawn", "substituted", "waiting"].contains(done)
        {
            fields["done"] = ["text": visitor.say("session_done_\(done)")]
        }
        return try visitor.page(
            "session", title: visitor.say("session_title"), fields, status: status,
            errors: errors)
    }

    /// By which of its contracts the buyer books: asked where there are several.
    static func contracts(
        _ row: GroupSessionRow, _ visitor: Visitor, _ sold: [SoldInContract]
    ) -> [String: Any] {
        guard row.offers.count > 1 else {
            return ["only": ["value": row.offers.first?.contract ?? ""]]
        }
        let choices = row.offers.map { offer in
            Choice(
                offer.contract,
                (sold.first(contract: offer.contract, service: row.service)?.sellerName ?? "")
                    + ", " + visitor.language.money(offer.price))
        }
        return [
            "several": Choice.field(
                "contract", visitor.say("session_contract"), choices,
                selected: visitor.request.form.text("contract"))
        ]
    }

    /// Which buyer has how many places, as the seller sees it.
    private static func buyers(
        _ bookings: [JSON], _ visitor: Visitor, _ sold: [SoldInContract]
    ) -> [[String: Any]] {
        var places: [String: Int] = [:]
        for booking in bookings {
            let sold = sold.first(
                contract: booking["contract"]?.text, service: booking["service"]?.text ?? "")
            places[sold?.buyerName ?? "", default: 0] += 1
        }
        return places.sorted { $0.key < $1.key }.map {
            ["name": $0.key, "places": visitor.language.number("\($0.value)")]
        }
    }

    static func book(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        try visitor.require([.scheduler])
        let form = visitor.request.form
        let sheet = try await visitor.market.groupSession(
            visitor.asking("getGroupSession"), id
        ).body
        let row = try GroupSessionRow(sheet, visitor, sold: [])
        guard let contract = try form.text("contract").map({ try ContractID(typeID: $0) }) else {
            throw InvalidLink()
        }
        let places = GroupPlacesForm(
            left: row.session.left,
            try await SoldInContract.all(visitor).first(
                contract: contract.description, service: row.service))
        var errors = FieldErrors()
        let patients = places.patients(form, &errors)
        guard errors.isEmpty else { return try await show(visitor, id, errors, 422) }
        do {
            _ = try await visitor.market.bookPlaces(
                visitor.asking("bookPlaces"), in: id, under: contract, patients)
            return .see("/sessions/\(id)?done=booked")
        } catch let refusal as Refusal
            where ![.notFound, .roleNotAllowed].contains(refusal.code)
        {
            errors.add(nil, visitor.reason(refusal))
            return try await show(visitor, id, errors, 409)
        }
    }

    static func withdraw(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        guard
            let cost = visitor.request.form.text("expected_cost")
                .flatMap({ try? Money(decimal: $0) })
        else { throw InvalidLink() }
        var errors = FieldErrors()
        let reason = errors.words(
            "reason", visitor.request.form.text("reason"), max: 500,
            tooLong: "error_reason_length")
        guard errors.isEmpty else { return try await show(visitor, id, errors, 422) }
        do {
            _ = try await visitor.market.withdrawGroupSession(
                visitor.asking("withdrawGroupSession"), id, expectedCost: cost, reason: reason)
            return .see("/sessions/\(id)?done=withdrawn")
        } catch let refusal as Refusal where refusal.code == .cancellationCostDiffers {
            errors.add(nil, visitor.reason(refusal))
            return try await show(visitor, id, errors, 409)
        }
    }

    static func substitute(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try id(parameter)
        try visitor.require([.scheduler])
        guard
            let colleague = visitor.request.form.text("specialist")
                .flatMap({ try? SpecialistID(typeID: $0) })
        else { throw InvalidLink() }
        do {
            _ = try await visitor.market.substituteGroupSession(
                visitor.asking("substituteGroupSession"), id, by: colleague)
            return .see("/sessions/\(id)?done=substituted")
        } catch let refusal as Refusal
            where ![.notFound, .roleNotAllowed].contains(refusal.code)
        {
            var errors = FieldErrors()
            errors.add(nil, visitor.reason(refusal))
            return try await show(visitor, id, errors, 409)
        }
    }

    static func id(_ parameter: String) throws(InvalidLink) -> GroupSessionID {
        guard let id = try? GroupSessionID(typeID: parameter) else { throw InvalidLink() }
        return id
    }
}

/// A session as a line of a list, and as the head of its own page.
struct GroupSessionRow {
    /// One of the visitor's contracts that sells places of it.
    struct Offer {
        let contract: String
        let price: Money
        /// What one place more costs, as things are.
        let share: Money
    }

    let id: String
    let service: String
    let session: GroupSession
    let isSeller: Bool
    let offers: [Offer]
    let fields: [String: Any]

    init(_ sheet: JSON, _ visitor: Visitor, sold: [SoldInContract]) throws {
        let login = try visitor.signedIn
        let language = visitor.language
        id = sheet["id"]?.text ?? ""
        service = sheet["service"]?.text ?? ""
        session = GroupSession(
            during: try TimeSlot(
                start: Instant(rfc3339: sheet["starts"]?.text ?? ""),
                end: Instant(rfc3339: sheet["ends"]?.text ?? "")),
            places: sheet["places"]?.integer ?? 0, taken: sheet["taken"]?.integer ?? 0,
            bookUntil: try Instant(rfc3339: sheet["book_until"]?.text ?? ""),
            state: GroupSession.State(rawValue: sheet["state"]?.text ?? "") ?? .withdrawn)
        isSeller = sheet["seller"]?.text == login.organisation.description
        offers = try (sheet["offers"]?.elements ?? []).map { offer in
            Offer(
                contract: offer["contract"]?.text ?? "",
                price: try Money(decimal: offer["price"]?.text ?? ""),
                share: try Money(decimal: offer["share"]?.text ?? ""))
        }
        let (code, seller) = (service, sheet["seller"]?.text)
        let sold = sold.first { $0.code == code && $0.seller == seller }
        let isOpen = session.isOpen(at: login.now)
        var fields: [String: Any] = [
            "address": "/sessions/\(id)",
            "moment": language.span(session.during.start, session.during.end, in: login.zone),
            "service": sold?.name ?? service,
            "specialist": sheet["specialist_label"]?.text ?? "",
            "state": visitor.say(
                session.state == .withdrawn
                    ? "session_state_withdrawn"
                    : !isOpen
                        ? "session_state_closed"
                        : session.left == 0 ? "session_state_full" : "session_state_open"),
            "is_live": isOpen && session.left > 0,
            "taken": visitor.say(
                "session_taken", language.number("\(session.taken)"),
                language.number("\(session.places)")),
            "own": language.number("\(sheet["own"]?.integer ?? 0)"),
        ]
        if !isSeller { fields["seller"] = ["text": sold?.sellerName ?? ""] }
        if let offer = offers.first, isOpen {
            fields["price"] = [
                "share": language.money(offer.share), "most": language.money(offer.price),
            ]
        }
        self.fields = fields
    }
}

extension Visitor {
    /// Of a visit in a session with others: whether the visitor's side comes to several of them at
    /// once, and how.
    func sessionPlaces(of booking: JSON) async throws -> [String: Any]? {
        guard let id = try booking["group_session"]?.text.map({ try GroupSessionID(typeID: $0) })
        else { return nil }
        let sheet = try await market.groupSession(asking("getGroupSession"), id).body
        let row = try GroupSessionRow(sheet, self, sold: [])
        var fields = row.fields
        if row.isSeller {
            fields["for_all"] = true
        } else if let own = sheet["own"]?.integer, own > 1 {
            fields["several"] = ["button": say("session_join_all", language.number("\(own)"))]
        }
        return fields
    }
}

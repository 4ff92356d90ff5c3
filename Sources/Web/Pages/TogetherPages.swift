import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Two specialists who begin at the same instant: finding when, and booking both.
enum TogetherPages {
    private static let numbers = [1, 2]
    private static let most = 20
    /// The fields of a link or form that say what was chosen.
    private static let names = ["first", "second", "third", "fourth"]

    static func show(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        return visitor.request.query.text(names[0]) == nil
            ? try await find(visitor) : try await confirm(visitor, visitor.request.query)
    }

    // MARK: Finding

    private static func find(_ visitor: Visitor) async throws -> PageReply {
        let login = try visitor.signedIn
        let query = visitor.request.query
        let sold = try await SoldInContract.bought(visitor)
        let today = login.zone.date(of: login.now)
        var errors = FieldErrors()
        let from =
            errors.read("from", "error_date") {
                try query.text("from").map { try CalendarDate(iso: $0) } ?? today
            } ?? today
        let isAsked = query.text("service_1") != nil
        let wishes = isAsked ? try wishes(visitor, sold, from: from, &errors) : []
        var fields: [String: Any] = [
            "visits": numbers.map { question($0, visitor, sold, errors) },
            "from": TypedField(
                id: "from", label: "find_from", kind: .date, value: query.text("from") ?? today.iso
            ).fields(visitor, errors),
        ]
        if sold.isEmpty { fields["no_contract"] = true }
        if isAsked, errors.isEmpty {
            let found = try await visitor.market.findTimesTogether(
                visitor.asking("findTimesTogether"), wishes: wishes,
                page: Page(after: nil, limit: most))
            let times = try (found.body["items"]?.elements ?? []).map {
                try line($0, visitor, sold)
            }
            fields["result"] =
                times.isEmpty ? ["none": true] as [String: Any] : ["times": times]
        }
        return try visitor.page(
            "together", title: visitor.say("together_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    private static func wishes(
        _ visitor: Visitor, _ sold: [SoldInContract], from: CalendarDate,
        _ errors: inout FieldErrors
    ) throws -> [FoundTime.Wish] {
        let (login, query) = (try visitor.signedIn, visitor.request.query)
        let midnight = try TimeOfDay("00:00")
        var wishes: [FoundTime.Wish] = []
        for number in numbers {
            let service = sold.first { $0.choice == query.text("service_\(number)") }
            if service == nil { errors.add("service_\(number)", "error_service") }
            let minutes = query.text("minutes_\(number)").flatMap { Int64($0) }
            guard let service else { continue }
            guard let minutes, service.lengths.contains(minutes) else {
                errors.add("minutes_\(number)", "error_length")
                continue
            }
            var wish = FoundTime.Wish(
                from: login.zone.instant(from, midnight),
                until: login.zone.instant(try from.adding(days: 14), midnight), minutes: minutes)
            wish.contract = try ContractID(typeID: service.contract)
            wish.service = service.code
            wishes.append(wish)
        }
        return wishes
    }

    private static func question(
        _ number: Int, _ visitor: Visitor, _ sold: [SoldInContract], _ errors: FieldErrors
    ) -> [String: Any] {
        let query = visitor.request.query
        let lengths = Set(sold.flatMap(\.lengths)).sorted()
        func choice(_ id: String, _ label: String, _ choices: [Choice]) -> [String: Any] {
            Choice.field(
                id, visitor.say(label), choices, selected: query.text(id),
                error: errors.message(of: id).map { visitor.say($0) })
        }
        return [
            "title": visitor.say("together_visit", "\(number)"),
            "service": choice(
                "service_\(number)", "find_service",
                sold.map { Choice($0.choice, "\($0.name), \($0.sellerName)") }),
            "minutes": choice(
                "minutes_\(number)", "find_minutes",
                lengths.map { Choice("\($0)", visitor.language.length(seconds: $0 * 60)) }),
        ]
    }

    private static func line(
        _ item: JSON, _ visitor: Visitor, _ sold: [SoldInContract]
    ) throws -> [String: Any] {
        let visits = item["visits"]?.elements ?? []
        let starts = item["starts"]?.text ?? ""
        let chosen = zip(names, visits).map { name, visit in
            let parts = ["contract", "service", "specialist"].map { visit[$0]?.text ?? "" }
            let text = (parts + ["\(visit["minutes"]?.integer ?? 0)"]).joined(separator: " ")
            return "\(name)=\(text.inQuery)"
        }
        let total = item["total"]?.text.flatMap { try? Money(decimal: $0) } ?? .zero
        return [
            "address": "/together?starts=\(starts.inQuery)&" + chosen.joined(separator: "&"),
            "moment": visitor.language.moment(
                try Instant(rfc3339: starts), in: try visitor.signedIn.zone),
            "visits": try visits.map { try described($0, visitor, sold) },
            "total": visitor.language.money(total),
        ]
    }

    private static func described(
        _ visit: JSON, _ visitor: Visitor, _ sold: [SoldInContract]
    ) throws -> [String: Any] {
        let service = sold.first(contract: visit["contract"]?.text, service: visit["service"]?.text)
        let price = visit["price"]?.text.flatMap { try? Money(decimal: $0) } ?? .zero
        return [
            "specialist": visit["specialist_label"]?.text ?? "",
            "seller": visit["seller_name"]?.text ?? "",
            "service": service?.name ?? visit["service"]?.text ?? "",
            "length": visitor.language.length(seconds: (visit["minutes"]?.integer ?? 0) * 60),
            "price": visitor.language.money(price),
        ]
    }

    // MARK: Booking

    private struct Chosen {
        let starts: Instant
        let visits: [ChosenVisit]

        init(_ fields: FormFields) throws(InvalidLink) {
            guard let text = fields.text("starts"), let starts = try? Instant(rfc3339: text) else {
                throw InvalidLink()
            }
            self.starts = starts
            var visits: [ChosenVisit] = []
            for name in TogetherPages.names {
                if let text = fields.text(name) { visits.append(try ChosenVisit(text)) }
            }
            guard (2...Market.mostTogether).contains(visits.count) else { throw InvalidLink() }
            self.visits = visits
        }
    }

    private struct ChosenVisit {
        let text: String
        let contract: ContractID
        let service: String
        let specialist: SpecialistID
        let minutes: Int64

        init(_ text: String) throws(InvalidLink) {
            let parts = text.split(separator: " ").map(String.init)
            guard parts.count == 4, let contract = try? ContractID(typeID: parts[0]),
                let specialist = try? SpecialistID(typeID: parts[2]),
                let minutes = Int64(parts[3]), (1...1_440).contains(minutes)
            else { throw InvalidLink() }
            self.text = text
            (self.contract, service, self.specialist) = (contract, parts[1], specialist)
            self.minutes = minutes
        }

        func wish(_ starts: Instant) throws -> FoundTime.Wish {
            var wish = FoundTime.Wish(
                from: starts, until: try starts.adding(seconds: 1), minutes: minutes)
            (wish.contract, wish.service, wish.specialist) = (contract, service, specialist)
            return wish
        }
    }

    private static func confirm(
        _ visitor: Visitor, _ fields: FormFields, _ errors: FieldErrors = FieldErrors(),
        status: Int = 200
    ) async throws -> PageReply {
        let chosen = try Chosen(fields)
        let found = try await visitor.market.findTimesTogether(
            visitor.asking("findTimesTogether"),
            wishes: try chosen.visits.map { try $0.wish(chosen.starts) },
            page: Page(after: nil, limit: 1))
        guard let item = found.body["items"]?.elements?.first else {
            return try taken(visitor)
        }
        let sold = try await SoldInContract.bought(visitor)
        var page = try line(item, visitor, sold)
        page["hidden"] =
            [["name": "starts", "value": chosen.starts.rfc3339]]
            + zip(names, chosen.visits).map { ["name": $0, "value": $1.text] }
        let asking = chosen.visits.compactMap { visit in
            sold.first(contract: visit.contract.description, service: visit.service)
        }
        // one form for all: the one that asks for most shows its fields
        let most = asking.max { $0.required.count < $1.required.count }
        page["references"] = HandOverForm.fields(visitor, fields, most, errors)
        page["booked_for"] =
            try await BookedFor(visitor).fields(visitor, fields, errors)
            + ResourceChoice(visitor).fields(visitor, fields, errors)
        return try visitor.page(
            "together_book", title: visitor.say("together_title"), page, status: status,
            errors: errors)
    }

    static func book(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let form = visitor.request.form
        let chosen = try Chosen(form)
        var errors = FieldErrors()
        let handOver = HandOverForm(form, &errors).handOver
        guard errors.isEmpty else {
            return try await confirm(visitor, form, errors, status: 422)
        }
        do {
            let made = try await visitor.market.bookTogether(
                visitor.asking("bookTogether"), at: chosen.starts,
                chosen.visits.map { visit in
                    .init(
                        contract: visit.contract, service: visit.service,
                        specialist: visit.specialist, starts: chosen.starts,
                        minutes: visit.minutes, hold: false, handOver: handOver)
                })
            return .see("/bookings?series=\(made.body["series"]?.text ?? "")&done=booked")
        } catch let refusal as Refusal where refusal.code == .handOverMissing {
            for name in HandOverForm.missing(refusal) { errors.add(name, "error_hand_over") }
            return try await confirm(visitor, form, errors, status: 422)
        } catch let refusal as Refusal where refusal.code == .seriesRefused {
            return try taken(visitor)
        }
    }

    private static func taken(_ visitor: Visitor) throws -> PageReply {
        try visitor.page(
            "refused", title: visitor.say("refused_title"),
            [
                "reason": visitor.say("together_taken"),
                "thing": ["address": "/together", "text": visitor.say("together_title")],
            ], status: 409)
    }
}

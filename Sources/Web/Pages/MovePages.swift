import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Moving a booking: free times of the same service and contract, of the same specialist or a
/// colleague; then the old time beside the new one, and the button.
enum MovePages {
    /// So many times at once: a page that one can look over.
    private static let most = 60

    static func show(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        try visitor.require([.scheduler])
        let booking = try await visitor.market.booking(visitor.asking("getBooking"), id).body
        guard visitor.request.query.text("starts") == nil else {
            return try await confirm(visitor, id, booking, visitor.request.query)
        }
        let login = try visitor.signedIn
        let row = try BookingRow(booking, visitor, sold: try await SoldInContract.all(visitor))
        let today = login.zone.date(of: login.now)
        var errors = FieldErrors()
        let first = errors.read("from", "error_date") {
            try visitor.request.query.text("from").map { try CalendarDate(iso: $0) }
                ?? max(today, login.zone.date(of: row.starts))
        }
        var fields = try head(row, booking, visitor)
        if let fee = try await cost(visitor, id) {
            fields["costs"] = ["fee": visitor.language.money(fee)]
            return try visitor.page("move", title: visitor.say("move_title"), fields)
        }
        fields["from"] = TypedField(
            id: "from", label: "find_from", kind: .date,
            value: visitor.request.query.text("from") ?? first?.iso ?? today.iso
        ).fields(visitor, errors)
        if let first {
            let midnight = try TimeOfDay("00:00")
            fields["result"] = result(
                try await times(
                    visitor, booking, row,
                    from: login.zone.instant(first, midnight),
                    until: login.zone.instant(first.adding(days: 14), midnight)),
                visitor, zone: login.zone, booking: id)
        }
        return try visitor.page(
            "move", title: visitor.say("move_title"), fields,
            status: errors.isEmpty ? 200 : 422, errors: errors)
    }

    /// What cancelling would cost now; nil when nothing, so that the booking may move.
    private static func cost(_ visitor: Visitor, _ id: BookingID) async throws -> Money? {
        let cost = try await visitor.market.cancellationCost(
            visitor.asking("getCancellationCost"), id
        ).body
        let fee = try Money(decimal: cost["fee"]?.text ?? "")
        return fee == .zero ? nil : fee
    }

    /// Free times under the booking's own contract and version; those of its specialist first.
    private static func times(
        _ visitor: Visitor, _ booking: JSON, _ row: BookingRow, from: Instant, until: Instant
    ) async throws -> [JSON] {
        var wish = FoundTime.Wish(
            from: from, until: until, minutes: try row.ends.seconds(since: row.starts) / 60)
        wish.service = row.service
        wish.contract = booking["contract"]?.text.flatMap { try? ContractID(typeID: $0) }
        var found: [JSON] = []
        let own = booking["specialist"]?.text.flatMap { try? SpecialistID(typeID: $0) }
        for specialist in [own, nil] {
            wish.specialist = specialist
            let page = try await visitor.market.findTimes(
                visitor.asking("findTimes"), wish: wish, page: Page(after: nil, limit: most))
            found += (page.body["items"]?.elements ?? []).filter { item in
                item["contract"] == booking["contract"] && item["version"] == booking["version"]
                    && (specialist != nil || item["specialist"] != booking["specialist"])
            }
        }
        return found
    }

    private static func result(
        _ items: [JSON], _ visitor: Visitor, zone: WallClock, booking: BookingID
    ) -> [String: Any] {
        guard !items.isEmpty else { return ["none": true] }
        var offers: [(specialist: String, days: [(date: String, times: [[String: Any]])])] = []
        for item in items {
            let line = FoundLine(item, visitor, zone: zone)
            let specialist = item["specialist_label"]?.text ?? ""
            if offers.last?.specialist != specialist { offers.append((specialist, [])) }
            let last = offers.count - 1
            if offers[last].days.last?.date != line.date {
                offers[last].days.append((line.date, []))
            }
            var time = line.fields
            time["address"] =
                "/bookings/\(booking)/move?starts=\((item["starts"]?.text ?? "").inQuery)"
                + "&specialist=\((item["specialist"]?.text ?? "").inQuery)"
            offers[last].days[offers[last].days.count - 1].times.append(time)
        }
        return [
            "offers": offers.map { offer -> [String: Any] in
                [
                    "specialist": offer.specialist,
                    "days": offer.days.map { ["date": $0.date, "times": $0.times] },
                ]
            }
        ]
    }

    private static func head(
        _ row: BookingRow, _ booking: JSON, _ visitor: Visitor
    ) throws -> [String: Any] {
        row.fields.merging(["revision": "\(booking["revision"]?.integer ?? 0)"]) { $1 }
    }

    // MARK: - The old time and the new one

    private struct Chosen {
        let starts: Instant
        let specialist: SpecialistID

        init(_ fields: FormFields) throws(InvalidLink) {
            guard let starts = fields.text("starts"), let specialist = fields.text("specialist"),
                let instant = try? Instant(rfc3339: starts),
                let id = try? SpecialistID(typeID: specialist)
            else { throw InvalidLink() }
            (self.starts, self.specialist) = (instant, id)
        }
    }

    private static func confirm(
        _ visitor: Visitor, _ id: BookingID, _ booking: JSON, _ fields: FormFields
    ) async throws -> PageReply {
        let login = try visitor.signedIn
        let chosen = try Chosen(fields)
        let row = try BookingRow(booking, visitor, sold: try await SoldInContract.all(visitor))
        var wish = FoundTime.Wish(
            from: chosen.starts, until: try chosen.starts.adding(seconds: 1),
            minutes: try row.ends.seconds(since: row.starts) / 60)
        wish.service = row.service
        wish.specialist = chosen.specialist
        let found = try await visitor.market.findTimes(
            visitor.asking("findTimes"), wish: wish, page: Page(after: nil, limit: 50))
        let item = found.body["items"]?.elements?.first {
            $0["contract"] == booking["contract"] && $0["version"] == booking["version"]
        }
        guard let item else { return try refused(visitor, id, visitor.say("refusal_taken")) }
        let time = FoundLine(item, visitor, zone: login.zone).fields
        var all = try head(row, booking, visitor)
        all["chosen"] = [
            "new_moment": time["moment"] ?? "", "new_specialist": time["specialist"] ?? "",
            "new_price": time["price"] ?? "", "starts": chosen.starts.rfc3339,
            "specialist_id": chosen.specialist.description,
        ]
        return try visitor.page("move", title: visitor.say("move_title"), all)
    }

    static func move(_ visitor: Visitor, _ parameter: String) async throws -> PageReply {
        let id = try BookingPages.id(parameter)
        let form = visitor.request.form
        let chosen = try Chosen(form)
        guard let revision = form.text("revision").flatMap({ Int64($0) }) else {
            throw InvalidLink()
        }
        do {
            _ = try await visitor.market.moveBooking(
                visitor.asking("moveBooking"), id, revision: revision,
                to: .init(starts: chosen.starts, specialist: chosen.specialist))
            return .see("/bookings/\(id)?done=moved")
        } catch let refusal as Refusal
            where refusal.code != .roleNotAllowed && refusal.code != .notFound
        {
            return try refused(visitor, id, visitor.reason(refusal))
        }
    }

    private static func refused(
        _ visitor: Visitor, _ id: BookingID, _ reason: String
    ) throws -> PageReply {
        try visitor.page(
            "refused", title: visitor.say("refused_title"),
            [
                "reason": reason,
                "thing": [
                    "address": "/bookings/\(id)/move", "text": visitor.say("move_another"),
                ],
            ], status: 409)
    }
}

import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON
import Visits

/// The list of visits whose minutes wait for one's own word: many are attested with one button,
/// those of a block as one list. Whoever contests one does so on its own page.
enum MinutesPages {
    /// So many visits are attested at once.
    private static let most = 100

    static func list(_ visitor: Visitor) async throws -> PageReply {
        try await show(visitor, refused: [])
    }

    /// Why the word on a visit was refused.
    private struct RefusedWord {
        let booking: String
        let reason: String
    }

    private static func show(_ visitor: Visitor, refused: [RefusedWord]) async throws -> PageReply {
        try visitor.require([.scheduler, .specialist])
        let sold = try await SoldInContract.all(visitor)
        let items = try await waiting(visitor)
        var errors = FieldErrors()
        let known = Set(items.map(\.id))
        for word in refused {
            errors.add(known.contains(word.booking) ? word.booking : nil, word.reason)
        }
        var blocks: [String] = []
        for item in items {
            if let block = item.block, !blocks.contains(block) { blocks.append(block) }
        }
        let groups = try ([nil] + blocks.map(Optional.some)).flatMap { block in
            let own = items.filter { $0.block == block }
            return try stride(from: 0, to: own.count, by: most).map { first in
                try group(Array(own[first...].prefix(most)), of: block, visitor, sold)
            }
        }
        var fields: [String: Any] = ["groups": groups]
        if items.isEmpty { fields["has_none"] = true }
        if try visitor.signedIn.roles.contains(.scheduler) { fields["may_import"] = true }
        if let done = visitor.request.query.text("done").flatMap({ Int64($0) }), done > 0 {
            let count = visitor.language.number("\(done)")
            fields["done"] = ["text": visitor.say("minutes_list_done", count)]
        }
        return try visitor.page(
            "minutes", title: visitor.say("minutes_list_title"), fields,
            status: errors.isEmpty ? 200 : 409, errors: errors)
    }

    /// The visits of a block, or those of none, with a button for all of them.
    private static func group(
        _ items: [Item], of block: String?, _ visitor: Visitor, _ sold: [SoldInContract]
    ) throws -> [String: Any] {
        var fields: [String: Any] = [
            "visits": try items.map { try line($0, visitor, sold) },
            "heading": visitor.say(
                block == nil ? "minutes_list_visits" : "minutes_list_block",
                visitor.language.number("\(items.count)")),
            "button": visitor.say(
                block == nil ? "minutes_list_button" : "minutes_list_block_button"),
        ]
        if let block { fields["block"] = ["link": "/blocks/\(block)"] }
        return fields
    }

    /// A visit of the list.
    private struct Item {
        let booking: JSON
        let visit: JSON

        var id: String { booking["id"]?.text ?? "" }
        var block: String? { booking["block"]?.text }
    }

    /// Those that are the visitor's own to look after.
    private static func waiting(_ visitor: Visitor) async throws -> [Item] {
        let login = try visitor.signedIn
        var items: [Item] = []
        var after: OpenVisit.Place?
        repeat {
            let page = try await visitor.market.listMinutes(
                visitor.asking("listMinutes"), page: Page(after: after, limit: 200)
            ).body
            for item in page["items"]?.elements ?? [] {
                guard let booking = item["booking"], login.isOwn(booking) else { continue }
                items.append(Item(booking: booking, visit: item["visit"] ?? .null))
            }
            after = try page["next"]?.text.map(OpenVisit.Place.init(cursor:))
        } while after != nil
        return items
    }

    private static func line(
        _ item: Item, _ visitor: Visitor, _ sold: [SoldInContract]
    ) throws -> [String: Any] {
        // only visits that both sides had agreed on are in the list
        let agreed = Market.AgreedVisit(visit: item.visit, handshake: ["state": "agreed"])
        let view = try VisitView(of: item.booking, agreed, visitor, sold: sold)
        var fields = view.row.fields
        let figures = view.word(of: view.other) ?? view.computed
        let words = try view.words()
        let told = VisitTold(view)
        let telephone = try told.telephone()
        let happened = (try told.happened() + telephone.map(\.text)).map { ["text": $0] }
        fields["address"] = "/visits/\(item.id)"
        fields["box"] = item.id
        fields["value"] = "\(item.id):\(figures.formText)"
        // what one side alone says is looked at before it is agreed to
        fields["checked"] =
            item.visit["state"]?.text != "contested" && !figures.lineFailed
            && telephone.allSatisfy(\.isConfirmed)
        fields["figures"] = visitor.words(of: figures)
        fields["picture"] = try AttendancePicture(view).fields
        if !words.isEmpty || !happened.isEmpty {
            fields["said"] = ["words": words, "happened_lines": happened]
        }
        return fields
    }

    static func attest(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler, .specialist])
        var words: [Market.VisitWord] = []
        for value in visitor.request.form.all("visit") {
            let parts = value.split(separator: ":").map(String.init)
            guard parts.count == 2, let figures = Attestation.Figures(formText: parts[1]) else {
                throw InvalidLink()
            }
            words.append(
                Market.VisitWord(
                    booking: try BookingPages.id(parts[0]), word: .attests(figures)))
        }
        guard Set(words.map(\.booking)).count == words.count, words.count <= most else {
            throw InvalidLink()
        }
        guard !words.isEmpty else { return .see("/minutes") }
        let answer = try await visitor.market.attestSeveral(
            visitor.asking("attestSeveral"), words
        ).body
        let items = answer["items"]?.elements ?? []
        let refused = items.compactMap { item -> RefusedWord? in
            guard let code = item["refusal"]?["code"]?.text.flatMap(RefusalCode.init(rawValue:))
            else { return nil }
            let refusal = Refusal(code, figures: item["refusal"]?["figures"] ?? .object([:]))
            return RefusedWord(
                booking: item["booking"]?.text ?? "", reason: visitor.reason(refusal))
        }
        guard refused.isEmpty else { return try await show(visitor, refused: refused) }
        return .see("/minutes?done=\(items.count)")
    }
}

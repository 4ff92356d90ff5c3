import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// On the day of a specialist: whether the specialist is at hand now, for whoever needs someone at
/// once.
enum PresencePart {
    /// For so many minutes one may say it.
    private static let lengths: [Int64] = [30, 60, 120, 240, 480]

    /// Nothing for roles that may not say it.
    static func fields(
        _ visitor: Visitor, of specialist: OwnSpecialist, _ sold: [SoldInContract]
    ) async throws -> [String: Any]? {
        let login = try visitor.signedIn
        guard !login.roles.isDisjoint(with: [.scheduler, .specialist]) else { return nil }
        let own = login.organisation.description
        let names = Dictionary(
            sold.filter { $0.seller == own && $0.specialty == specialist.specialty }
                .map { ($0.code, $0.name) }
        ) { first, _ in first }
        let present = try await visitor.every {
            try await visitor.market.listPresentSpecialists(
                visitor.asking("listPresentSpecialists"), page: $0)
        }.first { $0["specialist"]?.text == specialist.id.description }
        var fields: [String: Any] = [
            "who": specialist.id.description,
            "lengths": Choice.field(
                "minutes", visitor.say("presence_for"),
                lengths.map { Choice("\($0)", visitor.language.length(seconds: $0 * 60)) },
                selected: "120"),
        ]
        if names.count > 1 {
            fields["services"] = CheckBoxes.fields(
                "services", visitor.say("presence_services"),
                names.sorted { $0.value < $1.value }.map { Choice($0.key, $0.value) }, chosen: [])
        }
        if let until = try present?["until"]?.text.map({ try Instant(rfc3339: $0) }) {
            fields["at_hand"] = [
                "text": visitor.say(
                    "presence_until", visitor.language.moment(until, in: login.zone)),
                "for": (present?["services"]?.elements ?? []).compactMap(\.text)
                    .map { ["text": names[$0] ?? $0] },
            ]
        }
        return fields
    }

    /// No length ends it.
    static func say(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler, .specialist])
        let form = visitor.request.form
        guard let id = try? SpecialistID(typeID: form.text("specialist") ?? "") else {
            throw InvalidLink()
        }
        if let text = form.text("minutes") {
            guard let minutes = Int64(text), lengths.contains(minutes) else { throw InvalidLink() }
            let services = form.all("services")
            _ = try await visitor.market.sayPresent(
                visitor.asking("sayPresent"), id, minutes: minutes,
                services: services.isEmpty ? nil : services)
        } else {
            _ = try await visitor.market.sayAbsent(visitor.asking("sayAbsent"), id)
        }
        return .see("/day?specialist=\(id)")
    }
}

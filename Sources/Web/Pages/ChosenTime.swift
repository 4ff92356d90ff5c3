import MoneyAndTime
import StrictJSON

/// A time that was found, as its address names it.
struct ChosenTime: Sendable {
    let contract: ContractID
    let service: String
    let specialist: SpecialistID
    let starts: Instant
    let minutes: Int64
    /// The language of service that was asked for, if one was.
    let language: String?

    init(_ fields: FormFields) throws(InvalidLink) {
        guard let contract = fields.text("contract"), let service = fields.text("service"),
            let specialist = fields.text("specialist"), let starts = fields.text("starts"),
            let minutes = fields.text("minutes").flatMap({ Int64($0) }),
            (1...1_440).contains(minutes), service.utf8.count <= 64,
            let contractID = try? ContractID(typeID: contract),
            let specialistID = try? SpecialistID(typeID: specialist),
            let instant = try? Instant(rfc3339: starts)
        else { throw InvalidLink() }
        (self.contract, self.specialist, self.starts) = (contractID, specialistID, instant)
        (self.service, self.minutes) = (service, minutes)
        language = Self.language(fields)
    }

    /// One of those that a search asks for; nil for any other word.
    static func language(_ fields: FormFields) -> String? {
        fields.text("language").flatMap { ["fi", "sv", "en"].contains($0) ? $0 : nil }
    }

    /// The search that finds it, and others of its service from its day on.
    func search(_ zone: WallClock) -> String {
        Self.search(
            of: service, from: zone.date(of: starts), minutes: minutes, in: language)
    }

    static func search(
        of service: String, from day: CalendarDate, minutes: Int64, in language: String?
    ) -> String {
        "/find?service=\(service.inQuery)&from=\(day.iso)&minutes=\(minutes)"
            + (language.map { "&language=\($0)" } ?? "")
    }

    /// The booking that holds it, from where a release leads back to the search.
    func address(of booking: String) -> String {
        "/bookings/\(booking)" + (language.map { "?language=\($0)" } ?? "")
    }

    /// The language that was asked for, as it goes through the forms of the path.
    static func hidden(language: String?) -> [[String: Any]] {
        language.map { [["name": "language", "value": $0]] } ?? []
    }

    /// As the hidden fields of a form.
    var hidden: [[String: Any]] {
        [
            ["name": "contract", "value": contract.description],
            ["name": "service", "value": service],
            ["name": "specialist", "value": specialist.description],
            ["name": "starts", "value": starts.rfc3339],
            ["name": "minutes", "value": "\(minutes)"],
        ] + Self.hidden(language: language)
    }
}

/// The times of a day: one offer for each specialist and price, with its times in order.
struct FoundDay {
    let date: String
    private var offers: [(head: FoundLine, times: [FoundLine])] = []

    init(date: String) {
        self.date = date
    }

    mutating func add(_ time: FoundLine) {
        if let index = offers.firstIndex(where: { $0.head.offer == time.offer }) {
            offers[index].times.append(time)
        } else {
            offers.append((time, [time]))
        }
    }

    var fields: [String: Any] {
        [
            "date": date,
            "offers": offers.map { offer -> [String: Any] in
                offer.head.fields.merging(["times": offer.times.map(\.fields)]) { $1 }
            },
        ]
    }
}

/// A time that was found.
struct FoundLine {
    let date: String
    /// What the times of one offer share.
    let offer: [String]
    let fields: [String: Any]

    init(
        _ item: JSON, _ visitor: Visitor, zone: WallClock, keepsResources: Bool = true,
        service: String? = nil
    ) {
        let language = visitor.language
        let starts = Self.instant(item["starts"])
        let ends = Self.instant(item["ends"])
        let minutes = item["minutes"]?.integer ?? 0
        date = language.date(zone.date(of: starts))
        let parameters = ["contract", "service", "specialist", "starts"].map {
            "\($0)=\((item[$0]?.text ?? "").inQuery)"
        }
        let asked =
            (ChosenTime.language(visitor.request.query).map { ["language=\($0)"] } ?? [])
            + (keepsResources ? ResourceChoice.parameters(visitor.request.query) : [])
        offer = ["contract", "service", "specialist", "price"].map { item[$0]?.text ?? "" }
        let price = item["price"]?.text.flatMap { try? Money(decimal: $0) } ?? .zero
        fields = [
            "moment": language.span(starts, ends, in: zone),
            "time": "\(language.time(starts, in: zone))–\(language.time(ends, in: zone))",
            "date": date,
            "specialist": item["specialist_label"]?.text ?? "",
            "seller": item["seller_name"]?.text ?? "",
            "sold_as": service ?? "",
            "languages": (item["languages"]?.elements ?? [])
                .map { visitor.languageName($0.text ?? "") }.joined(separator: ", "),
            "price": language.money(price),
            "length": language.length(seconds: minutes * 60),
            "address": "/time?"
                + (parameters + ["minutes=\(minutes)"] + asked).joined(separator: "&"),
        ]
    }

    private static func instant(_ json: JSON?) -> Instant {
        json?.text.flatMap { try? Instant(rfc3339: $0) } ?? Instant(microseconds: 0)
    }
}

extension Visitor {
    /// The name of a language of service; its tag where the texts have no name for it.
    func languageName(_ tag: String) -> String { texts["language_\(tag)"] ?? tag }
}

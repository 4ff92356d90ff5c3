import Marketplace
import MoneyAndTime
import StrictJSON

/// A contract's version in words: what its document says, term by term, and what its examples
/// come to.
struct ContractReading {
    let fields: [String: Any]

    init(_ version: JSON, _ visitor: Visitor) throws {
        let document = version["document"] ?? .null
        let language = visitor.language
        let zone = try WallClock(zone: document["time_zone"]?.text ?? "")
        let services = SoldInContract.all(of: version, in: language)
        func day(_ key: String) throws -> String {
            language.date(try CalendarDate(iso: document["validity"]?[key]?.text ?? ""))
        }
        fields = [
            "seller_name": document["seller"]?["name"]?.text ?? "",
            "buyer_name": document["buyer"]?["name"]?.text ?? "",
            "validity": visitor.say(
                "contract_validity_text", try day("first_day"), try day("last_day")),
            "services": services.map { service -> [String: Any] in
                [
                    "name": service.name, "rule": visitor.priceRule(of: service),
                    "lengths": visitor.say(
                        "contract_lengths", language.length(seconds: service.shortest * 60),
                        language.length(seconds: service.longest * 60),
                        language.length(seconds: service.step * 60)),
                ]
            },
            "terms": try visitor.termsInWords(document),
            "examples": (version["worked_examples"]?.elements ?? []).map {
                Self.example($0, visitor)
            },
            "parts": WholeContract(document, visitor).parts,
            "digest": version["digest"]?.text ?? "",
            "signatures": try (version["signatures"]?.elements ?? []).map { signature in
                [
                    "who": visitor.say("sender_\(signature["side"]?.text ?? "")"),
                    "at": language.moment(
                        try Instant(rfc3339: signature["signed_at"]?.text ?? ""), in: zone),
                ]
            },
        ]
    }

    private static func example(_ example: JSON, _ visitor: Visitor) -> [String: Any] {
        let total = example["computed"]?["total"]?.text.flatMap { try? Money(decimal: $0) }
        return [
            "name": example["title"]?.text ?? "",
            "total": visitor.language.money(total ?? .zero),
            "verdict": visitor.say(
                example["holds"]?.flag == true ? "example_holds" : "example_fails"),
            "steps": visitor.explanation(of: example["trace"]),
        ]
    }
}

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
            "terms": try Self.terms(document, visitor),
            "examples": (version["worked_examples"]?.elements ?? []).map {
                Self.example($0, visitor)
            },
            "version_state": visitor.say("version_\(version["state"]?.text ?? "")"),
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

    /// One sentence a term.
    private static func terms(_ document: JSON, _ visitor: Visitor) throws -> [[String: Any]] {
        let language = visitor.language
        func count(_ part: String, _ key: String) -> String {
            language.number("\(document[part]?[key]?.integer ?? 0)")
        }
        func length(_ part: String, _ key: String) -> String {
            language.length(seconds: (document[part]?[key]?.integer ?? 0) * 60)
        }
        let budget = try Money(decimal: document["limits"]?["budget_ceiling"]?.text ?? "")
        let billing = document["billing"]
        let days = billing?["statement"]?["acceptance_days"]?.integer ?? 0
        let isInAdvance = document["handshake"]?["accepted_in_advance"]?.flag == true
        let vat = billing?["vat"]
        let sentences = [
            (
                "cancel_title",
                visitor.say(
                    "contract_cancellation", count("cancellation", "notice_hours"),
                    language.number(document["cancellation"]?["fee_percent"]?.text ?? ""))
            ),
            (
                "contract_presence",
                visitor.say(
                    "contract_grace",
                    language.length(
                        seconds: document["attendance"]?["grace_seconds"]?.integer ?? 0))
            ),
            (
                "contract_booking",
                visitor.say(
                    "contract_limits", length("limits", "minimum_notice_minutes"),
                    count("limits", "horizon_days"), length("limits", "hold_minutes"))
            ),
            ("contract_budget", visitor.say("contract_ceiling", language.money(budget))),
            (
                "handshake_title",
                isInAdvance
                    ? visitor.say("contract_in_advance")
                    : visitor.say(
                        "contract_reply", length("handshake", "reply_within_minutes"))
            ),
            (
                "contract_billing",
                visitor.say("contract_month", "\(days)", count("billing", "payment_days"))
            ),
            (
                "contract_vat",
                visitor.say(
                    "contract_vat_text", language.number(vat?["rate_percent"]?.text ?? ""),
                    vat?["reason"]?.text ?? "")
            ),
        ]
        return sentences.map { ["name": visitor.say($0), "text": $1] }
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

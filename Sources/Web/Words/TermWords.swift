import MoneyAndTime
import StrictJSON

extension Visitor {
    /// The terms of a contract's document: a name and a sentence for each that was agreed.
    func termsInWords(_ document: JSON) throws -> [[String: Any]] {
        let sentences =
            [("term_cancellation", cancellationInWords(document["cancellation"]))]
            + exceptionsInWords(document) + (try ordinaryTermsInWords(document))
        return sentences.map { ["name": say($0), "text": $1] }
    }

    /// A whole number of a document.
    func count(_ value: JSON?) -> String {
        language.number("\(value?.integer ?? 0)")
    }

    private func length(minutes value: JSON?) -> String {
        language.length(seconds: (value?.integer ?? 0) * 60)
    }

    private func cancellationInWords(_ terms: JSON?) -> String {
        ["buyer", "seller"].map { side in
            let bands = terms?[side]?.elements ?? []
            let words = bands.map { band in
                let percent = self.percent(band["fee_percent"])
                if bands.count == 1 { return say("contract_band_only", percent) }
                return band["notice_hours"]?.integer == 0
                    ? say("contract_band_last", percent)
                    : say("contract_band", count(band["notice_hours"]), percent)
            }
            return say("contract_bands_\(side)", words.joined(separator: "; "))
        }.joined(separator: " ")
    }

    /// What happens when a visit does not go as planned, and who may come instead.
    private func exceptionsInWords(_ document: JSON) -> [(String, String)] {
        var sentences: [(String, String)] = []
        if let terms = document["no_show"] {
            sentences.append(
                (
                    "term_no_show",
                    say(
                        "contract_no_show_text", length(minutes: terms["wait_minutes"]),
                        percent(terms["buyer_fee_percent"]),
                        percent(terms["seller_fee_percent"]))
                ))
        }
        if let terms = document["late_start"] {
            let isBilled = terms["waiting_is_billed"]?.flag == true
            sentences.append(
                (
                    "term_late_start",
                    say(
                        "contract_late_start_\(isBilled ? "billed" : "free")",
                        length(minutes: terms["tolerance_minutes"]),
                        percent(terms["reduction_percent"]))
                ))
        }
        if let charge = document["technical_failure"]?["charge"]?.text {
            sentences.append(("term_technical_failure", say("contract_failure_\(charge)")))
        }
        if let allowed = document["substitution"]?["allowed"]?.text {
            sentences.append(("term_substitution", say("contract_substitution_\(allowed)")))
        }
        if let terms = document["commitment"] {
            sentences.append(
                (
                    "term_commitment",
                    say(
                        "contract_commitment_text", count(terms["minutes_per_period"]),
                        figure(terms["price_per_minute"]))
                ))
        }
        if let terms = document["records"] {
            sentences.append(
                (
                    "term_records",
                    say(
                        "contract_records_\(terms["register"]?.text ?? "")",
                        terms["documented_in"]?.text ?? "", terms["legal_basis"]?.text ?? "")
                ))
        }
        return sentences
    }

    private func ordinaryTermsInWords(_ document: JSON) throws -> [(String, String)] {
        let limits = document["limits"]
        let billing = document["billing"]
        let vat = billing?["vat"]
        let budget = try Money(decimal: limits?["budget_ceiling"]?.text ?? "")
        let isInAdvance = document["handshake"]?["accepted_in_advance"]?.flag == true
        return [
            (
                "term_attendance",
                say(
                    "contract_grace",
                    language.length(
                        seconds: document["attendance"]?["grace_seconds"]?.integer ?? 0))
            ),
            (
                "term_limits",
                say(
                    "contract_limits", length(minutes: limits?["minimum_notice_minutes"]),
                    count(limits?["horizon_days"]), length(minutes: limits?["hold_minutes"]))
                    + " " + say("contract_ceiling", language.money(budget))
            ),
            (
                "term_handshake",
                isInAdvance
                    ? say("contract_in_advance")
                    : say(
                        "contract_reply",
                        length(minutes: document["handshake"]?["reply_within_minutes"]))
            ),
            (
                "term_billing",
                say(
                    "contract_month", count(billing?["statement"]?["acceptance_days"]),
                    count(billing?["payment_days"]))
            ),
            (
                "term_vat",
                say(
                    "contract_vat_text", percent(vat?["rate_percent"]),
                    vat?["reason"]?.text ?? "")
            ),
        ]
    }
}

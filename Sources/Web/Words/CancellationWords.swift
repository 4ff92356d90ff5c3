import MoneyAndTime
import StrictJSON

extension Visitor {
    /// Until when a time that was found is cancelled free of charge, and what it costs later.
    func cancellation(_ terms: JSON?, zone: WallClock) -> String {
        let highest = percent(terms?["highest_cancellation_percent"])
        guard let until = try? Instant(rfc3339: terms?["free_cancellation_until"]?.text ?? "")
        else { return say("cancelling_never_free", highest) }
        guard terms?["highest_cancellation_percent"] != "0" else { return say("cancelling_free") }
        return say("cancelling_free_until", language.moment(until, in: zone), highest)
    }

    /// The same of any visit under a contract.
    func cancellationRule(of service: SoldInContract) -> String {
        let highest = percent(service.cancellation.last?["fee_percent"])
        guard let free = service.cancellation.last(where: { $0["fee_percent"] == "0" }) else {
            return say("cancelling_never_free", highest)
        }
        let hours = free["notice_hours"]?.integer ?? 0
        guard hours > 0 || service.cancellation.last?["fee_percent"] != "0" else {
            return say("cancelling_free")
        }
        return say("cancelling_free_before", language.length(seconds: hours * 3600), highest)
    }
}

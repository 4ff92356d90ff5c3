/// The places before a contract, of which one is shown.
extension Visitor {
    func tabsBeforeContract() -> [String: Any] {
        let places = [
            ("/sellers", "sellers_title"), ("/needs", "needs_title"),
            ("/contract-requests", "requests_title"), ("/profile", "profile_title"),
        ]
        return [
            "label_of_tabs": say("before_title"),
            "tabs": places.map { address, key -> [String: Any] in
                var tab: [String: Any] = ["address": address, "text": say(key)]
                if request.path == address { tab["current"] = true }
                return tab
            },
        ]
    }
}

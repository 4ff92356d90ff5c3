/// The name under which a request is found in the log: the caller's own `X-Request-Id` when it is
/// harmless in a log and a header, else one of ours.
enum RequestID {
    static func choose(offered: String?) -> String {
        guard let offered, (8...128).contains(offered.utf8.count),
            offered.utf8.allSatisfy(isHarmless)
        else {
            let number = UInt128.random(in: .min ... .max)
            let hex = String(number, radix: 16)
            return String(repeating: "0", count: 32 - hex.count) + hex
        }
        return offered
    }

    private static func isHarmless(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: ":"):
            true
        default: false
        }
    }
}

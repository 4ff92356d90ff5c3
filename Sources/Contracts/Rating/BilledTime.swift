import MoneyAndTime

/// From seconds of presence to billed seconds: the first step whole, then whole further steps,
/// and never less than the minimum.
enum BilledTime {
    /// Throws `RatingRefusal.noTime` for zero or less. The result is a multiple of three seconds.
    static func of(
        _ seconds: Int64, _ increment: Increment, minimumSeconds: Int64
    ) throws -> (seconds: Int64, steps: [RatingStep]) {
        guard seconds > 0 else { throw RatingRefusal.noTime }
        let (stepped, counting) = try wholeSteps(seconds, increment)
        let billed = max(stepped, minimumSeconds)
        var steps = [counting]
        if minimumSeconds > 0 {
            steps.append(minimum(minimumSeconds, stepped: stepped, billed: billed))
        }
        let minutes = ChargeLine.minutes(ofSeconds: billed)
        steps.append(
            RatingStep(
                .minutes, ["seconds": "\(billed)", "minutes": minutes],
                "\(billed) seconds ÷ 60 = \(minutes) minutes."))
        return (billed, steps)
    }

    /// Begun steps of an overrun, each whole.
    static func further(
        _ seconds: Int64, _ increment: Increment
    ) throws(ArithmeticFailure) -> Int64 {
        let next = increment.nextSeconds
        return try (seconds / next).adding(seconds % next > 0 ? 1 : 0).multiplied(by: next)
    }

    private static func wholeSteps(
        _ seconds: Int64, _ increment: Increment
    ) throws(ArithmeticFailure) -> (seconds: Int64, step: RatingStep) {
        let (first, next) = (increment.firstSeconds, increment.nextSeconds)
        let rest = max(seconds - first, 0)
        // Rounded up without adding to a number that may be the largest one.
        let count = rest / next + (rest % next > 0 ? 1 : 0)
        let stepped = try first.adding(try count.multiplied(by: next))
        let words =
            if count == 0 {
                "The first \(first) seconds are billed whole: \(stepped) seconds."
            } else {
                "The first \(first) seconds are billed whole; the other \(rest) seconds begin "
                    + "\(count) steps of \(next): "
                    + "\(first) + \(count) × \(next) = \(stepped) seconds."
            }
        let step = RatingStep(
            .increments,
            [
                "first_seconds": "\(first)", "steps": "\(count)", "next_seconds": "\(next)",
                "seconds": "\(stepped)",
            ], words)
        return (stepped, step)
    }

    private static func minimum(_ minimum: Int64, stepped: Int64, billed: Int64) -> RatingStep {
        RatingStep(
            .minimum, ["minimum_seconds": "\(minimum)", "seconds": "\(billed)"],
            billed > stepped
                ? "At least \(minimum) seconds are billed: \(stepped) become \(billed)."
                : "At least \(minimum) seconds are billed, and \(billed) are.")
    }
}

import MoneyAndTime
import StrictJSON

// A stretch of time as it is kept and shown.

extension TimeSlot {
    /// `from` and `until`, to which a thing that lasts adds members of its own.
    package var members: [(String, JSON)] {
        [("from", JSON(start.rfc3339)), ("until", JSON(end.rfc3339))]
    }

    package var json: JSON { .object(JSONObject(members)) }
}

extension [TimeSlot] {
    package var json: JSON { .array(map(\.json)) }
}

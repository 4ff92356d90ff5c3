/// The specialist's whole minutes of a visit in which no one else was present.
package struct ExtraTime: Hashable, Sendable {
    package static let none = ExtraTime(preparation: 0, recordWriting: 0)

    package let preparation: Int64
    package let recordWriting: Int64

    package init(preparation: Int64, recordWriting: Int64) {
        self.preparation = preparation
        self.recordWriting = recordWriting
    }

    /// Neither below nothing nor above the ceiling.
    package func isWithin(_ ceiling: ExtraTime) -> Bool {
        0 <= preparation && preparation <= ceiling.preparation
            && 0 <= recordWriting && recordWriting <= ceiling.recordWriting
    }
}

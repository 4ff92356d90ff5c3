import MoneyAndTime

/// What a change of published time does: windows that come off sale, windows that come on, and what
/// is booked in the former. Nothing booked moves: what is not inside a new window stays booked
/// outside of all of them.
package struct AvailabilityChange: Hashable, Sendable {
    /// Off sale, and not on sale again at the same time; in order.
    package let removed: [TimeSlot]
    /// On sale, and not on sale before at the same time; in order.
    package let added: [TimeSlot]
    /// On sale before and after.
    package let same: [TimeSlot]
    private let before: [TimeSlot]
    private let after: [TimeSlot]

    /// Each list in any order; no two windows of one list overlap.
    package init(before: [TimeSlot], after: [TimeSlot]) {
        let (old, new) = (Set(before), Set(after))
        self.before = before
        self.after = after
        removed = before.filter { !new.contains($0) }.sorted { $0.start < $1.start }
        added = after.filter { !old.contains($0) }.sorted { $0.start < $1.start }
        same = before.filter(new.contains).sorted { $0.start < $1.start }
    }

    package enum Place: String, Hashable, Sendable {
        /// It touches no window that the change takes off sale.
        case untouched
        /// It lies inside a window that is on sale afterwards.
        case inside
        /// No window holds it any more; it stays booked.
        case outside
    }

    /// Where booked time is afterwards, its buffers included.
    package func place(of occupied: TimeSlot) -> Place {
        guard before.contains(where: { $0.overlaps(occupied) }) else { return .untouched }
        return after.contains { $0.contains(occupied) } ? .inside : .outside
    }
}

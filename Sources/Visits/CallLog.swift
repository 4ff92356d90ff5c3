import MoneyAndTime

/// What a video service has written down of a visit, as one side imported it: a witness beside what
/// was observed. It makes no minutes by itself (`docs/room.md`).
package struct CallLog: Hashable, Sendable {
    /// Who imported it.
    package let importer: Side
    package let attendance: Attendance
    package let importedAt: Instant

    package init(importer: Side, attendance: Attendance, importedAt: Instant) {
        self.importer = importer
        self.attendance = attendance
        self.importedAt = importedAt
    }

    /// The seconds that it would make, counted as what is observed is.
    package func seconds(
        graceSeconds: Int64, within window: TimeSlot, takenUntil previous: Instant?,
        andFrom next: Instant?
    ) throws -> Int64 {
        try BillableTime.compute(
            attendance, graceSeconds: graceSeconds, within: window, takenUntil: previous,
            andFrom: next
        ).billable.seconds
    }
}

import Billing
import Documents
import MoneyAndTime
import Postgres
import Storage
import StrictJSON

extension Market {
    /// More visits than any organisation holds in a month.
    private static let mostVisits = 50_000

    /// The visits that the caller sold of a month, as a table for whoever pays the specialists
    /// (RFC 4180, UTF-8): one line for each that is booked or was held, by specialist and start.
    /// Cancelled ones are not among them, and whom a visit was for is not told. A group session is
    /// one line, as its specialist holds it once, and that line names no buyer.
    package func soldHours(_ request: Request, of month: StatementPeriod) async throws -> Document {
        let rows = try await read(
            request,
            StoredSoldHours.all(first: month.first, last: month.last, limit: Self.mostVisits))
        var table = CSVWriter(columns: Self.soldHoursColumns)
        for row in rows { table.add(try StoredSoldHours(row: row).cells()) }
        return Document(table, fileName: "hours-\(month.key).csv")
    }

    /// `attended_minutes` are those in which both sides were there, as they were measured;
    /// `attested_minutes` those that both agreed on, as are `preparation_minutes` and
    /// `record_writing_minutes`; `present_minutes` how long the seller's people were there, each
    /// counted; `person_minutes` what the visit took of the people of both sides, with preparation
    /// and record-writing. What is not known yet is empty.
    static let soldHoursColumns = [
        "specialist", "specialist_id", "unit", "date", "from", "to", "planned_minutes",
        "attended_minutes", "attested_minutes", "preparation_minutes", "record_writing_minutes",
        "present_minutes", "person_minutes", "state", "service", "buyer", "buyer_id",
        "contract_id", "booking_id", "group_session_id",
    ]
}

extension StoredSoldHours {
    fileprivate func cells() throws -> [String] {
        let end = zone.timeOfDay(of: planned.end)
        return [
            specialistLabel, specialist.description, unit,
            zone.date(of: planned.start).iso, zone.timeOfDay(of: planned.start).description,
            end.description, Self.minutes(planned.seconds),
            attendedSeconds.map(Self.minutes) ?? "", attestedSeconds.map(Self.minutes) ?? "",
            preparationMinutes.map(String.init) ?? "", recordWritingMinutes.map(String.init) ?? "",
            sellerSeconds.map(Self.minutes) ?? "", try personSeconds.map(Self.minutes) ?? "",
            state, service, buyerName, buyer?.description ?? "", contract?.description ?? "",
            booking?.description ?? "", groupSession?.description ?? "",
        ]
    }

    private var personSeconds: Int64? {
        get throws {
            guard let sellerSeconds, let buyerSeconds else { return nil }
            let apart = try (preparationMinutes ?? 0).adding(recordWritingMinutes ?? 0)
            return try sellerSeconds.adding(buyerSeconds).adding(apart.multiplied(by: 60))
        }
    }

    /// With two decimals, rounded down.
    private static func minutes(_ seconds: Int64) -> String {
        let hundredths = seconds % 60 * 100 / 60
        return "\(seconds / 60).\(hundredths < 10 ? "0" : "")\(hundredths)"
    }
}

import Billing
import Documents
import MoneyAndTime
import Postgres
import Storage
import StrictJSON
import Visits

// How long it takes, under one contract, until somebody who was asked for at once accepts, and
// until both sides meet: the same figures for both of them.

extension Market {
    /// More than anybody asks in a month.
    private static let mostTimes = 50_000

    package func responseTimes(
        _ request: Request, of contract: ContractID, in month: StatementPeriod
    ) async throws -> Answer {
        let rows = try await responses(request, of: contract, in: month)
        let figures = try ResponseTimes(rows.map(\.time))
        return Answer([
            "contract": JSON(contract.description),
            "month": JSON(month.key),
            "asked": JSON(Int64(figures.asked)),
            "accepted": JSON(Int64(figures.count(.accepted))),
            "ended": JSON(Int64(figures.count(.ended))),
            "expired": JSON(Int64(figures.count(.expired))),
            "open": JSON(Int64(figures.count(.open))),
            "seconds_to_accept": figures.toAccept.json,
            "seconds_to_meet": figures.toMeet.json,
        ])
    }

    /// One line for each time that somebody was asked for (RFC 4180, UTF-8).
    package func responseTimesTable(
        _ request: Request, of contract: ContractID, in month: StatementPeriod
    ) async throws -> Document {
        var table = CSVWriter(columns: [
            "asked_at", "service", "minutes", "state", "accepted_at", "seconds_to_accept",
            "met_at", "seconds_to_meet", "specialist", "booking_id", "demand_id",
        ])
        for row in try await responses(request, of: contract, in: month) {
            let time = row.time
            table.add([
                time.asked.rfc3339, row.service, "\(row.minutes)", time.ending.rawValue,
                time.accepted?.rfc3339 ?? "",
                try time.accepted.map { "\(try time.seconds(until: $0))" } ?? "",
                time.met?.rfc3339 ?? "",
                try time.met.map { "\(try time.seconds(until: $0))" } ?? "",
                row.specialistLabel ?? "", row.booking?.description ?? "",
                row.demand.description,
            ])
        }
        return Document(table, fileName: "response-times-\(month.key).csv")
    }

    private func responses(
        _ request: Request, of contract: ContractID, in month: StatementPeriod
    ) async throws -> [StoredResponseTime] {
        try await view(request) { transaction, _ in
            guard try await transaction.query(StoredContract.find(contract)).atMostOne() != nil
            else { throw Refusal(.notFound) }
            return try await transaction.query(
                StoredResponseTime.all(
                    under: contract, first: month.first, last: month.last,
                    limit: Self.mostTimes)
            ).map(StoredResponseTime.init(row:))
        }
    }
}

extension TimeFigures {
    fileprivate var json: JSON {
        [
            "count": JSON(Int64(count)),
            "median": median.map { JSON($0) } ?? .null,
            "percentile_90": ninetieth.map { JSON($0) } ?? .null,
        ]
    }
}

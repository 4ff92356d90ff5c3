import MoneyAndTime
import Organisations
import Postgres
import Storage
import StrictJSON

extension Market {
    /// The most visits of one series: a year of weeks.
    package static let longestSeries = 52

    /// Visits of one kind with one specialist that a buyer asks to have booked together.
    package struct WantedSeries: Sendable {
        package enum Starts: Sendable {
            case listed([Instant])
            /// On the same weekday at the same wall clock of the contract, so many weeks apart.
            case weekly(first: Instant, intervalWeeks: Int64, count: Int64)
        }

        package enum Mode: String, Sendable, CaseIterable {
            /// One that cannot be had, and nothing is booked.
            case allOrNone = "all_or_none"
            /// Those that can be had, at least one.
            case best
        }

        package let contract: ContractID
        package let service: String
        package let specialist: SpecialistID
        package let minutes: Int64
        package let starts: Starts
        package let mode: Mode
        package let handOver: HandOver

        package init(
            contract: ContractID, service: String, specialist: SpecialistID, minutes: Int64,
            starts: Starts, mode: Mode, handOver: HandOver = .nothing
        ) {
            self.contract = contract
            self.service = service
            self.specialist = specialist
            self.minutes = minutes
            self.starts = starts
            self.mode = mode
            self.handOver = handOver
        }
    }

    /// Books the visits in one call of the database, which locks for all before it decides on each
    /// in turn: a visit counts in the budget and quota of those after it. Nothing is booked where
    /// the mode does not allow what is missing (`series_refused`, with the reason of each).
    package func bookSeries(_ request: Request, _ wanted: WantedSeries) async throws -> Answer {
        try await change(request) { transaction, caller in
            let starts = try await starts(of: wanted, in: transaction)
            return try await booked(
                calls(wanted, starts), as: newID(), wanted.mode, in: transaction)
        }
    }

    /// What became of the visits; refused with everything as it was where the mode does not allow
    /// what is missing.
    func booked(
        _ calls: [SeriesCall.Visit], as series: SeriesID, _ mode: WantedSeries.Mode,
        in transaction: Transaction
    ) async throws -> Answer {
        let result = try await transaction.query(
            SeriesCall.book(calls, series: series, isWhole: mode == .allOrNone)
        ).only()
        let visits = try visits(of: result)
        for code in [RefusalCode.notFound, .handOverMissing, .notOfBuyer] {
            if let refusal = visits.first(where: { $0.isRefused(with: code) })?.refusal {
                throw Refusal(code, figures: refusal["figures"] ?? .object([:]))
            }
        }
        guard try result["is_booked", Bool.self] else {
            throw Refusal(.seriesRefused, figures: ["visits": .array(visits.map(\.reason))])
        }
        return Answer(
            [
                "series": JSON(series.description), "mode": JSON(mode.rawValue),
                "booked": JSON(visits.count { $0.booking != nil }),
                "visits": .array(visits.map(\.json)),
            ],
            location: "/v1/bookings?series=\(series)")
    }

    /// What `bookSeries` would do now: each visit with its price or its reason. Nothing is changed,
    /// and nothing is promised.
    package func previewSeries(_ request: Request, _ wanted: WantedSeries) async throws -> Answer {
        let request = Request(credential: request.credential, operation: request.operation)
        return try await change(request) { transaction, caller in
            let starts = try await starts(of: wanted, in: transaction)
            let result = try await transaction.query(
                SeriesCall.look(calls(wanted, starts))
            ).only()
            let visits = try visits(of: result)
            return Answer([
                "bookable": JSON(visits.count { $0.booking != nil }),
                "visits": .array(visits.map(\.offer)),
            ])
        }
    }

    /// In order, each once.
    private func starts(
        of wanted: WantedSeries, in transaction: Transaction
    ) async throws -> [Instant] {
        let rows = try await transaction.query(SeriesCall.zone(of: wanted.contract))
        guard let row = try rows.atMostOne() else { throw Refusal(.notFound) }
        guard let zone = try row["time_zone", String?.self] else {
            throw Refusal(.contractNotActive)
        }
        switch wanted.starts {
        case .listed(let starts):
            return Set(starts).sorted()
        case .weekly(let first, let interval, let count):
            let now = try await transaction.now()
            guard try now.adding(seconds: -86_400) < first,
                try first < now.adding(seconds: Self.longestWaitDays * 86_400)
            else {
                throw InvalidInput(
                    pointer: "/starts/first", code: "out_of_range",
                    message: "must be at most \(Self.longestWaitDays) days ahead")
            }
            let clock = try WallClock(zone: zone)
            let (day, time) = (clock.date(of: first), clock.timeOfDay(of: first))
            return try (0..<count).map { number in
                let days = try number.multiplied(by: interval).multiplied(by: 7)
                return clock.instant(try day.adding(days: Int(days)), time)
            }
        }
    }

    private func calls(
        _ wanted: WantedSeries, _ starts: [Instant]
    ) -> [SeriesCall.Visit] {
        starts.map { start in
            SeriesCall.Visit(
                booking: newID(), reservation: newID(), contract: wanted.contract,
                service: wanted.service, specialist: wanted.specialist, starts: start,
                minutes: wanted.minutes, handOver: wanted.handOver)
        }
    }

    private func visits(
        of row: Row
    ) throws -> [VisitOfSeries] {
        let answer = try JSON.parse(row["visits", String.self])
        return try (answer.elements ?? []).map { try VisitOfSeries($0) }
    }
}

/// What became of one visit.
private struct VisitOfSeries {
    let starts: Instant
    let booking: JSON?
    let refusal: JSON

    init(_ visit: JSON) throws {
        starts = Instant(microseconds: visit["starts"]?.integer ?? 0)
        if let stored = visit["booking"], stored != .null {
            booking = try BookingSheet(answer: stored).json
            refusal = .null
        } else {
            let code = visit["refusal"]?.text ?? ""
            guard let known = RefusalCode(rawValue: code) else {
                throw Market.UnnamedRefusal(code: code)
            }
            let figures = visit["figures"] ?? .object([:])
            booking = nil
            refusal = [
                "code": JSON(known.rawValue),
                "figures": known.told(figures),
            ]
        }
    }

    var json: JSON {
        ["starts": JSON(starts.rfc3339), "booking": booking ?? .null, "refusal": refusal]
    }

    /// Without identifiers of what is not booked.
    var offer: JSON {
        [
            "starts": JSON(starts.rfc3339), "quote": booking?["quote"] ?? .null,
            "refusal": refusal,
        ]
    }

    func isRefused(with code: RefusalCode) -> Bool { refusal["code"]?.text == code.rawValue }

    var reason: JSON { ["starts": JSON(starts.rfc3339), "refusal": refusal] }
}

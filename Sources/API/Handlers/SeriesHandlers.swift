import Marketplace
import MoneyAndTime
import StrictJSON

/// Booking many visits together.
enum SeriesHandlers {
    static func bookSeries(_ call: Call) async throws -> Reply {
        try await .json(call.market.bookSeries(call.request, wanted(call)))
    }

    static func previewSeries(_ call: Call) async throws -> Reply {
        try await .json(call.market.previewSeries(call.request, wanted(call)))
    }

    private static func wanted(_ call: Call) throws -> Market.WantedSeries {
        try call.object { fields in
            try Market.WantedSeries(
                contract: fields.parsed("contract", ContractID.init(typeID:)),
                service: fields.serviceCode("service"),
                specialist: fields.parsed("specialist", SpecialistID.init(typeID:)),
                minutes: fields.integer("minutes", in: 1...1_440),
                starts: fields.nested("starts", starts),
                mode: fields.enumeration("mode"),
                handOver: SchedulingHandlers.handOverTaking(&fields))
        }
    }

    private enum Kind: String, CaseIterable {
        case listed, weekly
    }

    private static func starts(
        _ fields: inout JSONFields
    ) throws -> Market.WantedSeries.Starts {
        switch try fields.enumeration("kind", as: Kind.self) {
        case .listed:
            .listed(
                try fields.array("at", min: 1, max: Market.longestSeries) {
                    try $0.parsed(Instant.init(rfc3339:))
                })
        case .weekly:
            .weekly(
                first: try fields.parsed("first", Instant.init(rfc3339:)),
                intervalWeeks: try fields.integer("interval_weeks", in: 1...8),
                count: try fields.integer("count", in: 2...Int64(Market.longestSeries)))
        }
    }
}

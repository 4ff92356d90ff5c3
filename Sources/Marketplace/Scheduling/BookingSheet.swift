import MoneyAndTime
import Scheduling
import Storage
import StrictJSON

/// A booking as one of its two parties sees it: the patient reference is the buyer's alone.
struct BookingSheet {
    private let members: [(String, JSON)]
    private let id: BookingID
    private let revision: Int64

    init(_ booking: StoredBooking, for organisation: OrganisationID) {
        let isBuyer = organisation == booking.buyer
        let canceller: JSON =
            booking.cancelledBy.map { $0 == booking.seller ? "seller" : "buyer" } ?? .null
        id = booking.id
        revision = booking.revision
        members = [
            ("id", JSON(booking.id.description)),
            ("contract", JSON(booking.contract.description)),
            ("version", JSON(booking.version)),
            ("service", JSON(booking.service)),
            ("seller", JSON(booking.seller.description)),
            ("buyer", JSON(booking.buyer.description)),
            ("specialist", JSON(booking.specialist.description)),
            ("specialist_label", JSON(booking.specialistLabel)),
            ("starts", JSON(booking.planned.start.rfc3339)),
            ("ends", JSON(booking.planned.end.rfc3339)),
            ("period", JSON(booking.period)),
            ("quote", JSON(booking.quote.decimal)),
            ("currency", JSON(booking.quote.currency.rawValue)),
            ("state", JSON(booking.state.rawValue)),
            (
                "hold_expires_at",
                booking.state == .held ? JSON(booking.holdExpiresAt?.rfc3339) : .null
            ),
            ("patient_reference", isBuyer ? JSON(booking.patientReference) : .null),
            ("record_reference", JSON(booking.recordReference)),
            ("authorisation_reference", JSON(booking.authorisationReference)),
            ("diary_reference", JSON(booking.diaryReference)),
            ("buyer_unit", isBuyer ? JSON(booking.buyerUnit?.description) : .null),
            ("on_behalf_of", isBuyer ? JSON(booking.onBehalfOf?.description) : .null),
            ("resources", isBuyer ? .array(booking.resources.map(\.json)) : .array([])),
            ("series", JSON(booking.series?.description)),
            ("preparation_instructions", booking.instructions),
            ("block", JSON(booking.block?.description)),
            ("group_session", JSON(booking.groupSession?.description)),
            ("cancelled_by", canceller),
            ("cancellation_fee", JSON(booking.cancellationFee?.decimal)),
            ("cancellation_reason", JSON(booking.cancellationReason)),
            ("revision", JSON(booking.revision)),
        ]
    }

    /// From what the booking function answered, which a repeated request gets again as it was.
    init(answer stored: JSON) throws {
        let reader = JSONReader(stored)
        (id, revision, members) = try reader.object { fields in
            func identifier<Tag>(_ key: String, _: Tag.Type) throws -> ID<Tag> {
                try fields.parsed(key) { try ID<Tag>(uuid: $0) }
            }
            func named<Tag: IDTag>(_ key: String, _: Tag.Type) throws -> (String, JSON) {
                let id = try fields.optionalParsed(key) { try ID<Tag>(uuid: $0) }
                return (key, JSON(id?.description))
            }
            let id = try identifier("id", BookingTag.self)
            let revision = try fields.integer("revision")
            let members: [(String, JSON)] = [
                ("id", JSON(id.description)),
                ("contract", JSON(try identifier("contract", ContractTag.self).description)),
                ("version", JSON(try fields.integer("version"))),
                ("service", JSON(try fields.string("service", max: 200))),
                ("seller", JSON(try identifier("seller", OrganisationTag.self).description)),
                ("buyer", JSON(try identifier("buyer", OrganisationTag.self).description)),
                (
                    "specialist",
                    JSON(try identifier("specialist", SpecialistTag.self).description)
                ),
                ("specialist_label", JSON(try fields.string("specialist_label", max: 200))),
                ("starts", JSON(Instant(microseconds: try fields.integer("starts")).rfc3339)),
                ("ends", JSON(Instant(microseconds: try fields.integer("ends")).rfc3339)),
                ("period", JSON(try fields.string("period", max: 10))),
                ("quote", JSON(Money(minorUnits: try fields.integer("quote")).decimal)),
                ("currency", JSON(Currency.eur.rawValue)),
                ("state", JSON(try fields.string("state", max: 20))),
                (
                    "hold_expires_at",
                    JSON(
                        try fields.optionalInteger("hold_expires").map {
                            Instant(microseconds: $0).rfc3339
                        })
                ),
                (
                    "patient_reference",
                    JSON(try fields.optionalString("patient_reference", max: 64))
                ),
                ("record_reference", JSON(try fields.optionalString("record_reference", max: 100))),
                (
                    "authorisation_reference",
                    JSON(try fields.optionalString("authorisation_reference", max: 100))
                ),
                ("diary_reference", JSON(try fields.optionalString("diary_reference", max: 100))),
                try named("buyer_unit", UnitTag.self),
                try named("on_behalf_of", MemberTag.self),
                (
                    "resources",
                    .array(
                        try fields.array("resources", max: 100) {
                            try StoredResource.Named($0).json
                        })
                ),
                try named("series", SeriesTag.self),
                ("preparation_instructions", fields.optional("instructions")?.value ?? .null),
                ("block", .null), ("group_session", .null), ("cancelled_by", .null),
                ("cancellation_fee", .null),
                ("cancellation_reason", .null),
                ("revision", JSON(revision)),
            ]
            return (id, revision, members)
        }
    }

    var json: JSON { .object(JSONObject(members)) }

    var answer: Answer {
        Answer(json, revision: revision, location: "/v1/bookings/\(id)")
    }

    /// With what else came of a change.
    func answer(adding more: (String, JSON)...) -> Answer {
        Answer(
            .object(JSONObject(members + more)), revision: revision,
            location: "/v1/bookings/\(id)")
    }
}

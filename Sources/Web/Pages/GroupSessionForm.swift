import Marketplace
import MoneyAndTime
import Organisations
import Storage
import StrictJSON

/// Opening a session for several buyers: whose time, which service, when, and for how many.
enum GroupSessionForm {
    /// What a seller's contracts sell as places, by the code that they share.
    private struct Offered {
        let code: String
        let name: String
        let contracts: [SoldInContract]
        /// The most places that any of them agrees on.
        let capacity: Int64
    }

    static func show(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        return try await show(visitor, visitor.request.query, FieldErrors(), status: 200)
    }

    private static func show(
        _ visitor: Visitor, _ typed: FormFields, _ errors: FieldErrors, status: Int
    ) async throws -> PageReply {
        let offered = try await offered(visitor)
        let fields = Set(offered.flatMap { $0.contracts.map(\.specialty) })
        let own = try await OwnSpecialist.all(visitor).filter {
            $0.isActive && fields.contains($0.specialty)
        }
        return try page(visitor, typed, errors, status, offered, own)
    }

    private static func page(
        _ visitor: Visitor, _ typed: FormFields, _ errors: FieldErrors, _ status: Int,
        _ offered: [Offered], _ own: [OwnSpecialist]
    ) throws -> PageReply {
        let login = try visitor.signedIn
        var fields: [String: Any] = [:]
        if let first = offered.first, !own.isEmpty {
            let chosen = offered.first { $0.code == typed.text("service") } ?? first
            func field(_ id: String, _ kind: TypedField.Kind, _ value: String) -> [String: Any] {
                TypedField(
                    id: id, label: "session_\(id)", kind: kind, value: typed.text(id) ?? value
                ).fields(visitor, errors)
            }
            let today = login.zone.date(of: login.now)
            let minutes = chosen.contracts.first?.shortest ?? 60
            fields["opening"] = [
                "choices": [
                    Choice.field(
                        "specialist", visitor.say("specialist"), own.choices,
                        selected: typed.text("specialist")),
                    Choice.field(
                        "service", visitor.say("service"),
                        offered.map { Choice($0.code, $0.name) }, selected: chosen.code),
                    Choice.field(
                        "contract", visitor.say("session_contracts"),
                        [Choice("all", visitor.say("session_contracts_all"))]
                            + offered.flatMap { service in
                                service.contracts.map {
                                    Choice($0.choice, "\($0.buyerName): \(service.name)")
                                }
                            }, selected: typed.text("contract")),
                ],
                "inputs": [
                    field("date", .date, try today.adding(days: 7).iso),
                    field("time", .time, "13:00"),
                    field("minutes", .text, "\(minutes)"),
                    field("places", .text, "\(chosen.capacity)"),
                    field("hours", .text, "24"),
                ],
            ]
        }
        return try visitor.page(
            "session_new", title: visitor.say("sessions_new_title"), fields, status: status,
            errors: errors)
    }

    private static func offered(_ visitor: Visitor) async throws -> [Offered] {
        let own = try visitor.signedIn.organisation.description
        let sold = try await SoldInContract.all(visitor).filter {
            $0.seller == own && $0.isInSessions
        }
        return Dictionary(grouping: sold, by: \.code).map { code, contracts in
            Offered(
                code: code, name: contracts.first?.name ?? code,
                contracts: contracts.sorted {
                    ($0.buyerName, $0.contract) < ($1.buyerName, $1.contract)
                },
                capacity: contracts.compactMap { $0.terms["capacity"]?.integer }.max() ?? 1)
        }
        .sorted { ($0.name, $0.code) < ($1.name, $1.code) }
    }

    static func open(_ visitor: Visitor) async throws -> PageReply {
        try visitor.require([.scheduler])
        let form = visitor.request.form
        let offered = try await offered(visitor)
        guard let service = offered.first(where: { $0.code == form.text("service") }),
            let specialist = try await OwnSpecialist.all(visitor)
                .chosen(by: form.text("specialist"))
        else { throw InvalidLink() }
        var errors = FieldErrors()
        let contract = form.text("contract") ?? "all"
        let only = service.contracts.first { $0.choice == contract }
        if contract != "all", only == nil { errors.add("contract", "error_session_contract") }
        let wanted = try wanted(form, specialist, service.code, only, &errors)
        guard let wanted, errors.isEmpty else {
            return try await show(visitor, form, errors, status: 422)
        }
        do {
            let made = try await visitor.market.openGroupSession(
                visitor.asking("openGroupSession"), wanted
            ).body
            return .see("/sessions/\(made["id"]?.text ?? "")?done=opened")
        } catch let refusal as Refusal where refusal.code != .roleNotAllowed {
            errors.add(nil, visitor.reason(refusal))
            return try await show(visitor, form, errors, status: 409)
        }
    }

    private static func wanted(
        _ form: FormFields, _ specialist: OwnSpecialist, _ service: String,
        _ contract: SoldInContract?, _ errors: inout FieldErrors
    ) throws -> Market.WantedSession? {
        func number(_ id: String, _ range: ClosedRange<Int64>) -> Int64? {
            guard let number = form.text(id).flatMap({ Int64($0) }), range.contains(number)
            else {
                errors.add(id, "error_session_\(id)")
                return nil
            }
            return number
        }
        let date = errors.read("date", "error_date") {
            try CalendarDate(iso: form.text("date") ?? "")
        }
        let time = errors.read("time", "error_time") { try TimeOfDay(form.text("time") ?? "") }
        let minutes = number("minutes", 1...1_440)
        let places = number("places", 1...Market.mostPlaces)
        let hours = number("hours", 0...8_760)
        guard let date, let time, let minutes, let places, let hours else { return nil }
        let starts = specialist.zone.instant(date, time)
        return Market.WantedSession(
            specialist: specialist.id, service: service, starts: starts, minutes: minutes,
            places: places,
            contracts: try contract.map { [try ContractID(typeID: $0.contract)] },
            bookUntil: try starts.adding(seconds: -3_600 * hours))
    }
}

import Billing
import MoneyAndTime
import Postgres
import StrictJSON

/// Rows of `charge` and `charge_line`.
package struct StoredCharge: Sendable {
    package let charge: Charge
    /// The session with others in which the visit had its place.
    package let groupSession: GroupSessionID?
    package let billableSeconds: Int64
    /// The charge in whose place it is, and the one in its own.
    package let replaces: ChargeID?
    package let replacedBy: ChargeID?
    package let digest: [UInt8]
    package let recordedAt: Instant

    /// Of a `charge` of this name.
    private static let selected: Query = """
        id, booking, block,
            (select b.group_session from booking b where b.id = charge.booking) as group_session,
            seller, buyer, contract, version, service, cause, period, served_on,
            billable_seconds, billed_seconds, seconds_before, net, document, digest, recorded_at,
            replaces, (select r.id from charge r where r.replaces = charge.id) as replaced_by
        """

    private static let columns: Query = "select \(selected) from charge"

    private static let lineColumns: Query = """
        select charge, number, kind, code, text, quantity_hundredths, unit,
            price_ten_thousandths, base_quantity, numerator::text, denominator::text, rounding, net
        from charge_line
        """

    package static func find(_ id: ChargeID) -> Query {
        "\(columns) where id = \(id)"
    }

    package static func page(
        contract: ContractID?, period: String?, after: ChargeID?, limit: Int
    ) -> Query {
        """
        \(columns) where (\(contract)::uuid is null or contract = \(contract)::uuid)
            and (\(period)::text is null or period = \(period)::text)
            and (\(after)::uuid is null or id > \(after)::uuid)
        order by id limit \(limit)
        """
    }

    /// The sealed charges of a contract that no statement has yet, up to a period; late ones of
    /// earlier periods with them.
    package static func unstated(contract: ContractID, through period: String) -> Query {
        """
        select \(selected) from unstated_charge as charge
        where contract = \(contract) and period <= \(period) order by served_on, id
        """
    }

    package static func all(_ ids: [ChargeID]) -> Query {
        "\(columns) where id = any (\(ids)) order by served_on, id"
    }

    /// Those of a period that no other replaces.
    package static func standing(contract: ContractID, period: String) -> Query {
        """
        \(columns) where contract = \(contract) and period = \(period)
            and not exists (select from charge r where r.replaces = charge.id)
        """
    }

    /// What of a statement may be on an invoice, and is on none.
    package static func toInvoice(of id: StatementID) -> Query {
        """
        \(columns) where id in (select charge from uninvoiced_charge where statement = \(id))
        order by served_on, id
        """
    }

    package static func lines(of charges: [ChargeID]) -> Query {
        "\(lineColumns) where charge = any (\(charges)) order by charge, number"
    }

    package static func ofVisit(_ booking: BookingID) -> Query {
        """
        select id from charge where booking = \(booking)
            and not exists (select from charge r where r.replaces = charge.id)
        """
    }

    /// The billed seconds already charged of a service in a period of a contract: sealed in the
    /// next charge. All places of a group session are one visit, and its own others none before it.
    package static func secondsBefore(
        contract: ContractID, period: String, service: String, in session: GroupSessionID?
    ) -> Query {
        """
        select coalesce(sum(seconds), 0)::bigint as seconds from (
            select max(c.billed_seconds) as seconds
            from charge c left join booking b on b.id = c.booking
            where c.contract = \(contract) and c.period = \(period)
              and c.service = \(service)
              and not exists (select from charge r where r.replaces = c.id)
              and (b.group_session is null or b.group_session is distinct from \(session)::uuid)
            group by coalesce(b.group_session, c.id)) x
        """
    }

    /// With the lines that `lines(of:)` found, in their order.
    package init(row: Row, lines: [Row]) throws {
        guard let cause = Charge.Cause(rawValue: try row.decode("cause")) else {
            throw CellError.malformed("a charge's cause")
        }
        charge = try Charge(
            id: row.decode("id"), of: Charge.Subject(row: row), contract: row.decode("contract"),
            versionNumber: row.decode("version"), seller: row.decode("seller"),
            buyer: row.decode("buyer"), service: row.decode("service"), cause: cause,
            servedOn: row.decode("served_on"), period: row.decode("period"),
            secondsBefore: row.decode("seconds_before"),
            billedSeconds: row.decode("billed_seconds"),
            lines: lines.map { try Charge.Line(row: $0) },
            trace: JSON.parse(row["document", [UInt8].self])["trace"] ?? .null)
        groupSession = try row.decode("group_session")
        billableSeconds = try row.decode("billable_seconds")
        replaces = try row.decode("replaces")
        replacedBy = try row.decode("replaced_by")
        digest = try row.decode("digest")
        recordedAt = try row.decode("recorded_at")
    }

    /// The charge and its lines, to be run one after the other.
    package static func insert(
        _ charge: Charge, billableSeconds: Int64, replacing: ChargeID? = nil, document: [UInt8],
        digest: [UInt8]
    ) -> [Query] {
        let head: Query = """
            insert into charge (id, booking, block, seller, buyer, contract, version, service,
                cause, period, served_on, billable_seconds, billed_seconds, seconds_before, net,
                document, digest, replaces)
            values (\(charge.id), \(charge.subject.booking), \(charge.subject.block),
                \(charge.seller), \(charge.buyer), \(charge.contract),
                \(charge.versionNumber), \(charge.service),
                \(charge.cause.rawValue), \(charge.period), \(charge.servedOn),
                \(billableSeconds), \(charge.billedSeconds), \(charge.secondsBefore),
                \(charge.net), \(document), \(digest), \(replacing))
            """
        return [head]
            + charge.lines.enumerated().map { index, line in
                """
                insert into charge_line (charge, number, seller, buyer, kind, code, text,
                    quantity_hundredths, unit, price_ten_thousandths, base_quantity,
                    numerator, denominator, rounding, net)
                values (\(charge.id), \(index + 1), \(charge.seller), \(charge.buyer),
                    \(line.kind), \(line.code), \(line.text), \(line.quantity.hundredths),
                    \(line.quantity.unit.rawValue), \(line.price.tenThousandths),
                    \(line.baseQuantity),
                    \(String(line.exact.numerator))::numeric,
                    \(String(line.exact.denominator))::numeric, \(line.rounding.rawValue),
                    \(line.net))
                """
            }
    }
}

extension Charge.Subject {
    /// From the columns `booking` and `block`; of a commitment neither is there.
    init(row: Row) throws {
        if let booking = try row["booking", BookingID?.self] {
            self = .booking(booking)
        } else if let block = try row["block", BlockID?.self] {
            self = .block(block)
        } else {
            self = .commitment
        }
    }
}

extension Charge.Line {
    private static func whole(_ row: Row, _ column: String) throws -> Int128 {
        guard let number = Int128(try row[column, String.self]) else {
            throw CellError.malformed("a whole number")
        }
        return number
    }

    fileprivate init(row: Row) throws {
        guard let unit = BilledQuantity.Unit(rawValue: try row.decode("unit")),
            let rounding = Rounding(rawValue: try row.decode("rounding"))
        else { throw CellError.malformed("a unit or a rounding") }
        let quantity = BilledQuantity(
            hundredths: try row.decode("quantity_hundredths"), unit: unit)
        try self.init(
            kind: row.decode("kind"), code: row.decode("code"), text: row.decode("text"),
            quantity: quantity,
            price: UnitPrice(tenThousandths: row.decode("price_ten_thousandths")),
            baseQuantity: row.decode("base_quantity"),
            exact: ExactNet(
                numerator: Self.whole(row, "numerator"),
                denominator: Self.whole(row, "denominator")), rounding: rounding)
    }
}

import Contracts
import MoneyAndTime
import Postgres
import StrictJSON

/// What is compiled from the services of a version: rows of `contract_service`, `price`,
/// `price_supplement` and `price_discount`, by which search and booking find a quote.
package enum CompiledRateCard {
    package static func insert(
        _ terms: Terms, number: Int64, of contract: ContractID
    ) throws -> [Query] {
        let place = Place(
            contract: contract, number: number, seller: terms.seller.organisation,
            buyer: terms.buyer.organisation)
        let services = terms.rateCard.services
        return services.map { place.service($0, terms) } + [try place.prices(terms)]
            + services.flatMap(place.supplements) + services.flatMap(place.discounts)
    }

    private struct Place {
        let contract: ContractID
        let number: Int64
        let seller: OrganisationID
        let buyer: OrganisationID

        func service(_ service: SoldService, _ terms: Terms) -> Query {
            """
            insert into contract_service (contract, number, service, seller, buyer, specialty,
                languages, modality, minimum_minutes, maximum_minutes, step_minutes, capacity,
                one_price, cap, required, instructions)
            values (\(contract), \(number), \(service.code), \(seller), \(buyer),
                \(service.field.code), \(service.languages), \(service.modality.rawValue),
                \(service.plannedLengths.minimum), \(service.plannedLengths.maximum),
                \(service.plannedLengths.step), \(service.capacity),
                \(!service.price.isMoreThanTime),
                \(service.price.cap), \(terms.required(of: service).map(\.rawValue)),
                \(service.preparationInstructions?.json.compactText)::jsonb)
            """
        }

        func prices(_ terms: Terms) throws -> Query {
            let prices = try terms.compiledPrices()
            return """
                insert into price (contract, number, service, minutes, seller, buyer, amount,
                    billed_seconds)
                select \(contract), \(number), p.service, p.minutes, \(seller), \(buyer),
                    p.amount, p.billed_seconds
                from unnest(\(prices.map(\.serviceCode)), \(prices.map(\.minutes)),
                    \(prices.map(\.amountMinorUnits)), \(prices.map(\.billedSeconds)))
                    as p(service, minutes, amount, billed_seconds)
                """
        }

        func supplements(_ service: SoldService) -> [Query] {
            service.price.supplements.enumerated().map { index, supplement in
                """
                insert into price_supplement (contract, number, service, position, seller, buyer,
                    days, from_minute, until_minute, per_minute)
                values (\(contract), \(number), \(service.code), \(index + 1), \(seller),
                    \(buyer), \(supplement.days.map(\.number).sorted()),
                    \(supplement.from.minuteOfDay), \(supplement.until.minuteOfDay),
                    \(supplement.perMinute.tenThousandths))
                """
            }
        }

        func discounts(_ service: SoldService) -> [Query] {
            service.price.discounts.enumerated().map { index, discount in
                """
                insert into price_discount (contract, number, service, position, seller, buyer,
                    basis_points, first_day, last_day)
                values (\(contract), \(number), \(service.code), \(index + 1), \(seller),
                    \(buyer), \(discount.percent.basisPoints), \(discount.firstDay),
                    \(discount.lastDay))
                """
            }
        }
    }
}

extension LocalisedName {
    fileprivate var json: JSON {
        ["fi": JSON(finnish), "sv": JSON(swedish), "en": JSON(english)]
    }
}

extension Supplement.Day {
    /// As in SQL: days of the week from Monday, 1; a public holiday is 0.
    fileprivate var number: Int64 {
        switch self {
        case .holiday: 0
        case .monday: 1
        case .tuesday: 2
        case .wednesday: 3
        case .thursday: 4
        case .friday: 5
        case .saturday: 6
        case .sunday: 7
        }
    }
}

import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// The visitor's contracts, each with the other party's name.
struct ContractList: Sendable {
    struct Entry: Sendable {
        let id: String
        let title: String
        let isSeller: Bool
        let counterparty: String
        let isDraft: Bool

        /// Which contract it is, among several with one counterparty too.
        var name: String { "\(counterparty): \(title)" }
    }

    let entries: [Entry]
    private let names: [String: String]

    static func all(_ visitor: Visitor) async throws -> ContractList {
        let own = try visitor.signedIn.organisation.description
        let names = try await ContractPages.organisationNames(visitor)
        let contracts = try await visitor.every {
            try await visitor.market.listContracts(
                visitor.asking("listContracts"), state: nil, page: $0)
        }
        return ContractList(
            entries: contracts.map { contract in
                let isSeller = contract["seller"]?.text == own
                return Entry(
                    id: contract["id"]?.text ?? "", title: contract["title"]?.text ?? "",
                    isSeller: isSeller,
                    counterparty: names[contract[isSeller ? "buyer" : "seller"]?.text ?? ""] ?? "",
                    isDraft: contract["state"]?.text == "draft")
            }, names: names)
    }

    subscript(id: JSON?) -> Entry? { entries.first { $0.id == id?.text } }

    func name(of organisation: JSON?) -> String { names[organisation?.text ?? ""] ?? "" }
}

extension Visitor {
    /// An amount of an answer as a figure of a table, whose heading has the unit.
    func figure(_ amount: JSON?) -> String { language.number(amount?.text ?? "") }

    /// A share of an answer or a document in a sentence, with its sign.
    func percent(_ share: JSON?) -> String { language.percent(share?.text ?? "") }

    /// An amount of an answer in a sentence, with its unit.
    func euros(_ amount: JSON?) throws -> String {
        language.money(try Money(decimal: amount?.text ?? ""))
    }

    /// A day of an answer.
    func day(_ day: JSON?) throws -> String {
        language.date(try CalendarDate(iso: day?.text ?? ""))
    }

    /// An instant of an answer, by the visitor's clock.
    func moment(_ instant: JSON?) throws -> String {
        try language.moment(Instant(rfc3339: instant?.text ?? ""), in: signedIn.zone)
    }

    /// The month of a period such as `2026-10`.
    func month(_ period: JSON?) throws -> String {
        language.month(of: try CalendarDate(iso: "\(period?.text ?? "")-01"))
    }
}

extension ID {
    /// Of a path; an address that names none is no link of ours.
    init(inPath parameter: String) throws(InvalidLink) {
        guard let id = try? ID(typeID: parameter) else { throw InvalidLink() }
        self = id
    }
}

import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// A service as a signed version of one of the visitor's contracts sells it.
struct SoldInContract: Sendable {
    let contract: String
    let code: String
    let name: String
    let specialty: String
    let seller: String
    let sellerName: String
    let buyerName: String
    let shortest: Int64
    let longest: Int64
    let step: Int64
    /// The service as the contract's document has it.
    let terms: JSON
    let pricePerMinute: String
    let firstSeconds: Int64
    let nextSeconds: Int64
    let minimumSeconds: Int64
    /// How long a proposal waits for its answer at least.
    let replyMinutes: Int64
    /// Names of the hand-over fields that a booking must bring.
    let required: [String]
    /// How long a visit usually is; nil where the contract does not say it.
    let guidance: String?
    /// What is done before the visit.
    let instructions: String?
    /// What the buyer's cancellation costs, from the longest notice to none.
    let cancellation: [JSON]

    private init?(_ service: JSON, of version: JSON, in language: Language) {
        guard let document = version["document"], let contract = version["contract"]?.text,
            let code = service["code"]?.text, let price = service["price_per_minute"]?.text
        else { return nil }
        self.contract = contract
        self.code = code
        name = service["name"]?[language.rawValue]?.text ?? code
        terms = service
        guidance = service["length_guidance"]?[language.rawValue]?.text
        cancellation = document["cancellation"]?["buyer"]?.elements ?? []
        instructions = service["preparation_instructions"]?[language.rawValue]?.text
        specialty = (service["specialty"] ?? service["profession"])?["code"]?.text ?? ""
        seller = document["seller"]?["organisation"]?.text ?? ""
        sellerName = document["seller"]?["name"]?.text ?? ""
        buyerName = document["buyer"]?["name"]?.text ?? ""
        let lengths = service["planned_minutes"]
        shortest = lengths?["minimum"]?.integer ?? 1
        longest = lengths?["maximum"]?.integer ?? 1
        step = max(1, lengths?["step"]?.integer ?? 1)
        pricePerMinute = price
        firstSeconds = service["increment"]?["first_seconds"]?.integer ?? 60
        nextSeconds = service["increment"]?["next_seconds"]?.integer ?? 60
        minimumSeconds = service["minimum_seconds"]?.integer ?? 0
        let asked = (document["records"]?["required_at_booking"]?.elements ?? []).compactMap(\.text)
        // between professionals there is no patient to refer to
        required = asked.filter {
            $0 != "patient_reference"
                || service["kind"]?.text != "professional_consultation"
        }
        replyMinutes = document["handshake"]?["reply_within_minutes"]?.integer ?? 0
    }

    /// The lengths that can be asked for, in minutes.
    var lengths: [Int64] { Array(stride(from: shortest, through: longest, by: Int(step))) }

    /// What the visitor's contracts sell by the newest version that both signed, ended ones too.
    static func all(_ visitor: Visitor) async throws -> [SoldInContract] {
        try await visitor.market.signedContracts(visitor.asking("getContractVersion"))
            .flatMap { all(of: $0, in: visitor.language) }
    }

    /// What the visitor's organisation buys, in the order in which it is offered for a choice; what
    /// is sold as places in group sessions, only where it is asked for.
    static func bought(
        _ visitor: Visitor, withSessions: Bool = false
    ) async throws -> [SoldInContract] {
        let own = try visitor.signedIn.organisation.description
        return try await all(visitor)
            .filter { $0.seller != own && (withSessions || !$0.isInSessions) }
            .sorted {
                ($0.name, $0.sellerName, $0.contract) < ($1.name, $1.sellerName, $1.contract)
            }
    }

    /// Whether places in group sessions are sold, and nothing by the single time.
    var isInSessions: Bool { terms["kind"]?.text == "group_session" }

    /// How a form names it.
    var choice: String { "\(contract) \(code)" }

    /// What one contract sells by its newest version that both signed.
    static func all(under id: ContractID, _ visitor: Visitor) async throws -> [SoldInContract] {
        let version = try await newestVersion(of: id, visitor)
        return version.map { all(of: $0, in: visitor.language) } ?? []
    }

    /// The newest version of a contract that both signed.
    static func newestVersion(of id: ContractID, _ visitor: Visitor) async throws -> JSON? {
        let sheet = try await visitor.market.contract(visitor.asking("getContract"), id).body
        guard
            let newest = sheet["versions"]?.elements?.last(where: {
                $0["state"]?.text == "signed"
            })?["number"]?.integer
        else { return nil }
        return try await visitor.market.contractVersion(
            visitor.asking("getContractVersion"), id, number: newest
        ).body
    }

    /// What one version sells.
    static func all(of version: JSON, in language: Language) -> [SoldInContract] {
        (version["document"]?["services"]?.elements ?? []).compactMap {
            SoldInContract($0, of: version, in: language)
        }
    }
}

extension [SoldInContract] {
    func first(contract: String?, service: String?) -> SoldInContract? {
        first { $0.contract == contract && $0.code == service }
    }
}

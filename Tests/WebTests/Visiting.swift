import API
import AsyncHTTPClient
import Billing
import Contracts
import Marketplace
import MoneyAndTime
import NIOCore
import NIOHTTP1
import Organisations
import Postgres
import Storage
import StrictJSON
import TestMarket
import TestServer
import Testing
import Web

/// A buyer and a seller with a contract and published time, and a third who has no part in it; the
/// pages over them on loopback.
struct PagesWorld: Sendable {
    let server: TestServer
    let life: LifeOfAVisit
    let outsider: TestOrganisation

    var test: TestMarket { server.test }
    var buyer: TestOrganisation { life.contract.buyer }
    var seller: TestOrganisation { life.contract.seller }

    static func with<Result: Sendable>(
        _ body: (PagesWorld) async throws -> Result
    ) async throws -> Result {
        try await TestServer.withServer(elsewhere: pages) { server in
            let test = server.test
            let contract = try await test.agreedContract(
                seller: try await test.addOrganisation("Example Hospital"),
                buyer: try await test.addOrganisation("Example Health Centre"))
            let world = PagesWorld(
                server: server, life: try await LifeOfAVisit(under: contract),
                outsider: try await test.addOrganisation("Example Clinic"))
            return try await body(world)
        }
    }

    static func pages(over market: Market) throws -> Elsewhere {
        let pages = try Pages(market: market)
        return Elsewhere(
            bodyLimit: pages.bodyLimit, credential: pages.credential, answer: pages.answer,
            apology: pages.apology)
    }

    /// A browser that is signed in as this member.
    func browser(of caller: TestCaller) async throws -> Browser {
        let browser = Browser(port: server.port)
        _ = try await browser.signIn(as: caller.member.description)
        return browser
    }

    /// The same specialist's time under a second contract, which accepts it in advance: what is
    /// booked stays so when nobody speaks. A fee of March is charged under it, and it is April.
    func charged() async throws -> (life: LifeOfAVisit, charge: ChargeID) {
        let contract = try await test.signedContract(seller: seller, buyer: buyer)
        let life = LifeOfAVisit(under: contract, sharing: life)
        let charge = try await life.cancelledLate("2027-03-03")
        try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
        return (life, charge)
    }

    /// The same with its statement, its invoice and a bank file, by the names that paths have for
    /// them.
    func invoiced() async throws -> [String: String] {
        let (life, charge) = try await charged()
        let invoice = try await life.invoiced().first
        let reference = invoice?["reference"]?.text
        let file = try await test.market.importBankFile(
            seller.finance.request("importBankFile"),
            BankDay([("20.00", reference), ("7.00", nil)]).file())
        return [
            "charge": charge.description, "statement": invoice?["statement"]?.text ?? "",
            "invoice": invoice?["id"]?.text ?? "", "bank_file": file.body["id"]?.text ?? "",
            "bank_entry": file.body["entries"]?[1]?["id"]?.text ?? "",
        ]
    }

    /// What is open of an invoice, proposed for payment by its buyer.
    func paymentFile(of invoice: String) async throws -> String {
        let id = try InvoiceID(typeID: invoice)
        _ = try await test.market.approveInvoicePayment(
            buyer.finance.request("approveInvoicePayment"), id)
        let file = try await test.market.proposePaymentFile(
            buyer.finance.request("proposePaymentFile"), invoices: [id],
            on: CalendarDate(iso: "2027-04-10"))
        return file.body["id"]?.text ?? ""
    }

    /// What units of one legal person settled of a month.
    func internalCharge() async throws -> String {
        let contract = try await test.signedContract(
            seller: seller, buyer: buyer, changed: LifeOfAVisit.ofOneLegalPerson())
        let life = LifeOfAVisit(under: contract, sharing: life)
        try await test.clock.set(to: Instant(rfc3339: "2027-03-03T06:00:00Z"))
        try await life.cancelledLate("2027-03-04", at: "12:00")
        try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
        return try await life.settled(life.accepted(), total: "54.00").body["id"]?.text ?? ""
    }

    /// A credit note of a part of an invoice.
    func credited(_ invoice: String) async throws -> String {
        try await test.market.creditInvoice(
            seller.finance.request("creditInvoice"), InvoiceID(typeID: invoice),
            reason: "Another price.",
            parts: [Credit.Part(number: 1, net: Money(decimal: "4.00"))]
        ).body["id"]?.text ?? ""
    }

    /// A run of the seller's that found nothing.
    func billingRun() async throws -> String {
        try await test.market.startBillingRun(
            seller.finance.request("startBillingRun"), through: StatementPeriod(key: "2026-12")
        ).body["id"]?.text ?? ""
    }

    /// A round of netting that both sides may answer, with the buyer's debts in it.
    func nettingRound() async throws -> String {
        let (seller, buyer) = (seller.id, buyer.id)
        let round = NettingRoundID(bits: seller.bits)
        let rows: [Query] = [
            """
            insert into netting_member (round, organisation, proposer, consent_by)
            values (\(round), \(seller), \(seller), '2029-01-01'),
                (\(round), \(buyer), \(seller), '2029-01-01')
            """,
            """
            insert into netting_claim (round, invoice, seller, buyer, amount)
            select \(round), id, seller, buyer, total from invoice
            """,
        ]
        try await test.superuser.pool.transaction { transaction in
            try await transaction.query("set local session_replication_role = replica")
            for row in rows { try await transaction.query(row) }
        }
        return round.description
    }

    /// A dispute of the buyer's about a fee of March, under a contract of its own.
    func disputed() async throws -> DisputeID {
        let contract = try await test.signedContract(seller: seller, buyer: buyer)
        let life = LifeOfAVisit(under: contract, sharing: life)
        let charge = try await life.cancelledLate("2027-03-02", at: "13:00")
        try await test.clock.set(to: Instant(rfc3339: "2027-04-01T06:00:00Z"))
        let made = try await life.statement()
        let dispute = try await life.disputed(
            charge, on: StatementID(typeID: made.body["id"]?.text ?? ""),
            DisputeWords("It was cancelled in time.", net: "27.00", evidence: ["Our log"]))
        try await test.clock.set(to: Instant(rfc3339: "2027-03-02T12:00:00Z"))
        return dispute
    }

    /// A need of the buyer's that one organisation alone is shown.
    func need(to seller: TestOrganisation) async throws -> String {
        let service = try JSONReader([
            "kind": "patient_visit", "modality": "video", "languages": ["fi"],
            "specialty": ["system": "1.2.246.537.6.24", "code": "70"],
        ]).object { try ServiceOutline(reading: &$0, hasPrice: false) }
        return try await test.market.postNeed(
            buyer.admin.request("postNeed"),
            NeedDetails(
                title: "A psychiatrist", service: service, regions: [.kainuu], minutes: 60,
                per: .week, startsOn: CalendarDate(iso: "2027-04-01"),
                endsOn: CalendarDate(iso: "2027-12-31"), words: "We have none.",
                answerBy: Instant(rfc3339: "2027-06-01T21:00:00Z"), sellers: [seller.id])
        ).body["id"]?.text ?? ""
    }

    /// The address of a time that the buyer can have, as the search shows it.
    func timeAddress(_ browser: Browser) async throws -> String {
        let service = life.contract.terms.rateCard.services[0].code
        let page = try await browser.get("/find?service=\(service)&from=2027-03-01&minutes=30")
        return try #require(page.links.first { $0.hasPrefix("/time?") })
    }
}

/// What came back.
struct PageAnswer: Sendable {
    let status: Int
    let headers: HTTPHeaders
    let body: String

    var location: String? { headers.first(name: "location") }

    var links: [String] {
        body.matches(of: /href="([^"]*)"/).map { String($0.1).replacing("&amp;", with: "&") }
    }

    /// The value of the first hidden field of this name.
    func hidden(_ name: String) -> String? {
        let fields = body.matches(of: /name="([a-z0-9_-]+)" value="([^"]*)"/)
        return fields.first { $0.1 == name }.map { String($0.2) }
    }

    /// What every form of this page's visitor has, with a key of one's own.
    func sealed(key: String) -> [String: String] { ["seal": hidden("seal") ?? "", "key": key] }

    /// The hidden fields of the form that goes to `action`.
    func form(_ action: String) throws -> [String: String] {
        let start = try #require(body.firstRange(of: "action=\"\(action)\""))
        let rest = body[start.upperBound...]
        let form = rest[..<(rest.firstRange(of: "</form>")?.lowerBound ?? rest.endIndex)]
        let fields = form.matches(of: /type="hidden" name="([a-z0-9_-]+)" value="([^"]*)"/)
        return Dictionary(fields.map { (String($0.1), String($0.2)) }) { first, _ in first }
    }
}

/// As much of a browser as the pages need: it keeps cookies and follows nothing.
actor Browser {
    private let port: Int
    private var cookies: [String: String] = [:]

    init(port: Int) {
        self.port = port
    }

    var login: String? { cookies["aikatori_login"] }

    func keep(login: String?) { cookies["aikatori_login"] = login }

    /// That of the page on which one signs in.
    func seal() async throws -> String { try await get("/sign-in").hidden("seal") ?? "" }

    /// In a demo, by the page's own form.
    func signIn(
        as member: String, _ more: [String: String] = [:]
    ) async throws -> PageAnswer {
        let form = try await get("/sign-in").sealed(key: "key \(UInt64.random(in: .min ... .max))")
        return try await post(
            "/sign-in", form.merging(["member": member]) { $1 }.merging(more) { $1 })
    }

    func get(_ path: String, headers: [String: String] = [:]) async throws -> PageAnswer {
        try await send(.GET, path, nil, headers)
    }

    func post(
        _ path: String, _ fields: [String: String], also more: [String] = [],
        headers: [String: String] = [:]
    ) async throws -> PageAnswer {
        let pairs = fields.sorted { $0.key < $1.key }
            .map { "\(Self.encoded($0.key))=\(Self.encoded($0.value))" }
        let body = (pairs + more).joined(separator: "&")
        return try await send(.POST, path, Array(body.utf8), headers)
    }

    /// The same with a file in the field `file`, under a new boundary each time; or another body.
    func upload(
        _ path: String, _ fields: [String: String], file: [UInt8]?,
        boundary: String = "b\(UInt64.random(in: .min ... .max))", body: [UInt8]? = nil
    ) async throws -> PageAnswer {
        var written: [UInt8] = []
        for (name, value) in fields {
            let head = "--\(boundary)\r\nContent-Disposition: form-data; name=\"\(name)\"\r\n\r\n"
            written += Array("\(head)\(value)\r\n".utf8)
        }
        if let file {
            let head = "Content-Disposition: form-data; name=\"file\"; filename=\"../a.xml\""
            written += Array("--\(boundary)\r\n\(head)\r\n\r\n".utf8) + file + [13, 10]
        }
        written += Array("--\(boundary)--\r\n".utf8)
        return try await send(
            .POST, path, body ?? written,
            ["Content-Type": "multipart/form-data; boundary=\(boundary)"])
    }

    /// A stream, when it has begun.
    func follow(_ path: String, headers: [String: String] = [:]) async throws -> sending Stream {
        try await Stream(
            Self.client.execute(request(.GET, path, nil, headers), timeout: .seconds(60)))
    }

    private func send(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8]?, _ headers: [String: String]
    ) async throws -> PageAnswer {
        let response = try await Self.client.execute(
            request(method, path, body, headers), timeout: .seconds(60))
        let received = try await response.body.collect(upTo: 4 << 20)
        for cookie in response.headers["set-cookie"] {
            let pair = cookie.prefix { $0 != ";" }.split(
                separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            let isGone = cookie.contains("Max-Age=0")
            cookies[String(pair[0])] = isGone ? nil : String(pair[1])
        }
        return PageAnswer(
            status: Int(response.status.code), headers: response.headers,
            body: String(buffer: received))
    }

    private func request(
        _ method: HTTPMethod, _ path: String, _ body: [UInt8]?, _ headers: [String: String]
    ) -> HTTPClientRequest {
        var request = HTTPClientRequest(url: "http://127.0.0.1:\(port)\(path)")
        request.method = method
        request.headers = HTTPHeaders(headers.map { ($0.key, $0.value) })
        if headers["Accept-Language"] == nil {
            request.headers.add(name: "Accept-Language", value: "en")
        }
        if !cookies.isEmpty {
            request.headers.add(
                name: "Cookie",
                value: cookies.map { "\($0.key)=\($0.value)" }.joined(separator: "; "))
        }
        if let body {
            if headers["Content-Type"] == nil {
                request.headers.add(
                    name: "Content-Type", value: "application/x-www-form-urlencoded")
            }
            request.body = .bytes(ByteBuffer(bytes: body))
        }
        return request
    }

    private static let client: HTTPClient = {
        var configuration = HTTPClient.Configuration(redirectConfiguration: .disallow)
        configuration.timeout.connect = .seconds(5)
        return HTTPClient(eventLoopGroupProvider: .singleton, configuration: configuration)
    }()

    private static func encoded(_ text: String) -> String {
        text.utf8.map { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: String(Unicode.Scalar(byte))
            default: "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }.joined()
    }
}

import Contracts
import Foundation
import HTTPTypes
import Hummingbird
import Marketplace
import Organisations
import SignIn
import Storage

/// The pages: each asks the same use cases as the API, and shows what they answer.
package struct Pages: Sendable {
    let market: Market
    let texts: Texts
    let templates: Templates
    let seal: FormSeal
    let streams: LiveStreams
    let rooms: RoomStreams
    let guests = GuestStreams()
    private let style: [UInt8]
    private let script: [UInt8]
    private let contractScript: [UInt8]
    private let roomScript: [UInt8]
    private let guestScript: [UInt8]
    private let checkScript: [UInt8]
    private let calendarScript: [UInt8]
    private let calendarStyle: [UInt8]
    /// What a contract is made of, and so the form by which one is written.
    let contractShape: ContractShape

    package init(
        market: Market, streams: LiveStreams = LiveStreams(), rooms: RoomStreams = RoomStreams()
    ) throws {
        self.streams = streams
        self.rooms = rooms
        self.market = market
        texts = try Texts()
        templates = try Templates()
        seal = FormSeal(key: market.keys.forms)
        style = try WebFiles.bytes("Static/aikatori.css")
        script = try WebFiles.bytes("Static/aikatori.js")
        contractScript = try WebFiles.bytes("Static/contract.js")
        roomScript = try WebFiles.bytes("Static/room.js")
        guestScript = try WebFiles.bytes("Static/guest.js")
        checkScript = try WebFiles.bytes("Static/check.js")
        calendarScript = try WebFiles.bytes("Static/calendar.js")
        calendarStyle = try WebFiles.bytes("Static/calendar.css")
        contractShape = try ContractShape.ofContract()
    }

    /// Forms are short. Only who is signed in may send a bank's file, which may be as long as the
    /// API takes one, with the rest of its form; or a contract, of which each byte may be written
    /// as three.
    @Sendable package func bodyLimit(of head: HTTPRequest, isHTTPS: Bool) -> Int {
        guard head.method == .post else { return 0 }
        let request = PageRequest(head, [], isHTTPS: isHTTPS)
        guard request.login != nil,
            case .found(let operation, _) = PageOperation.route(
                method: request.method, segments: request.segments)
        else { return 65_536 }
        return switch operation {
        case .importBankFile, .importPaymentStatus: 10_485_760 + 65_536
        case .writeContract, .writeVersion: 3 * 1_048_576 + 65_536
        default: 65_536
        }
    }

    /// The login that a browser sends with a request, or the secret in the address of a feed.
    @Sendable package func credential(
        of head: HTTPRequest, isHTTPS: Bool
    ) -> CredentialDigest? {
        let request = PageRequest(head, [], isHTTPS: isHTTPS)
        if let secret = CalendarFeedPages.secret(in: request.path) {
            return CredentialDigest(bytes: secret.digest)
        }
        return request.login.map { CredentialDigest(of: $0) }
    }

    /// The page that was asked for, or the page that says why not.
    @Sendable package func answer(
        _ head: HTTPRequest, _ body: [UInt8], isHTTPS: Bool
    ) async throws -> (name: String, response: Response, isFailedSignIn: Bool) {
        let request = PageRequest(head, body, isHTTPS: isHTTPS)
        switch PageOperation.route(method: request.method, segments: request.segments) {
        case .found(let operation, let parameter):
            let reply = try await answer(operation, parameter, request)
            return ("page.\(operation.rawValue)", reply.response, reply.isFailedSignIn)
        case .methodNotAllowed:
            return ("page", try await visitor(request).refusal(405).response, false)
        case .nothing:
            return ("page", try await visitor(request).refusal(404).response, false)
        }
    }

    /// A page for what went wrong around a page.
    @Sendable package func apology(_ head: HTTPRequest, _ status: Int, _ name: String) -> Response {
        let visitor = stranger(PageRequest(head, [], isHTTPS: false))
        guard let reply = try? visitor.refusal(status, name: name) else {
            return PageReply(status: status).response
        }
        return reply.response
    }

    private func visitor(_ request: PageRequest) async throws -> Visitor {
        guard let token = request.login,
            let login = try await market.login(
                CredentialDigest(of: token), isUse: !request.isRefresh)
        else { return stranger(request) }
        guard !login.lacksSecondFactor else {
            return Visitor(pages: self, request: request, login: login)
        }
        let standing = try await market.standing(
            Marketplace.Request(
                credential: CredentialDigest(of: token), operation: "listHandshakes"))
        return Visitor(pages: self, request: request, login: login, standing: standing)
    }

    private func stranger(_ request: PageRequest) -> Visitor {
        Visitor(pages: self, request: request, login: nil)
    }

    /// The files that are the same for everyone.
    private func file(_ operation: PageOperation) -> PageReply? {
        func reply(_ body: [UInt8], _ kind: String) -> PageReply {
            PageReply(body: body, mediaType: "text/\(kind); charset=utf-8", isPublic: true)
        }
        return switch operation {
        case .showStyle: reply(style, "css")
        case .showCalendarStyle: reply(calendarStyle, "css")
        case .showScript: reply(script, "javascript")
        case .showContractScript: reply(contractScript, "javascript")
        case .showCalendarScript: reply(calendarScript, "javascript")
        case .showRoomScript: reply(roomScript, "javascript")
        case .showGuestScript: reply(guestScript, "javascript")
        case .showCheckScript: reply(checkScript, "javascript")
        default: nil
        }
    }

    private func answer(
        _ operation: PageOperation, _ parameter: String, _ request: PageRequest
    ) async throws -> PageReply {
        if let file = file(operation) { return file }
        if operation == .readFeed {
            return try await CalendarFeedPages.read(request, market)
                ?? CalendarFeedPages.nothing(stranger(request))
        }
        if request.method == "POST", !request.isFromHere {
            return try stranger(request).refusal(403)
        }
        guard !request.isMalformed else { return try stranger(request).refusal(400) }
        // a guest's page is nobody's login's
        var visitor = operation.isOfGuest ? stranger(request) : try await visitor(request)
        guard operation.isOpen || visitor.login != nil else {
            var reply = PageReply.see("/sign-in?next=\(visitor.encodedHere)")
            reply.isFailedSignIn = request.login != nil
            return reply
        }
        if request.method == "POST", !visitor.sealMatches {
            return try visitor.refusal(403)
        }
        if let login = visitor.login, login.lacksSecondFactor, !operation.isBeforeSecondFactor {
            return .see("/account/second-factor")
        }
        do {
            if let login = visitor.login, !login.lacksSecondFactor, operation.method == "GET" {
                // a bell that does not live is no reason to show no page
                visitor.liveFrom =
                    operation.hasLiveParts
                    ? try await visitor.newestEvent() : try? await visitor.newestEvent()
                visitor.hasLiveParts = operation.hasLiveParts
            }
            return try await operation.show(visitor, parameter)
        } catch let refusal as Refusal {
            return try visitor.refusal(refusal)
        } catch let refusal as SignInRefusal {
            return try visitor.refusal(refusal)
        } catch is InvalidLink {
            return try visitor.refusal(404)
        }
    }
}

/// An address that no page of ours links to.
struct InvalidLink: Error {}

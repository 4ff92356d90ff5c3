import Marketplace
import MoneyAndTime
import Storage
import StrictJSON

/// One request on its way to one use case: what a handler decodes.
package struct Call: Sendable {
    package let market: Market
    package let operation: Operation
    /// The body's bytes as they came, for what is no JSON.
    package let bytes: [UInt8]
    /// The body as JSON; null where the operation takes none.
    package let body: JSONReader

    private let path: PathParameters
    private let claims: Claims
    private let caller: Request?

    init(
        market: Market, operation: Operation, path: PathParameters, head: RequestHead,
        claims: Claims, bytes: [UInt8]
    ) throws {
        self.market = market
        self.operation = operation
        self.path = path
        self.claims = claims
        self.bytes = bytes
        caller = claims.request(operation, head, bytes: bytes)
        body = JSONReader(try operation.body.parse(bytes))
    }

    package var query: QueryParameters { claims.query }

    /// Who asks for what. Only for operations that need an organisation's credential.
    package var request: Request {
        get throws {
            guard let caller else { throw Problem(.credentialMissing) }
            return caller
        }
    }

    /// The join token that came as the bearer token.
    package var joinToken: String { claims.token }

    /// The revision that an edit starts from, from `If-Match`.
    package var ifMatch: Int64 {
        get throws {
            guard let revision = claims.revision else {
                throw Problem(.ifMatchMissing, parameter: "If-Match")
            }
            return revision
        }
    }
}

// MARK: - The path

extension Call {
    /// An identifier in the path. A malformed one is not there, like one that is not yours.
    package func id<Tag: IDTag>(_ name: String, as _: Tag.Type = Tag.self) throws -> ID<Tag> {
        guard let text = path[name], let id = try? ID<Tag>(typeID: text) else {
            throw Refusal(.notFound)
        }
        return id
    }

    /// A number from one in the path.
    package func number(_ name: String) throws -> Int64 {
        guard let text = path[name], let number = Int64(text), number >= 1,
            String(number) == text
        else { throw Refusal(.notFound) }
        return number
    }

    /// A name in the path.
    package func name(_ name: String) throws -> String {
        guard let text = path[name], text.count <= 200 else { throw Refusal(.notFound) }
        return text
    }
}

// MARK: - The body and pages

extension Call {
    /// Reads the body as an object; members that are not read are refused.
    package func object<Result>(
        _ read: (inout JSONFields) throws -> Result
    ) throws -> Result {
        try body.object(read)
    }

    /// Which page of a list; `position` reads what the list's last item left in the cursor.
    package func page<Position>(
        _ position: (String) throws -> Position
    ) throws -> Page<Position> {
        let limit = try query.optionalInteger("limit", in: 1...200) ?? 50
        guard let cursor = try query.optionalText("cursor", max: 500) else {
            return Page(after: nil, limit: Int(limit))
        }
        guard let text = Cursor.decode(cursor), let after = try? position(text) else {
            throw Problem(
                .parameterInvalid, "The cursor is not one that this list gave.",
                parameter: "cursor")
        }
        return Page(after: after, limit: Int(limit))
    }
}

import Marketplace
import StrictJSON

/// The answer to a call that succeeded; its status is the operation's.
package struct Reply: Sendable {
    package enum Body: Sendable {
        case json(JSON)
        case text([UInt8], mediaType: String)
    }

    package let body: Body
    /// Becomes the ETag `"n"`.
    package var revision: Int64?
    /// Where what was made can be found again; a header of 201 only.
    package var location: String?
    /// The name to save a document under; letters, digits, dots and hyphens.
    package var fileName: String?

    package static func json(_ answer: Answer) -> Reply {
        Reply(body: .json(answer.body), revision: answer.revision, location: answer.location)
    }

    /// A list: the positions in it leave as opaque cursors.
    package static func page(_ answer: Answer) -> Reply {
        guard let members = answer.body.members else { return json(answer) }
        let opaque = members.map { key, value -> (String, JSON) in
            guard key == "next" || key == "cursor", let position = value.text else {
                return (key, value)
            }
            return (key, JSON(Cursor.encode(position)))
        }
        return Reply(body: .json(.object(JSONObject(opaque))))
    }

    package static func text(_ bytes: [UInt8], mediaType: String) -> Reply {
        Reply(body: .text(bytes, mediaType: mediaType))
    }

    package static func file(_ document: Document) -> Reply {
        Reply(
            body: .text(document.bytes, mediaType: document.mediaType),
            fileName: document.fileName)
    }

    package var mediaType: String {
        switch body {
        case .json: "application/json"
        case .text(_, let mediaType): mediaType
        }
    }

    package var bytes: [UInt8] {
        switch body {
        case .json(let json): json.write()
        case .text(let bytes, _): bytes
        }
    }
}

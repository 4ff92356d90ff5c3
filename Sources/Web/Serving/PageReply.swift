import HTTPTypes
import Hummingbird
import Marketplace
import NIOCore

/// What a page answers.
struct PageReply: Sendable {
    var status = 200
    var body: [UInt8] = []
    var mediaType = "text/html; charset=utf-8"
    /// The name to save it under, where it is a file and no page.
    var fileName: String?
    /// Where the browser goes next.
    var location: String?
    var cookies: [String] = []
    /// What is written as it comes, in place of a body.
    var stream: (any PageStream)?
    /// Files that are the same for everyone may be kept for a while.
    var isPublic = false
    /// By which a program asks whether it has changed.
    var entityTag: String?
    /// Whether the visitor's own browser may keep it for its Back button.
    var isKeptByBrowser = false
    /// Whether somebody presented what lets nobody in: it counts more against their address.
    var isFailedSignIn = false

    static func html(_ text: String, status: Int = 200) -> PageReply {
        PageReply(status: status, body: Array(text.utf8))
    }

    static func file(_ document: Document) -> PageReply {
        PageReply(
            body: document.bytes, mediaType: document.mediaType, fileName: document.fileName)
    }

    /// After a change: the browser asks for the next page with GET (RFC 9110 §15.4.4).
    static func see(_ location: String) -> PageReply {
        PageReply(status: 303, location: location)
    }

    /// The server adds to it what every answer says.
    var response: Response {
        var headers: HTTPFields = [.contentType: mediaType]
        if isPublic {
            headers[.cacheControl] = "public, max-age=3600"
        } else {
            headers[.vary] = "Cookie, Accept-Language"
            if isKeptByBrowser { headers[.cacheControl] = "private, no-cache" }
        }
        if let location { headers[.location] = location }
        if let entityTag { headers[.eTag] = entityTag }
        if let fileName {
            headers[.contentDisposition] = "attachment; filename=\"\(fileName)\""
        }
        headers[values: .setCookie] = cookies
        guard let stream else {
            return Response(
                status: .init(code: status), headers: headers,
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: body)))
        }
        return Response(
            status: .init(code: status), headers: headers,
            body: ResponseBody { writer in try await stream.write(to: &writer) })
    }
}

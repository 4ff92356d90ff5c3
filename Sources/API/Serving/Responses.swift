import HTTPTypes
import Hummingbird
import NIOCore
import StrictJSON

// Replies and problems as HTTP.

extension Response {
    init(_ reply: Reply, to operation: Operation, _ head: RequestHead) {
        var headers = HTTPFields()
        if let revision = reply.revision {
            headers[.eTag] = EntityTag.text(revision)
            if operation.method == .get, head.alreadyHas(revision: revision) {
                self.init(status: .notModified, headers: headers)
                return
            }
        }
        if operation.success == 201, let location = reply.location {
            headers[.location] = location
        }
        headers[.contentType] = reply.mediaType
        if let name = reply.fileName {
            headers[.contentDisposition] = "attachment; filename=\"\(name)\""
        }
        self.init(
            status: .init(code: operation.success), headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: reply.bytes)))
    }

    init(_ problem: Problem, requestID: String) {
        var headers = HTTPFields()
        headers[.contentType] = "application/problem+json"
        for header in problem.headers { headers.set(header.name, header.value) }
        if problem.endsConnection { headers[.connection] = "close" }
        self.init(
            status: .init(code: problem.status), headers: headers,
            body: ResponseBody(
                byteBuffer: ByteBuffer(bytes: problem.body(requestID: requestID).write())))
    }
}

extension Problem {
    /// Whether the request's body may still be on its way: it is not waited for.
    var endsConnection: Bool {
        status == 408 || status == 413 || code == RequestProblem.bodyNotExpected.rawValue
    }
}

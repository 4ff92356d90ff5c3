import HTTPTypes
import NIOCore
import NIOHTTPTypes

/// Ends connections that would otherwise stay: those whose request drips in for longer than any
/// answer may take, and those whose answer said `Connection: close`. A response that comes before
/// the request's end would be lost in a reset if the socket were closed at once, so it is only
/// shut for writing, and closed a moment later (RFC 9112 §9.6).
final class ConnectionGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private static let linger: TimeAmount = .seconds(2)

    private let longestRequest: TimeAmount
    private var requestTimeout: Scheduled<Void>?
    private var closesAfterResponse = false

    init(longestRequest: TimeAmount) {
        self.longestRequest = longestRequest
    }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            requestTimeout?.cancel()
            requestTimeout = closing(context, in: longestRequest)
        case .body:
            break
        case .end:
            requestTimeout?.cancel()
            requestTimeout = nil
        }
        context.fireChannelRead(data)
    }

    func write(
        context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?
    ) {
        switch unwrapOutboundIn(data) {
        case .head(var response):
            closesAfterResponse = response.headerFields[.connection] == "close"
            // What is no HTTP is refused before anything of ours sees it.
            if response.headerFields[.xContentTypeOptions] == nil {
                SecurityHeaders.protect(&response.headerFields, .data, isHTTPS: false)
            }
            context.write(Self.wrapOutboundOut(.head(response)), promise: promise)
        case .body:
            context.write(data, promise: promise)
        case .end:
            guard closesAfterResponse else {
                context.write(data, promise: promise)
                return
            }
            context.writeAndFlush(data, promise: promise)
            context.close(mode: .output, promise: nil)
            requestTimeout?.cancel()
            requestTimeout = closing(context, in: Self.linger)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        requestTimeout?.cancel()
        requestTimeout = nil
        context.fireChannelInactive()
    }

    private func closing(_ context: ChannelHandlerContext, in delay: TimeAmount) -> Scheduled<Void>
    {
        let channel = context.channel
        return context.eventLoop.scheduleTask(in: delay) { channel.close(promise: nil) }
    }
}

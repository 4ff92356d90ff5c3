import NIOCore
import NIOHTTP1
import NIOPosix
import Testing

@testable import Outgoing

@Suite("Which servers of others are asked")
struct ReachTests {
    @Test(
        "none beside this one, however its address is written",
        arguments: [
            "127.0.0.1", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
            "169.254.169.254",
            "100.64.0.1", "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1",
            "fd00::1",
            "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "2002:7f00:1::",
            "2002:a01:203::1", "::7f00:1",
        ])
    func inside(_ text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(!Reach.internet().contains(address))
        #expect(Reach.everywhere.contains(address))
    }

    @Test(
        "those of the internet are",
        arguments: [
            "1.1.1.1", "172.15.255.255", "172.32.0.1", "192.169.0.1", "100.128.0.1", "11.0.0.1",
            "2a00:1190::1", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::",
        ])
    func internet(_ text: String) throws {
        #expect(Reach.internet().contains(try #require(IPAddress(text))))
    }

    @Test("and those of the inside that are allowed, no others")
    func allowed() throws {
        let ranges = try #require(AddressRange.list("10.20.0.0/16, fd00:1::/32"))
        let reach = Reach.internet(and: ranges)
        for (text, isReached) in [
            ("10.20.255.1", true), ("10.21.0.1", false), ("fd00:1::9", true), ("fd00:2::9", false),
            ("::ffff:10.20.0.1", true), ("64:ff9b::a14:1", true), ("1.1.1.1", true),
        ] {
            #expect(reach.contains(try #require(IPAddress(text))) == isReached, "\(text)")
        }
    }

    @Test("a server on this machine answers only where it is allowed, by number or by name")
    func asked() async throws {
        let server = try await ServerBootstrap(group: .singletonMultiThreadedEventLoopGroup)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    try channel.pipeline.syncOperations.configureHTTPServerPipeline()
                    try channel.pipeline.syncOperations.addHandler(Answering())
                }
            }
            .bind(host: "127.0.0.1", port: 0).get()
        let port = try #require(server.localAddress?.port)
        let allowed = try #require(AddressRange.list("127.0.0.0/8"))
        for host in ["127.0.0.1", "localhost"] {
            let address = "http://\(host):\(port)/"
            await #expect(throws: BoundedHTTP.Failure.inside) {
                try await BoundedHTTP(reach: .internet()).get(address)
            }
            for reach in [Reach.internet(and: allowed), .everywhere] {
                let bytes = try await BoundedHTTP(reach: reach).get(address)
                #expect(String(decoding: bytes, as: UTF8.self) == "here")
            }
        }
        await #expect(throws: BoundedHTTP.Failure.unreachable) {
            try await BoundedHTTP(reach: .internet()).get("https://nobody.invalid/")
        }
        try await server.close()
    }
}

/// Answers each request with `here`.
private final class Answering: ChannelInboundHandler, Sendable {
    typealias InboundIn = HTTPServerRequestPart
    typealias OutboundOut = HTTPServerResponsePart

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        guard case .end = unwrapInboundIn(data) else { return }
        let head = HTTPResponseHead(
            version: .http1_1, status: .ok, headers: ["Content-Length": "4"])
        context.write(wrapOutboundOut(.head(head)), promise: nil)
        context.write(wrapOutboundOut(.body(.byteBuffer(ByteBuffer(string: "here")))), promise: nil)
        context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
    }
}

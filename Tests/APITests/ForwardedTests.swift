import API
import Outgoing
import TestMarket
import TestServer
import Testing

/// Whom a request is from, as far as the word of others is believed.
@Suite struct ForwardedTests {
    @Test(
        arguments: [
            ("192.0.2.1", [192, 0, 2, 1]), ("::ffff:192.0.2.1", [192, 0, 2, 1]),
            ("2001:db8::1", [32, 1, 13, 184, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]),
            ("192.0.2", nil), ("192.0.2.256", nil), ("192.0.2.1:80", nil), ("", nil),
            ("fe80::1%1", nil),
            ("example.org", nil), (" 192.0.2.1", nil),
        ] as [(String, [UInt8]?)])
    func addressesAreRead(text: String, bytes: [UInt8]?) {
        #expect(IPAddress(text)?.bytes == bytes)
    }

    @Test(arguments: [
        ("10.0.0.0/8", "10.255.255.255", true), ("10.0.0.0/8", "11.0.0.0", false),
        ("192.0.2.128/25", "192.0.2.128", true), ("192.0.2.128/25", "192.0.2.127", false),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false),
        ("0.0.0.0/0", "203.0.113.9", true), ("0.0.0.0/0", "2001:db8::1", false),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::", false),
        ("127.0.0.1", "::ffff:127.0.0.1", true),
    ])
    func rangesContain(range: String, address: String, isIn: Bool) throws {
        let address = try #require(IPAddress(address))
        #expect(AddressRange(range)?.contains(address) == isIn)
    }

    @Test(arguments: [
        "", ",", "10.0.0.0/33", "10.0.0.0/-1", "10.0.0.0/08", "10.0.0.0/", "2001:db8::/129",
        "localhost", "127.0.0.1,", "127.0.0.1 10.0.0.1", "127.0.0.1;::1",
    ])
    func whatIsNoListIsRefused(text: String) {
        #expect(TrustedProxies(text) == nil)
    }

    /// The peer, the headers as they came, and whom the request is from.
    @Test(
        arguments: [
            // from nobody in particular: nothing is believed
            ("203.0.113.7", ["198.51.100.1"], ["https"], "203.0.113.7", false),
            // from the proxy: its own entry is the last
            ("127.0.0.1", ["198.51.100.1"], ["https"], "198.51.100.1", true),
            ("127.0.0.1", ["10.9.9.9, 198.51.100.1"], ["http"], "198.51.100.1", false),
            ("127.0.0.1", ["192.0.2.66", "198.51.100.1"], ["https"], "198.51.100.1", true),
            // over two proxies, and what the client made up before them
            ("127.0.0.1", ["1.1.1.1, 198.51.100.1 ,\t10.0.0.5"], ["HTTPS"], "198.51.100.1", true),
            ("127.0.0.1", ["2001:db8::9"], ["https"], "2001:db8::9", true),
            // what is no address ends the walk at the last that is one
            ("127.0.0.1", ["198.51.100.1, unknown"], ["https"], "127.0.0.1", true),
            ("127.0.0.1", ["unknown, 10.0.0.5"], ["https"], "10.0.0.5", true),
            ("127.0.0.1", [""], ["https"], "127.0.0.1", true),
            ("127.0.0.1", [], [], "127.0.0.1", false),
            // two words are no word
            ("127.0.0.1", [], ["https", "http"], "127.0.0.1", false),
            ("127.0.0.1", [], ["https, http"], "127.0.0.1", false),
        ] as [(String, [String], [String], String, Bool)])
    func clientsAreFound(
        peer: String, forwardedFor: [String], proto: [String], client: String, isHTTPS: Bool
    ) throws {
        let proxies = try #require(TrustedProxies("127.0.0.1, ::1,10.0.0.0/8"))
        let found = proxies.client(
            peer: IPAddress(peer), forwardedFor: forwardedFor, forwardedProto: proto)
        #expect(found.address == IPAddress(client))
        #expect(found.isHTTPS == isHTTPS)
        #expect(
            TrustedProxies.none.client(
                peer: IPAddress(peer), forwardedFor: forwardedFor, forwardedProto: proto)
                == TrustedProxies.none.client(
                    peer: IPAddress(peer), forwardedFor: [], forwardedProto: []))
    }

    private static func trusting(_ proxies: String) throws -> ServerConfiguration {
        var configuration = ServerConfiguration()
        configuration.trustedProxies = try #require(TrustedProxies(proxies))
        configuration.requestsPerAddress = 2
        return configuration
    }

    /// The statuses of four requests, each in the name of another client.
    private static func asked(_ configuration: ServerConfiguration) async throws -> [Exchange] {
        try await TestServer.withServer(configuration) { server in
            var answers: [Exchange] = []
            for number in 1...4 {
                answers.append(
                    try await server.client.send(
                        "GET", "/healthz",
                        headers: [
                            "X-Forwarded-For": "198.51.100.\(number)",
                            "X-Forwarded-Proto": "https", "X-Real-IP": "198.51.100.\(number)",
                            "Forwarded": "for=198.51.100.\(number);proto=https",
                        ]))
            }
            return answers
        }
    }

    @Test func aForgedAddressChangesNothing() async throws {
        for configuration in [try Self.trusting("10.0.0.0/8"), try Self.trusting("::1")] {
            let answers = try await Self.asked(configuration)
            #expect(answers.map(\.status) == [200, 200, 429, 429])
            #expect(answers.allSatisfy { $0.headers["strict-transport-security"] == nil })
        }
    }

    @Test func aTrustedProxyNamesItsClients() async throws {
        let answers = try await Self.asked(try Self.trusting("127.0.0.1"))
        #expect(answers.map(\.status) == [200, 200, 200, 200])
        #expect(
            answers.allSatisfy {
                $0.headers["strict-transport-security"] == "max-age=31536000"
            })
    }
}

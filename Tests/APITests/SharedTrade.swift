import API
import Foundation
import Marketplace
import Outgoing
import TestMarket
import TestServer
import Testing

/// One trade for all tests of a suite, made before the first of them.
struct SharedTrade: SuiteTrait, TestScoping {
    /// The suite lacks the trait `.sharedTrade`.
    struct Missing: Error {}

    @TaskLocal fileprivate static var shared: (trade: Trade, wrongTokens: WrongTokens)?

    func provideScope(
        for test: Test, testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        // it stands for the Python that has typst: what is asked for is who may have a PDF
        let program = FileManager.default.temporaryDirectory.appending(
            path: "aikatori-typst-\(UInt64.random(in: .min ... .max))")
        try ShellProgram.write("printf '%%PDF-1.7\\n'", to: program)
        defer { try? FileManager.default.removeItem(at: program) }
        let surroundings = Surroundings(
            mail: .page, typesetter: Typesetter(python: program.path))
        // they are more than one address may make in a minute
        var configuration = ServerConfiguration()
        configuration.requestsPerAddress = 1_000_000
        configuration.requestsPerToken = 1_000_000
        try await TestServer.withServer(configuration, surroundings: surroundings) { server in
            let trade = try await Trade(server)
            let tokens = try await WrongTokens(of: trade.seller, in: server.test)
            try await Self.$shared.withValue((trade, tokens)) { try await function() }
        }
    }
}

extension Trait where Self == SharedTrade {
    static var sharedTrade: Self { SharedTrade() }
}

extension Trade {
    /// The one of the suite.
    static var shared: Trade {
        get throws {
            guard let shared = SharedTrade.shared else { throw SharedTrade.Missing() }
            return shared.trade
        }
    }

    /// Of members of the suite's seller.
    static var wrongTokens: WrongTokens {
        get throws {
            guard let shared = SharedTrade.shared else { throw SharedTrade.Missing() }
            return shared.wrongTokens
        }
    }
}

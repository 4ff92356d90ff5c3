import Outgoing
import SignIn

/// What providers publish of themselves, kept for a while. However many people sign in, a provider
/// is asked once, and for keys that it does not have no more than once in a while.
actor ProviderLibrary {
    /// How long what is published is believed without asking again.
    static let life: Duration = .seconds(600)
    /// How long to wait before a key that was not there is looked for again.
    static let pause: Duration = .seconds(30)
    /// More providers than any market has organisations.
    private static let most = 2_000

    private struct Kept<Value: Sendable> {
        let value: Task<Value, any Error>
        let since: ContinuousClock.Instant
    }

    private let http: BoundedHTTP
    private var descriptions: [WebAddress: Kept<ProviderDescription>] = [:]
    private var keys: [WebAddress: Kept<ProviderKeys>] = [:]
    private var lookedAgain: [WebAddress: ContinuousClock.Instant] = [:]

    init(http: BoundedHTTP) {
        self.http = http
    }

    /// Throws `SignInRefusal`.
    func description(of issuer: WebAddress) async throws -> ProviderDescription {
        if let kept = descriptions[issuer], kept.since.isRecent {
            return try await kept.value.value
        }
        if descriptions.count >= Self.most { descriptions = [:] }
        let http = http
        let asked = Task {
            let bytes = try await http.asked(ProviderDescription.address(of: issuer))
            return try ProviderDescription(reading: bytes, of: issuer)
        }
        let fresh = Kept(value: asked, since: .now)
        descriptions[issuer] = fresh
        do {
            return try await asked.value
        } catch {
            // What went wrong is not kept; somebody else may have asked anew meanwhile.
            if descriptions[issuer]?.since == fresh.since { descriptions[issuer] = nil }
            throw error
        }
    }

    /// Throws `SignInRefusal`.
    func keys(of provider: ProviderDescription) async throws -> ProviderKeys {
        if let kept = keys[provider.issuer], kept.since.isRecent {
            return try await kept.value.value
        }
        return try await askForKeys(of: provider)
    }

    /// The keys as they are now, for a signature by one that was not among them; nil where they
    /// were looked for a moment ago. Throws `SignInRefusal`.
    func changedKeys(of provider: ProviderDescription) async throws -> ProviderKeys? {
        if let last = lookedAgain[provider.issuer], ContinuousClock.now - last < Self.pause {
            return nil
        }
        if lookedAgain.count >= Self.most { lookedAgain = [:] }
        lookedAgain[provider.issuer] = .now
        return try await askForKeys(of: provider)
    }

    private func askForKeys(of provider: ProviderDescription) async throws -> ProviderKeys {
        if keys.count >= Self.most { keys = [:] }
        let http = http
        let asked = Task {
            try ProviderKeys(reading: await http.asked(provider.keysAddress))
        }
        let fresh = Kept(value: asked, since: .now)
        keys[provider.issuer] = fresh
        do {
            return try await asked.value
        } catch {
            if keys[provider.issuer]?.since == fresh.since { keys[provider.issuer] = nil }
            throw error
        }
    }
}

extension ContinuousClock.Instant {
    fileprivate var isRecent: Bool { .now - self < ProviderLibrary.life }
}

extension BoundedHTTP {
    /// What a provider publishes.
    fileprivate func asked(_ address: String) async throws(SignInRefusal) -> [UInt8] {
        do {
            return try await get(address)
        } catch {
            throw .providerUnreachable
        }
    }
}

import MoneyAndTime
import Organisations
import Postgres
import SignIn
import Storage

// A member's second factor: a code that an app makes from a key that it shares with the server.

/// A key that is to be put into an app.
package struct NewSecondFactor: Sendable {
    /// In base 32, as an app takes it.
    package let key: String
    /// As a link that opens an app.
    package let address: String
}

extension Market {
    /// The account of who is signed in.
    package func ownAccount(_ login: CredentialDigest) async throws -> OwnAccount {
        try await asRefusals {
            try await OwnAccount(row: database.read([OwnAccount.find(login)]).only())
        }
    }

    /// Makes a new key, which counts from when a code of it was typed. Nothing happens where one
    /// counts already.
    package func beginSecondFactor(_ login: CredentialDigest) async throws {
        let account = try await ownAccount(login)
        var random = SystemRandomNumberGenerator()
        let key = (0..<TimedCode.keyBytes).map { _ in
            UInt8.random(in: .min ... .max, using: &random)
        }
        let sealed = try seals.seal(key, for: .secondFactor, of: account.member, using: &random)
        _ = try await asRefusals {
            try await database.write([StoredSecondFactor.begin(login, sealed: sealed)])
        }
    }

    /// The key that waits to be put into an app; nil where none waits.
    package func newSecondFactor(_ account: OwnAccount) throws -> NewSecondFactor? {
        guard account.factorSince == nil, let factor = account.factor else { return nil }
        let key = try seals.open(factor.sealedKey, for: .secondFactor, of: account.member)
        return NewSecondFactor(
            key: Base32.encode(key),
            address: TimedCode.address(
                key: key, issuer: "Aikatori", account: account.email.text))
    }

    /// From now on a code is asked for. The recovery codes are shown once. Throws `SignInRefusal`.
    package func confirmSecondFactor(
        _ login: CredentialDigest, code: String
    ) async throws -> [RecoveryCode] {
        let account = try await ownAccount(login)
        guard account.factorSince == nil, let factor = account.factor,
            let step = try step(of: code, factor, of: account.member, now: account.now)
        else { throw SignInRefusal.codeWrong }
        var random = SystemRandomNumberGenerator()
        let codes = (0..<RecoveryCode.count).map { _ in RecoveryCode(using: &random) }
        let done = try await asRefusals {
            try await database.write([
                StoredSecondFactor.confirm(
                    login, step: step,
                    recoveryCodes: codes.map { $0.digest(keys.recoveryCodes) })
            ]).only()["done", Bool.self]
        }
        guard done else { throw SignInRefusal.codeWrong }
        return codes
    }

    /// No code is asked for any more; the last one that is proves who does this. Throws
    /// `SignInRefusal`.
    package func removeSecondFactor(_ login: CredentialDigest, code: String) async throws {
        let refusal: SignInRefusal? = try await asRefusals {
            try await database.transaction { transaction in
                let account = try await OwnAccount(
                    row: transaction.query(OwnAccount.find(login)).only())
                guard let factor = account.factor else { return nil }
                if account.factorSince != nil,
                    let refusal = try await check(
                        code, factor, of: account.member, now: account.now, in: transaction)
                {
                    return refusal
                }
                try await transaction.query(StoredSecondFactor.remove(login))
                return nil
            }
        }
        if let refusal { throw refusal }
    }

    /// Nil when the code is right, and then it is taken. What a wrong one counts for is kept with
    /// the transaction.
    func check(
        _ typed: String, _ factor: StoredSecondFactor, of member: MemberID, now: Instant,
        in transaction: Transaction
    ) async throws -> SignInRefusal? {
        guard !factor.isLocked else { return .codeLocked }
        if let step = try step(of: typed, factor, of: member, now: now) {
            try await transaction.query(StoredSecondFactor.take(step, of: member))
            return nil
        }
        if let recovery = RecoveryCode(typed: typed) {
            let taken = try await transaction.query(
                StoredSecondFactor.takeRecoveryCode(
                    recovery.digest(keys.recoveryCodes), of: member)
            ).only()["taken", Bool.self]
            if taken {
                try await transaction.query(StoredSecondFactor.take(nil, of: member))
                return nil
            }
        }
        try await transaction.query(StoredSecondFactor.countWrongCode(of: member))
        return .codeWrong
    }

    /// The step of the code that was typed, with blanks or without; nil for a wrong one.
    private func step(
        of typed: String, _ factor: StoredSecondFactor, of member: MemberID, now: Instant
    ) throws -> Int64? {
        let key = try seals.open(factor.sealedKey, for: .secondFactor, of: member)
        return TimedCode.usual.step(
            of: typed.filter { $0 != " " }, key, now: now, after: factor.lastStep)
    }
}

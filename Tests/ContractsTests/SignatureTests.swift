import MoneyAndTime
import StrictJSON
import Testing

@testable import Contracts

@Suite("Signatures")
struct SignatureTests {
    /// 2026-12-02T12:00:00Z
    private static let noon = Instant(microseconds: 1_796_212_800_000_000)

    private func keys() throws -> (seller: SigningKey, buyer: SigningKey) {
        var generator = SplitMix64(seed: 5)
        return (try SigningKey(using: &generator), try SigningKey(using: &generator))
    }

    private func signed() throws -> SignedContract {
        let (seller, buyer) = try keys()
        let canonical = try Example.psychiatrist().canonical
        return try SignedContract(
            canonical: canonical,
            signatures: [
                try PayloadSignature(of: canonical, by: seller, at: Self.noon),
                try PayloadSignature(of: canonical, by: buyer, at: Self.noon),
            ])
    }

    @Test("RFC 8037, appendix A: the thumbprint and the signature of its key")
    func publishedVectors() throws {
        let seed = try #require(Base64URL.decode("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"))
        let key = try SigningKey(seed: seed)
        let jwk: JSON = [
            "kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo",
        ]
        #expect(try VerifyingKey(jwk: jwk) == key.verifyingKey)
        #expect(key.verifyingKey.thumbprint == "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k")
        let input = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
        let signature =
            "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt"
            + "9g7sVvpAr_MuM0KAg"
        #expect(Base64URL.encode(try key.signature(of: Array(input.utf8))) == signature)
        let bytes = try #require(Base64URL.decode(signature))
        #expect(key.verifyingKey.isSignature(bytes, of: Array(input.utf8)))
    }

    @Test("Both signatures verify over the same bytes, also after writing and reading")
    func verify() throws {
        let (seller, buyer) = try keys()
        let signed = try signed()
        let read = try SignedContract(json: try JSON.parse(signed.json.write()))
        #expect(read == signed)
        let trusted = [PublishedKey(buyer.verifyingKey), PublishedKey(seller.verifyingKey)]
        let (document, signers) = try read.verify(trusting: trusted)
        #expect(document == (try Example.psychiatrist()))
        #expect(signers.map(\.key.key) == [seller.verifyingKey, buyer.verifyingKey])
        #expect(signers.allSatisfy { $0.side == nil && $0.claimedAt == Self.noon })
        let header = try #require(Base64URL.decode(signed.signatures[0].protectedHeader))
        let expected: JSON = [
            "alg": "EdDSA", "iat": 1_796_212_800, "kid": JSON(seller.verifyingKey.thumbprint),
        ]
        #expect(try JSON.parse(header) == expected)
    }

    @Test("A key that is not trusted, and a key that only claims to have signed, are refused")
    func wrongKey() throws {
        let (seller, buyer) = try keys()
        let signed = try signed()
        #expect(throws: SignatureRefusal.unknownKey(buyer.verifyingKey.thumbprint)) {
            try signed.verify(trusting: [PublishedKey(seller.verifyingKey)])
        }
        let canonical = signed.canonical
        let header = try PayloadSignature(of: canonical, by: seller, at: Self.noon).json[
            "protected"]
        let forged = try PayloadSignature(
            json: try PayloadSignature(of: canonical, by: buyer, at: Self.noon).json
                .setting("/protected", to: header))
        #expect(throws: SignatureRefusal.wrongSignature(seller.verifyingKey.thumbprint)) {
            try forged.verify(over: canonical, trusting: [seller.verifyingKey])
        }
    }

    @Test("Any changed byte of the contract, header or signature breaks it")
    func changedByte() throws {
        let (seller, _) = try keys()
        let canonical = try Example.psychiatrist().canonical
        let signature = try PayloadSignature(of: canonical, by: seller, at: Self.noon)
        let refusal = SignatureRefusal.wrongSignature(seller.verifyingKey.thumbprint)
        for index in stride(from: 0, to: canonical.count, by: 97) {
            var changed = canonical
            changed[index] ^= 1
            #expect(throws: refusal) {
                try signature.verify(over: changed, trusting: [seller.verifyingKey])
            }
        }
        for index in signature.bytes.indices {
            var bytes = signature.bytes
            bytes[index] ^= 1
            let json = signature.json.setting("/signature", to: JSON(Base64URL.encode(bytes)))
            #expect(throws: refusal) {
                try PayloadSignature(json: json)
                    .verify(over: canonical, trusting: [seller.verifyingKey])
            }
        }
    }

    @Test("A signature over another contract is refused")
    func otherDocument() throws {
        let (seller, _) = try keys()
        let signature = try PayloadSignature(
            of: try Example.physician().canonical, by: seller, at: Self.noon)
        #expect(throws: SignatureRefusal.wrongSignature(seller.verifyingKey.thumbprint)) {
            try signature.verify(
                over: try Example.psychiatrist().canonical, trusting: [seller.verifyingKey])
        }
    }

    @Test("A signed text that is not the canonical one, or no contract, is refused")
    func notCanonical() throws {
        let (seller, _) = try keys()
        let written = try Example.psychiatrist().json.write()
        let loose = try SignedContract(
            canonical: written,
            signatures: [try PayloadSignature(of: written, by: seller, at: Self.noon)])
        #expect(throws: SignatureRefusal.payloadDiffers) {
            try loose.verify(trusting: [PublishedKey(seller.verifyingKey)])
        }
        let other = Array("{}".utf8)
        let empty = try SignedContract(
            canonical: other,
            signatures: [try PayloadSignature(of: other, by: seller, at: Self.noon)])
        #expect(throws: ContractProblem.self) {
            try empty.verify(trusting: [PublishedKey(seller.verifyingKey)])
        }
    }

    @Test("What is not a JWS with one or two different signers is refused")
    func malformed() throws {
        let json = try signed().json
        let signatures = try #require(json["signatures"]?.elements)
        let none = Base64URL.encode(Array(#"{"alg":"none","iat":1,"kid":"a"}"#.utf8))
        let critical = Base64URL.encode(
            Array(#"{"alg":"EdDSA","iat":1,"kid":"a","crit":["b64"],"b64":false}"#.utf8))
        let cases: [JSON] = [
            [], "a", json.setting("/payload", to: nil), json.setting("/payload", to: "a"),
            json.setting("/signatures", to: []), json.setting("/more", to: 1),
            json.setting("/signatures", to: .array(signatures + signatures)),
            json.setting("/signatures", to: [signatures[0], signatures[0]]),
            json.setting("/signatures/0/header", to: [:]),
            json.setting("/signatures/0/signature", to: "AAAA"),
            json.setting("/signatures/0/protected", to: "AA"),
            json.setting("/signatures/0/protected", to: JSON(none)),
            json.setting("/signatures/0/protected", to: JSON(critical)),
        ]
        let times = [
            #"{"alg":"EdDSA","kid":"a"}"#, #"{"alg":"EdDSA","iat":"1","kid":"a"}"#,
            #"{"alg":"EdDSA","iat":1.5,"kid":"a"}"#, #"{"alg":"EdDSA","iat":-1,"kid":"a"}"#,
            #"{"alg":"EdDSA","iat":253370764800,"kid":"a"}"#,
            #"{"alg":"EdDSA","iat":9223372036854775807,"kid":"a"}"#,
        ].map {
            json.setting(
                "/signatures/0/protected", to: JSON(Base64URL.encode(Array($0.utf8))))
        }
        for json in cases + times {
            #expect(throws: SignatureRefusal.self, "\(json.compactText.prefix(40))") {
                try SignedContract(json: json)
            }
        }
        #expect(throws: SignatureRefusal.unknownAlgorithm) {
            try SignedContract(json: cases[11])
        }
    }

    @Test("Each signature is by a key of its party that had not been retired")
    func whoseKey() throws {
        let (seller, buyer) = try keys()
        let signed = try signed()
        let terms = try Example.psychiatrist().terms
        func published(
            _ key: SigningKey, of side: Side?, retired: Int64? = nil
        ) throws -> PublishedKey {
            try PublishedKey(
                key.verifyingKey, of: side.map { terms.party($0).organisation },
                createdAt: Self.noon,
                retiredAt: retired.map { try Self.noon.adding(seconds: $0) })
        }
        let sellers = try published(seller, of: .seller)
        let buyers = try published(buyer, of: .buyer, retired: 1)
        let set = try PublishedKey.set(
            JSON.parse(PublishedKey.set([buyers, sellers]).write()))
        #expect(set == [buyers, sellers])
        #expect(try signed.verify(trusting: set).signers.map(\.side) == [.seller, .buyer])
        let refused: [(PublishedKey, SignatureRefusal)] = [
            (try published(buyer, of: .buyer, retired: 0), .keyRetired(buyers.key.thumbprint)),
            (try published(buyer, of: .seller), .signedTwice(buyers.key.thumbprint)),
            (
                PublishedKey(buyer.verifyingKey, of: OrganisationID(bits: 7)),
                .keyOfAnother(buyers.key.thumbprint)
            ),
        ]
        for (key, refusal) in refused {
            #expect(throws: refusal) { try signed.verify(trusting: [sellers, key]) }
        }
    }

    @Test("A set with a key that cannot be read, or with one twice, is no set of keys")
    func keySets() throws {
        let key = PublishedKey(try keys().seller.verifyingKey)
        let other: JSON = ["kty": "RSA", "n": "AQAB", "e": "AQAB", "kid": "other"]
        #expect(try PublishedKey.set(["keys": [other, key.jwk]]) == [key])
        let wrong: [JSON] = [
            [], "a", ["keys": [:]], ["keys": [key.jwk, key.jwk]],
            ["keys": [key.jwk.setting("/x", to: "AAAA")]],
            ["keys": [key.jwk.setting("/organisation", to: "unit_1")]],
            ["keys": [key.jwk.setting("/retired_at", to: 5)]],
        ]
        for json in wrong {
            #expect(throws: SignatureRefusal.self, "\(json.compactText.prefix(60))") {
                try PublishedKey.set(json)
            }
        }
    }

    @Test("A private key is not written by accident")
    func description() throws {
        let (seller, _) = try keys()
        var dumped = ""
        dump(seller, to: &dumped)
        for text in ["\(seller)", String(reflecting: seller), dumped] {
            #expect(!text.contains(Base64URL.encode(seller.seed)))
            #expect(!text.contains("\(seller.seed)"))
            #expect(!text.contains("seed"))
        }
    }
}

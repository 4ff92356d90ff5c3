import MoneyAndTime
import Organisations
import StrictJSON
import Testing

@testable import SignIn

@Suite("Addresses, keys, signatures and requests of providers")
struct ProviderTests {
    @Test(arguments: [
        "https://login.example", "https://login.example/", "https://login.example:8443/realm/a",
        "https://login.example/a~b/%20", "http://127.0.0.1:1", "http://localhost/realm",
        "http://[::1]:80/a",
    ])
    func addresses(text: String) throws {
        #expect(try WebAddress(text, allowingLoopback: true).text == text)
        #expect(
            ((try? WebAddress(text, allowingLoopback: false)) == nil) == text.hasPrefix("http:"))
    }

    @Test(arguments: [
        "", "login.example", "http://login.example", "ftp://login.example", "https://",
        "https:///a", "https://user@login.example", "https://login.example?a", "https://a/#b",
        "https://a b", "https://login.example:port", "https://ä.example", "HTTPS://login.example",
        "http://127.0.0.1.example", "http://localhost@login.example", "https://a\\b",
        "http://localhost:80@login.example/",
    ])
    func noAddresses(text: String) {
        #expect(throws: WebAddress.Malformed.self) {
            try WebAddress(text, allowingLoopback: true)
        }
    }

    struct Signed: Sendable {
        let algorithm: SigningAlgorithm
        let key: String
        /// Header, payload and signature.
        let token: String
    }

    /// RFC 7515, appendices A.2 and A.3, and RFC 8037, appendix A.4.
    static let published = [
        Signed(
            algorithm: .rs256,
            key: """
                {"kty":"RSA","e":"AQAB","n":"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26\
                mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32\
                690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa\
                2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_\
                h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"}
                """,
            token: "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6"
                + "Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF"
                + "9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZc"
                + "AcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0Ga"
                + "rZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w"
                + "9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"),
        Signed(
            algorithm: .es256,
            key: """
                {"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",\
                "y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"}
                """,
            token: "eyJhbGciOiJFUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6"
                + "Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4Gawxae"
                + "pmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"),
        Signed(
            algorithm: .edDSA,
            key: """
                {"kty":"OKP","crv":"Ed25519","x":"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}
                """,
            token: "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc.hgyY0il_MGCjP0JzlnLW"
                + "G1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"),
    ]

    @Test(arguments: published)
    func signatures(_ vector: Signed) async throws {
        let set = Array("{\"keys\":[\(vector.key)]}".utf8)
        let key = try ProviderKeys(reading: set).find(nil, for: vector.algorithm)
        let parts = vector.token.split(separator: ".")
        let message = Array("\(parts[0]).\(parts[1])".utf8)
        var signature = try #require(Base64URL.decode(parts[2]))
        #expect(await key.verifies(signature, of: message, by: vector.algorithm))
        #expect(await !key.verifies(signature, of: message + [0], by: vector.algorithm))
        #expect(await !key.verifies([], of: message, by: vector.algorithm))
        signature[7] ^= 1
        #expect(await !key.verifies(signature, of: message, by: vector.algorithm))
    }

    @Test("a key is taken for what it is for, and nothing else")
    func keys() throws {
        func count(_ key: String) throws -> Int {
            try ProviderKeys(reading: Array("{\"keys\":[\(key)]}".utf8)).keys.count
        }
        #expect(try count(#"{"kty":"RSA","n":"AA","e":"AQAB"}"#) == 1)
        for other in [
            #"{"kty":"oct","k":"AA"}"#, #"{"kty":"RSA","n":"AA"}"#, #"{"n":"AA","e":"AQAB"}"#,
            #"{"kty":"RSA","n":"AA","e":"AQAB","use":"enc"}"#,
            #"{"kty":"RSA","n":"AA","e":"AQAB","use":1}"#,
            #"{"kty":"RSA","n":"AA","e":"AQAB","key_ops":["sign"]}"#,
            #"{"kty":"RSA","n":"AA","e":"AQAB","alg":"RSA-OAEP"}"#,
            #"{"kty":"RSA","n":"AA","e":"AQAB","alg":"HS256"}"#,
            #"{"kty":"EC","crv":"secp256k1","x":"AA","y":"AA"}"#,
            #"{"kty":"EC","crv":"P-256","x":"AA","y":"AA","alg":"ES384"}"#,
            "1", "null",
        ] { #expect(try count(other) == 0, "\(other)") }
        for none in ["{}", "[]", "{\"keys\":{}}", "", "{\"keys\":[],\"keys\":[]}"] {
            #expect(throws: SignInRefusal.providerMisconfigured) {
                try ProviderKeys(reading: Array(none.utf8))
            }
        }
    }

    @Test("the client's secret goes into the header, encoded, or into the body where it must")
    func tokenRequests() {
        let inHeader = TokenRequest(
            code: "a b", verifier: "v", returningTo: "https://a/b", clientID: "a:b",
            clientSecret: "c d", secretInBody: false)
        // a%3Ab:c%20d
        #expect(inHeader.authorization == "Basic YSUzQWI6YyUyMGQ=")
        #expect(
            inHeader.body == "grant_type=authorization_code&code=a%20b"
                + "&redirect_uri=https%3A%2F%2Fa%2Fb&code_verifier=v")
        let inBody = TokenRequest(
            code: "c", verifier: "v", returningTo: "r", clientID: "a", clientSecret: "s",
            secretInBody: true)
        #expect(inBody.authorization == nil)
        #expect(inBody.body.hasSuffix("&client_id=a&client_secret=s"))
        let open = TokenRequest(
            code: "c", verifier: "v", returningTo: "r", clientID: "a", clientSecret: nil,
            secretInBody: false)
        #expect(open.authorization == nil && open.body.hasSuffix("&code_verifier=v&client_id=a"))
    }

    @Test("values of a claim give roles; those that mean nothing are left")
    func roles() throws {
        let mapping = try RoleMapping(
            claim: "realm.groups", values: [.scheduler: ["desk", "all"], .finance: ["all"]])
        func roles(_ json: JSON) throws -> Set<Role> {
            try Claims(subject: "s", json: json).roles(mapping)
        }
        #expect(try roles(["realm": ["groups": ["desk", 1, "x"]]]) == [.scheduler])
        #expect(try roles(["realm": ["groups": "all"]]) == [.scheduler, .finance])
        #expect(try roles(["realm.groups": ["all"]]) == [.scheduler, .finance])
        for nothing in [[:], ["realm": "desk"], ["realm": ["groups": ["Desk"]]]] as [JSON] {
            #expect(throws: SignInRefusal.rolesUnknown) { try roles(nothing) }
        }
        for (claim, values) in [
            ("", [Role.admin: ["a"]]), ("a b", [.admin: ["a"]]), ("a", [:]), ("a", [.admin: []]),
            ("a", [.admin: [""]]), ("a", [.admin: ["a\nb"]]),
        ] as [(String, [Role: Set<String>])] {
            #expect(throws: RoleMapping.Malformed.self) {
                try RoleMapping(claim: claim, values: values)
            }
        }
    }
}

import MoneyAndTime
import StrictJSON
import Testing
import Visits

@Suite struct JitsiTokenTests {
    private static let room = "aikatori-0f8e2d1c4b5a69788796a5b4c3d2e1f0"

    private static func token(
        address: String = "https://meet.hospital.example/\(room)", isModerator: Bool = true
    ) -> JitsiToken? {
        JitsiToken(
            appID: "aikatori", address: address, opens: 1_804_571_100, closes: 1_804_578_300,
            user: "00112233445566778899aabbccddeeff", name: "Psykiatri Åsa",
            isModerator: isModerator)
    }

    /// Made with the modules `hmac`, `hashlib` and `base64` of Python 3, from the same claims.
    private static let vector =
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9."
        + "eyJpc3MiOiJhaWthdG9yaSIsImF1ZCI6ImFpa2F0b3JpIiwic3ViIjoibWVldC5ob3NwaXRhbC5leGFtcGxl"
        + "Iiwicm9vbSI6ImFpa2F0b3JpLTBmOGUyZDFjNGI1YTY5Nzg4Nzk2YTViNGMzZDJlMWYwIiwibmJmIjoxODA0"
        + "NTcxMTAwLCJleHAiOjE4MDQ1NzgzMDAsImNvbnRleHQiOnsidXNlciI6eyJpZCI6IjAwMTEyMjMzNDQ1NTY2"
        + "Nzc4ODk5YWFiYmNjZGRlZWZmIiwibmFtZSI6IlBzeWtpYXRyaSDDhXNhIiwiYWZmaWxpYXRpb24iOiJvd25l"
        + "ciIsIm1vZGVyYXRvciI6InRydWUifX19."
        + "wb-jm4AHxQa8PXjrz06U4U4xvf7C4AYQksbtmFGvCGc"

    @Test func isWhatAnotherProgramMakes() throws {
        let token = try #require(Self.token())
        let secret = Array("an-example-of-a-secret-of-40-characters!".utf8)
        #expect(token.signed(with: secret) == Self.vector)
        #expect(token.signed(with: Array(secret.dropLast())) != Self.vector)
    }

    @Test func onlyTheSellerModerates() throws {
        let token = try #require(Self.token(isModerator: false))
        let parts = token.signed(with: [UInt8](repeating: 1, count: 32)).split(separator: ".")
        let claims = try JSON.parse(#require(Base64URL.decode(parts[1])))
        let user = claims["context"]?["user"]
        #expect(user?["moderator"] == "false" && user?["affiliation"] == "member")
    }

    @Test func comparesInLowerCaseAndWithoutAPort() throws {
        let token = try #require(Self.token(address: "https://Meet.Example:8443/Room-A"))
        #expect(token.domain == "meet.example" && token.room == "room-a")
    }

    @Test(arguments: [
        "http://meet.example/room", "https://meet.example", "https://meet.example/",
        "https://meet.example/tenant/room", "https:///room", "room",
    ])
    func refusesWhatIsNoRoom(_ address: String) {
        #expect(Self.token(address: address) == nil)
    }
}

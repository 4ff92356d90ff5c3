import FoundationEssentials
import StrictJSON

/// The exchange of a code for an identity token (RFC 6749 §4.1.3), from server to server.
package struct TokenRequest: Sendable {
    /// The form.
    package let body: String
    /// The value of the `Authorization` header; nil where the secret is in the body, or there is
    /// none.
    package let authorization: String?

    package init(
        code: String, verifier: String, returningTo: String, clientID: String,
        clientSecret: String?, secretInBody: Bool
    ) {
        var fields = [
            ("grant_type", "authorization_code"), ("code", code), ("redirect_uri", returningTo),
            ("code_verifier", verifier),
        ]
        if let clientSecret, !secretInBody {
            // Both are encoded first (RFC 6749 §2.3.1).
            let pair = "\(FormEncoding.encode(clientID)):\(FormEncoding.encode(clientSecret))"
            authorization = "Basic " + Data(pair.utf8).base64EncodedString()
        } else {
            fields.append(("client_id", clientID))
            if let clientSecret { fields.append(("client_secret", clientSecret)) }
            authorization = nil
        }
        body = FormEncoding.encode(fields)
    }
}

/// What the provider answers (RFC 6749 §5.1, OpenID Connect Core 1.0 §3.1.3.3).
package struct TokenAnswer: Sendable {
    package let idToken: String
    /// For user info alone; not kept.
    package let accessToken: String?

    package init(reading bytes: [UInt8]) throws(SignInRefusal) {
        guard let json = try? JSON.parse(bytes), let token = json["id_token"]?.text,
            json["token_type"]?.text?.lowercased() == "bearer"
        else { throw .providerRefused }
        idToken = token
        let access = json["access_token"]?.text
        accessToken = access.flatMap { text in
            text.utf8.count <= 16_384 && text.utf8.allSatisfy { (0x21...0x7E).contains($0) }
                ? text : nil
        }
    }
}

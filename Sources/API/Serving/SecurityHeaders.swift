import HTTPTypes

/// What every answer tells a browser not to do with it, be it the API's or a page, a success or a
/// failure. The only place where these headers are written.
enum SecurityHeaders {
    enum Kind {
        /// For programs: a browser that is led here shows it and runs nothing.
        case data
        /// For browsers: what is ours may run, be shown and be sent to.
        case page
    }

    /// A header that an answer has of its own is kept only where it says more: who may keep a copy.
    static func protect(_ headers: inout HTTPFields, _ kind: Kind, isHTTPS: Bool) {
        if headers[.cacheControl] == nil { headers[.cacheControl] = "no-store" }
        headers[.xContentTypeOptions] = "nosniff"
        for (name, value) in ofAll + (kind == .page ? ofPages : ofData) {
            headers.set(name, value)
        }
        // Said over plain HTTP it would mean nothing (RFC 6797 §7.2).
        if isHTTPS { headers[.strictTransportSecurity] = "max-age=31536000" }
    }

    private static let ofAll = [
        ("X-Frame-Options", "DENY"),
        ("Cross-Origin-Resource-Policy", "same-origin"),
        ("Cross-Origin-Opener-Policy", "same-origin"),
    ]

    private static let ofData = [
        ("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"),
        ("Referrer-Policy", "no-referrer"),
        ("Permissions-Policy", "camera=(), microphone=(), geolocation=(), payment=(), usb=()"),
    ]

    private static let ofPages = [
        (
            "Content-Security-Policy",
            [
                "default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'",
                "img-src 'self' data:", "connect-src 'self'", "media-src 'self' blob:",
                "form-action 'self'", "frame-ancestors 'none'", "base-uri 'none'",
            ].joined(separator: "; ")
        ),
        // The room of a visit, and nobody else's frame in it.
        (
            "Permissions-Policy",
            "camera=(self), microphone=(self), geolocation=(), payment=(), usb=()"
        ),
        // The path of a page may name a booking: other sites do not get it.
        ("Referrer-Policy", "same-origin"),
    ]
}

extension HTTPFields {
    mutating func set(_ name: String, _ value: String) {
        if let name = HTTPField.Name(name) { self[name] = value }
    }
}

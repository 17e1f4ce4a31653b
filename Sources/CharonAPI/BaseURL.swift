package import CharonCore

/// The URL before the paths of Charon's calls, as in `https://charon.example.org/api`.
package struct BaseURL: Hashable, Sendable, CustomStringConvertible {
    package let isTLS: Bool
    /// The host's name or address; an IPv6 address without its brackets.
    package let host: String
    package let port: Int
    /// What stands before the path of each call: empty, or `/` and no slash at its end.
    package let path: String
    /// The URL without a slash at its end.
    ///
    /// It holds no secret: credentials in a URL are refused.
    package let description: String

    /// Reads a base URL; the error says what is wrong with it and what is allowed.
    ///
    /// `http` sends the key in the clear, hence to this host itself only unless `allowPlainHTTP` is set.
    package init(_ text: String, allowPlainHTTP: Bool = false) throws(CharonError) {
        guard let colon = text.firstIndex(of: ":"), text[colon...].hasPrefix("://") else {
            throw Self.error("begins with https:// (or http:// for this host itself)")
        }
        let scheme = text[..<colon].lowercased()
        guard scheme == "https" || scheme == "http" else { throw Self.error("has the scheme https (or http)") }
        let rest = text[colon...].dropFirst(3)
        // No part of the text is repeated in these errors: it may be a password.
        guard !rest.contains("?") else { throw Self.error("has no query ('?')") }
        guard !rest.contains("#") else { throw Self.error("has no fragment ('#')") }
        let authority = rest.prefix { $0 != "/" }
        guard !authority.contains("@") else {
            throw Self.error("has no user or password (the key has a setting of its own)")
        }
        path = try Self.path(rest.dropFirst(authority.count))
        isTLS = scheme == "https"
        let (name, number) = try Self.hostAndPort(authority)
        host = name.lowercased()
        port = number ?? (isTLS ? 443 : 80)
        let shown = host.contains(":") ? "[\(host)]" : host
        description = "\(scheme)://\(shown)\(number.map { ":\($0)" } ?? "")\(path)"
        guard isTLS || allowPlainHTTP || isLoopback else {
            throw CharonError(
                .configuration,
                "plain http to \(host) would send the key in the clear: use https, or allow plain http explicitly"
            )
        }
    }

    /// The header `Host`: without the port that is the scheme's own (RFC 9110, 7.2).
    package var hostHeader: String {
        guard port == (isTLS ? 443 : 80) else { return authority }
        return host.contains(":") ? "[\(host)]" : host
    }

    /// Host and port, as in `charon.example.org:443` or `[::1]:8080`.
    package var authority: String { (host.contains(":") ? "[\(host)]" : host) + ":\(port)" }

    /// Whether the host is this one by its name: localhost, 127.0.0.0/8, ::1.
    package var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }

    private static func hostAndPort(_ authority: Substring) throws(CharonError) -> (String, Int?) {
        let host: Substring
        let rest: Substring
        if authority.first == "[" {
            host = authority.dropFirst().prefix { $0 != "]" }
            guard authority.dropFirst(host.count + 1).first == "]", host.utf8.allSatisfy({ isAddress($0) }),
                host.contains(":")
            else { throw error("has an IPv6 address between '[' and ']'") }
            rest = authority.dropFirst(host.count + 2)
        } else {
            host = authority.prefix { $0 != ":" }
            guard !host.isEmpty, host.utf8.allSatisfy({ isAlphanumeric($0) || $0 == 0x2D || $0 == 0x2E || $0 == 0x5F })
            else { throw error("has a host of ASCII letters, digits, '-' and '.'") }
            rest = authority.dropFirst(host.count)
        }
        if rest.isEmpty { return (String(host), nil) }
        guard rest.first == ":", let port = UInt16(rest.dropFirst()), port > 0, rest.utf8.dropFirst().first != 0x2B
        else { throw error("has a port from 1 to 65535 after ':'") }
        return (String(host), Int(port))
    }

    private static func path(_ text: Substring) throws(CharonError) -> String {
        var path = text
        while path.last == "/" { path.removeLast() }
        let allowed = Set("-._~!$&'()*+,;=:@/%".utf8)
        guard path.utf8.allSatisfy({ isAlphanumeric($0) || allowed.contains($0) }) else {
            throw error("has a path of ASCII letters, digits and -._~!$&'()*+,;=:@/, and %XX for anything else")
        }
        return String(path)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x7A).contains(byte | 0x20)
    }

    private static func isAddress(_ byte: UInt8) -> Bool {
        byte == 0x3A || byte == 0x2E || (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }

    private static func error(_ allowed: String) -> CharonError {
        CharonError(.configuration, "a base URL \(allowed), as in https://charon.example.org/api")
    }
}

package import CharonCore
import NIOCore

/// Where the server listens: `127.0.0.1:8080`, `[::1]:8080`, `localhost:0`; port 0 takes a free one.
package struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    package let host: String
    package let port: Int

    /// The default of `charon-server serve`.
    package static let standard = ListenAddress(host: "127.0.0.1", port: 8080)

    /// A free port on 127.0.0.1.
    package static let anyLoopbackPort = ListenAddress(host: "127.0.0.1", port: 0)

    private init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `HOST:PORT`; an IPv6 host stands in brackets.
    ///
    /// - Throws: `usage` for anything else.
    package init(_ text: String) throws(CharonError) {
        let colon = text.lastIndex(of: ":") ?? text.endIndex
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            host = ""
        }
        guard !host.isEmpty, let port = UInt16(text[colon...].dropFirst()) else {
            throw CharonError(.usage, "'\(text)' is no listen address; use HOST:PORT or [IPV6]:PORT, port 0 to 65535")
        }
        self.init(host: String(host), port: Int(port))
    }

    /// Whether only this host can reach it; a name other than `localhost` might be anything.
    package var isLoopback: Bool {
        guard host != "localhost" else { return true }
        switch try? SocketAddress(ipAddress: host, port: port) {
        case .v4: return host.hasPrefix("127.")
        case .v6(let address): return address.host == "::1" || host == "::1"
        default: return false
        }
    }

    package var description: String { "\(host.contains(":") ? "[\(host)]" : host):\(port)" }

    func with(port: Int) -> ListenAddress { ListenAddress(host: host, port: port) }
}

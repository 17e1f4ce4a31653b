import AsyncHTTPClient
import CharonAPI
import CharonCore

/// The proxy that the environment names, as for curl(1).
struct ProxyAddress: Sendable, Hashable {
    let host: String
    let port: Int

    /// Nil without one for this address; `http_proxy` counts in lower case only, as CGI programs get the other from
    /// outside.
    init?(for base: BaseURL, environment: (String) -> String?) throws(CallFailure) {
        let names = base.isTLS ? ["https_proxy", "HTTPS_PROXY"] : ["http_proxy"]
        let found = (names + ["all_proxy", "ALL_PROXY"]).compactMap { name in
            environment(name).flatMap { $0.isEmpty ? nil : (name, $0) }
        }
        let excepted = environment("no_proxy") ?? environment("NO_PROXY") ?? ""
        guard let (name, text) = found.first, !Self.excepts(excepted, base.host) else { return nil }
        let url = text.contains("://") ? text : "http://\(text)"
        guard url.hasPrefix("http://"), let proxy = try? BaseURL(url, allowPlainHTTP: true) else {
            throw CallFailure(.configuration, "$\(name) must be http://host:port, without user and password")
        }
        host = proxy.host
        port = url.dropFirst(7).contains(":") ? proxy.port : 1080
    }

    /// Whether a list of names has the host, or a domain that it is in.
    private static func excepts(_ list: String, _ host: String) -> Bool {
        list.split { $0 == "," || $0 == " " }.map { $0.lowercased() }.contains { entry in
            let name = entry.hasPrefix(".") ? String(entry.dropFirst()) : entry
            return entry == "*" || host == name || host.hasSuffix(".\(name)")
        }
    }

    var configuration: HTTPClient.Configuration.Proxy { .server(host: host, port: port) }
}

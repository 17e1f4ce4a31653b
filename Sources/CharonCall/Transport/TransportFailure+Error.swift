import AsyncHTTPClient
import NIOCore
import NIOPosix
import NIOSSL

extension TransportFailure {
    /// What an error of the client means: only what certainly happened before the request was written is "not sent".
    init(_ error: any Error) {
        switch error {
        case let failure as TransportFailure: self = failure
        case let failure as CallFailure: self = .call(failure)
        case let failure as NIOConnectionError: self = .notSent(Self.reason(failure))
        case ChannelError.connectTimeout: self = .notSent("no connection in time")
        case let failure as NIOSSLError: self = Self.tls(failure)
        case let failure as BoringSSLError: self = .notSent("TLS: \(failure)")
        case let failure as IOError where [ECONNREFUSED, EHOSTUNREACH, ENETUNREACH].contains(failure.errnoCode):
            self = .notSent("no connection: \(failure.localizedReason)")
        case let failure as HTTPClientError where Self.early.contains(failure):
            self = .notSent("no connection: \(failure.shortDescription)")
        case let failure as HTTPClientError: self = .lost("no answer: \(failure.shortDescription)")
        case let failure as IOError: self = .lost("no answer: \(failure.localizedReason)")
        default: self = .lost("no answer: \(error)")
        }
    }

    private static let early: [HTTPClientError] = [
        .connectTimeout, .tlsHandshakeTimeout, .httpProxyHandshakeTimeout, .socksHandshakeTimeout,
        .getConnectionFromPoolTimeout, .invalidProxyResponse, .proxyAuthenticationRequired, .invalidURL, .emptyHost,
    ]

    private static func tls(_ error: NIOSSLError) -> TransportFailure {
        switch error {
        case .handshakeFailed, .failedToLoadCertificate, .noCertificateToValidate, .unableToValidateCertificate,
            .noSuchFilesystemObject:
            .notSent("TLS: \(error)")
        default: .lost("TLS: \(error)")
        }
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        if let name = error.dnsAError ?? error.dnsAAAAError, error.connectionErrors.isEmpty {
            return "the host \(error.host) is not found: \(name)"
        }
        let reasons = error.connectionErrors.map { failure in
            (failure.error as? IOError)?.localizedReason ?? "\(failure.error)"
        }
        return "no connection to \(error.host):\(error.port): \(Set(reasons).sorted().joined(separator: ", "))"
    }
}

extension IOError {
    fileprivate var localizedReason: String { description }
}

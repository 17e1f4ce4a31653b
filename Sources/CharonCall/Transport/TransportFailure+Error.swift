import AsyncHTTPClient
import CharonCore
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
        case let failure as BoringSSLError: self = .notSent("TLS: \(Self.reason("\(failure)"))")
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
            .notSent("TLS: \(reason("\(error)"))")
        default: .lost("TLS: \(reason("\(error)"))")
        }
    }

    /// BoringSSL's word for the error, as in CERTIFICATE_VERIFY_FAILED, out of a text with places in its source.
    private static func reason(_ text: String) -> String {
        let words = text.split { !$0.isUppercase && $0 != "_" }.filter { $0.contains("_") && $0.utf8.count > 8 }
        guard let word = words.last(where: { !$0.hasPrefix("OPENSSL") }) else { return text }
        return word == "CERTIFICATE_VERIFY_FAILED"
            ? "the certificate is not trusted (\(word); see ca_file)" : String(word)
    }

    private static func reason(_ error: NIOConnectionError) -> String {
        if error.dnsAError ?? error.dnsAAAAError != nil, error.connectionErrors.isEmpty {
            return "the host \(error.host) is not found"
        }
        let reasons = error.connectionErrors.map { failure in
            (failure.error as? IOError)?.localizedReason ?? "\(failure.error)"
        }
        return "no connection to \(error.host):\(error.port): \(Set(reasons).sorted().joined(separator: ", "))"
    }
}

extension IOError {
    /// The words of strerror(3); its own description names calls of the library.
    fileprivate var localizedReason: String { SystemError.text(of: errnoCode) }
}

import CharonAPI
import CharonCore
import Glibc
import NIOCore
import NIOHTTP1
import NIOPosix
import NIOSSL

extension ExchangeFailure {
    /// Sorts what the HTTP library threw into our kinds.
    ///
    /// No text of the library is passed on unless it is known to hold no header.
    init(_ error: any Error, base: BaseURL, written: Bool) {
        let (kind, what) = Self.classify(error, isTLS: base.isTLS, written: written)
        self.init(kind, written: written, detail: "\(base.authority): \(what)")
    }

    /// For a deadline that passed.
    init(timeout: TimeSpan, base: BaseURL, written: Bool) {
        let what = written ? "no complete answer within \(timeout)" : "no connection within \(timeout)"
        self.init(.timeout, written: written, detail: "\(base.authority): \(what)")
    }

    private static func classify(_ error: any Error, isTLS: Bool, written: Bool) -> (Kind, String) {
        switch error {
        case is CancellationError: return (.cancelled, "the request was cancelled")
        case is Attempt.BodyTooLarge:
            return (.bodyTooLarge, "the answer is longer than \(CharonResponse.bodyLimit >> 10) KiB")
        case let error as NIOConnectionError:
            let failures = error.connectionErrors.compactMap { $0.error as? IOError }
            if let failure = failures.first { return classify(failure) }
            return error.connectionErrors.isEmpty
                ? (.nameResolution, "the name cannot be resolved") : (.timeout, "no connection in time")
        case let error as IOError: return classify(error)
        case let error as HTTPParserError where error == .invalidEOFState: return lost
        case is HTTPParserError: return (.malformed, "what came back is no HTTP/1.1")
        case ChannelError.connectTimeout: return (.timeout, "no connection in time")
        case is NIOSSLError, is BoringSSLError, is NIOSSLExtraError: return written ? lost : tls(error)
        default: return isTLS && !written ? (.tls, "the connection was closed in the TLS handshake") : lost
        }
    }

    private static let lost = (Kind.reset, "the connection was closed before the answer was complete")

    private static func classify(_ error: IOError) -> (Kind, String) {
        let text = SystemError.text(of: error.errnoCode)
        switch error.errnoCode {
        case ECONNREFUSED: return (.refused, text)
        case EHOSTUNREACH, ENETUNREACH, EHOSTDOWN, ENETDOWN: return (.unreachable, text)
        case ETIMEDOUT: return (.timeout, text)
        case EMFILE, ENFILE, ENOMEM, ENOBUFS, EADDRNOTAVAIL, EACCES, EPERM: return (.local, text)
        default: return (.reset, text)
        }
    }

    private static func tls(_ error: any Error) -> (Kind, String) {
        switch error {
        case let error as NIOSSLExtraError where error == .failedToValidateHostname:
            return (.tls, "the server's certificate is for another name than that of the URL")
        case NIOSSLError.handshakeFailed(let inner) where "\(inner)".contains("CERTIFICATE_VERIFY_FAILED"):
            return (.tls, "the server's certificate is not trusted: its CA is unknown here, or it expired")
        case NIOSSLError.handshakeFailed(let inner): return (.tls, "the TLS handshake failed: \(inner)")
        default: return (.tls, "TLS failed: \(error)")
        }
    }
}

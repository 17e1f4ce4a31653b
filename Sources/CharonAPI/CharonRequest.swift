import CharonCore

/// One HTTP request to Charon, without base URL and key.
package struct CharonRequest: Hashable, Sendable, CustomStringConvertible {
    /// The methods that Charon's API uses.
    package enum Method: String, Hashable, Sendable {
        case get = "GET"
        case post = "POST"
    }

    package let kind: CharonCall.Kind
    package let method: Method
    /// What follows the base URL: `/`, one percent-encoded segment, `/`, the action.
    package let path: String
    /// A JSON text, for POST only.
    package let body: [UInt8]?
    /// The value of the header `Idempotency-Key`.
    package let idempotencyKey: String?

    init(_ kind: CharonCall.Kind, _ method: Method, segment: String, body: JSON?, idempotencyKey: String?) {
        self.kind = kind
        self.method = method
        path = "/\(Self.encoded(segment))/\(kind.rawValue)"
        self.body = body?.bytes
        self.idempotencyKey = idempotencyKey
    }

    /// Method and path, as in `GET /nightly-import/can-start`.
    package var description: String { "\(method.rawValue) \(path)" }

    /// `text` as one path segment: everything but the unreserved characters of RFC 3986 is percent-encoded.
    ///
    /// So are the dots of `.` and `..`, which would otherwise be directions (RFC 3986, 5.2.4).
    static func encoded(_ text: String) -> String {
        let isDots = text.utf8.allSatisfy { $0 == 0x2E }
        let hexadecimal = Array("0123456789ABCDEF".utf8)
        var bytes: [UInt8] = []
        for byte in text.utf8 {
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x5F, 0x7E: bytes.append(byte)
            case 0x2E where !isDots: bytes.append(byte)
            default: bytes += [0x25, hexadecimal[Int(byte >> 4)], hexadecimal[Int(byte & 15)]]
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

import CharonCore
import HTTPTypes

extension Auth {
    /// Puts the credentials of a request into it.
    ///
    /// With `isShown` what is derived from secrets is a mark; `values` have marks for secrets then.
    func apply(
        to request: inout PreparedRequest, _ values: Values, token: String?, isShown: Bool = false
    ) throws(CallFailure) {
        switch self {
        case .headers(let headers):
            for header in headers { try request.headers.add(header.name, header.value.render(values)) }
        case .basic(let user, let password):
            let credentials = Base64.encode("\(user.render(values)):\(password.render(values))")
            request.headers[.authorization] = "Basic \(isShown ? Values.mark : credentials)"
        case .queryKey(let name, let value):
            request.addQuery(name, value.render(values))
        case .token(let scheme):
            let token = isShown ? Values.mark : token ?? ""
            try request.headers.add("Authorization", scheme.scheme.isEmpty ? token : "\(scheme.scheme) \(token)")
        }
    }

    /// What must not be shown, besides secret variables.
    func secrets(_ values: Values) -> [String] {
        switch self {
        case .headers(let headers): headers.map { $0.value.render(values) }
        case .basic(let user, let password):
            [password.render(values), Base64.encode("\(user.render(values)):\(password.render(values))")]
        case .queryKey(_, let value): [value.render(values)]
        case .token(let scheme): scheme.secrets(values)
        }
    }
}

/// Base64 (RFC 4648, 4).
enum Base64 {
    private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")

    static func encode(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result = ""
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let number = (0..<3).reduce(0) { $0 << 8 | Int($1 < group.count ? group[start + $1] : 0) }
            for index in 0...group.count { result.append(digits[number >> (18 - 6 * index) & 63]) }
            result += String(repeating: "=", count: 3 - group.count)
        }
        return result
    }
}

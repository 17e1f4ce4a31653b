/// Percent-encoding (RFC 3986) of values by the place where they stand.
enum PercentEncoding {
    /// A value as one path segment, matrix value or query part: all but unreserved characters is encoded, so `+` too.
    static func value(_ text: String) -> String { encode(text.utf8, keeping: isUnreserved) }

    /// The text of a whole path: what a path may hold stays, `%XX` and `/` too.
    static func path(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var result = ""
        for (index, byte) in bytes.enumerated() {
            let isEscape =
                byte == 0x25 && index + 2 < bytes.count && isHexadecimal(bytes[index + 1])
                && isHexadecimal(bytes[index + 2])
            append(byte, to: &result, isKept: isEscape || isUnreserved(byte) || pathCharacters.contains(byte))
        }
        return result
    }

    /// A name or value of `application/x-www-form-urlencoded`: a space becomes `+`.
    static func form(_ text: String) -> String {
        text.split(separator: " ", omittingEmptySubsequences: false).map { value(String($0)) }.joined(separator: "+")
    }

    /// Whether the path has a step `.` or `..`, encoded or not.
    static func hasDotStep(_ path: String) -> Bool {
        path.split { $0 == "/" || $0 == ";" }.contains { step in
            [".", ".."].contains(step.lowercased().replacing("%2e", with: "."))
        }
    }

    private static let pathCharacters = Set("!$&'()*+,;=:@/".utf8)
    private static let digits = Array("0123456789ABCDEF")

    private static func encode(_ bytes: String.UTF8View, keeping isKept: (UInt8) -> Bool) -> String {
        var result = ""
        for byte in bytes { append(byte, to: &result, isKept: isKept(byte)) }
        return result
    }

    private static func append(_ byte: UInt8, to result: inout String, isKept: Bool) {
        if isKept {
            result.unicodeScalars.append(Unicode.Scalar(byte))
        } else {
            result += ["%", digits[Int(byte >> 4)], digits[Int(byte & 15)]]
        }
    }

    private static func isUnreserved(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E: true
        default: false
        }
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        (0x30...0x39).contains(byte) || (0x61...0x66).contains(byte | 0x20)
    }
}

/// Where credentials stand by their surroundings: the password of a URL, the value of a header.
///
/// Each function returns nil while it depends on bytes that have not come.
enum CredentialPlace {
    /// The longest user and password of a URL, in bytes; a longer one is none.
    static let longestUserInfo = 4096

    /// The password of the URL whose `://`, or `:\/\/` as in JSON, stands at `colon`; empty if it has none.
    ///
    /// It stands between the first colon and the last `@` before `/`, `?`, `#`, white space, a control character or one
    /// of `"<>` and the grave accent, none of which belong into a URL (RFC 3986).
    static func password(at colon: Int, in window: RedactionWindow) -> Range<Int>? {
        let none = colon..<colon
        guard Byte.isWord(window.past(colon - 1)) else { return none }
        var start = colon + 1
        for _ in 0..<2 {
            guard var byte = window[start] else { return nil }
            if byte == Byte.backslash {
                start += 1
                guard let next = window[start] else { return nil }
                byte = next
            }
            guard byte == Byte.slash else { return none }
            start += 1
        }
        var password: Int?
        var end: Int?
        for index in start..<start + longestUserInfo {
            guard let byte = window[index] else { return nil }
            if endsAuthority(byte) { break }
            if byte == Byte.colon, password == nil { password = index + 1 }
            if byte == Byte.at, password != nil { end = index }
        }
        guard let password, let end else { return none }
        return password..<end
    }

    private static func endsAuthority(_ byte: UInt8) -> Bool {
        switch byte {
        case ...Byte.space, 0x7F, Byte.quote, 0x23, Byte.slash, 0x3C, Byte.greater, 0x3F, 0x60: true
        default: false
        }
    }

    /// Whether a separator at `position` stands behind the name of a header with credentials.
    ///
    /// In any case, with `_` for `-`, after a prefix as in `HTTP_AUTHORIZATION`, in quotes or brackets.
    @inline(__always)
    static func isNamed(at position: Int, in window: RedactionWindow) -> Bool {
        switch position > 0 ? window.bytes[position - 1] : window.past(position - 1) {
        // The last letters of the names, and what may stand between a name and its separator.
        case 0x6E, 0x4E, 0x79, 0x59, Byte.quote, Byte.apostrophe, Byte.closeBracket, Byte.space, Byte.tab:
            isReallyNamed(at: position, in: window)
        default: false
        }
    }

    private static func isReallyNamed(at position: Int, in window: RedactionWindow) -> Bool {
        var index = position - 1
        for _ in 0..<4 where Byte.isBlank(window.past(index)) { index -= 1 }
        if window.past(index) == Byte.closeBracket { index -= 1 }
        if window.past(index) == Byte.quote || window.past(index) == Byte.apostrophe { index -= 1 }
        for _ in 0..<3 where window.past(index) == Byte.backslash { index -= 1 }
        let last = window.past(index) | 0x20
        guard last == 0x6E || last == 0x79 else { return false }
        return names.contains { name in
            var place = index
            for expected in name.reversed() {
                var byte = window.past(place)
                if Byte.isLetter(byte) { byte |= 0x20 } else if byte == 0x5F { byte = 0x2D }
                guard byte == expected else { return false }
                place -= 1
            }
            return !Byte.isWord(window.past(place))
        }
    }

    private static let names = ["authorization", "x-api-key"].map { Array($0.utf8) }

    /// The value behind a header's name whose separator stands at `position`, without a quote and a scheme before it.
    static func value(at position: Int, in window: RedactionWindow) -> HeaderValue? {
        var index = position + 1
        /// Goes on past bytes like these, at most `limit`; returns how many there were.
        func skip(_ limit: Int, _ isSkipped: (UInt8) -> Bool) -> Int? {
            for count in 0..<limit {
                guard let byte = window[index] else { return nil }
                guard isSkipped(byte) else { return count }
                index += 1
            }
            return limit
        }
        if window.past(position) == Byte.equals {
            guard skip(1, { $0 == Byte.greater }) != nil else { return nil }
        }
        guard skip(16, Byte.isBlank) != nil, skip(1, { $0 == Byte.openBracket }) != nil, skip(4, Byte.isBlank) != nil,
            let depth = skip(3, { $0 == Byte.backslash }), let first = window[index]
        else { return nil }
        var quote: UInt8?
        if first == Byte.quote || first == Byte.apostrophe {
            quote = first
            index += 1
        } else {
            index -= depth
        }
        let start = index
        guard let letters = skip(longestScheme + 1, Byte.isLetter) else { return nil }
        let word = (0..<letters).map { window.past(start + $0) | 0x20 }
        guard let blanks = skip(4, Byte.isBlank) else { return nil }
        if blanks == 0 || !schemes.contains(word) { index = start }
        return HeaderValue(start: index, quote: quote, depth: depth)
    }

    private static let schemes = ["bearer", "basic", "digest", "token", "negotiate", "apikey"].map { Array($0.utf8) }
    private static let longestScheme = 9
}

/// The value of a header, which ends with the line or with the quote that it began with.
struct HeaderValue: Hashable, Sendable {
    /// Where it begins.
    var start: Int
    /// What it is quoted with, if it is.
    let quote: UInt8?
    /// How many backslashes stand before the quote, as in JSON within JSON.
    let depth: Int

    /// Whether the closing quote stands at `position`; nil while it may.
    func isClosed(at position: Int, in window: RedactionWindow) -> Bool? {
        guard let quote, window.past(position - 1) != Byte.backslash || position == start else { return false }
        for offset in 0..<depth {
            guard let byte = window[position + offset] else { return nil }
            guard byte == Byte.backslash else { return false }
        }
        return window[position + depth].map { $0 == quote }
    }
}

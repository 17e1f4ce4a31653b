extension JSON {
    /// Why a text is no JSON.
    package struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
        package let offset: Int
        package let reason: String

        package var description: String { "\(reason) at byte \(offset)" }
    }

    /// Reads one JSON text (RFC 8259) that takes up all of `bytes`.
    ///
    /// Throws for anything else, for invalid UTF-8 and for more than 64 levels of nesting.
    package static func parse(_ bytes: some Collection<UInt8>) throws(ParseError) -> JSON {
        var parser = Parser(bytes: Array(bytes))
        parser.skipSpace()
        let value = try parser.value(depth: 0)
        parser.skipSpace()
        guard parser.index == parser.bytes.count else { throw parser.error("more text after the value") }
        return value
    }

    private struct Parser {
        let bytes: [UInt8]
        var index = 0

        func error(_ reason: String) -> ParseError { ParseError(offset: index, reason: reason) }

        var next: UInt8? { index < bytes.count ? bytes[index] : nil }

        mutating func skipSpace() {
            while let byte = next, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { index += 1 }
        }

        mutating func take(_ byte: UInt8) -> Bool {
            guard next == byte else { return false }
            index += 1
            return true
        }

        mutating func value(depth: Int) throws(ParseError) -> JSON {
            guard depth < 64 else { throw error("more than 64 levels of nesting") }
            switch next {
            case 0x7B: return try object(depth: depth)
            case 0x5B: return try array(depth: depth)
            case 0x22: return .string(try string())
            case 0x74: return try literal("true", .bool(true))
            case 0x66: return try literal("false", .bool(false))
            case 0x6E: return try literal("null", .null)
            case nil: throw error("the text ends where a value is due")
            default: return try number()
            }
        }

        mutating func literal(_ text: StaticString, _ value: JSON) throws(ParseError) -> JSON {
            for offset in 0..<text.utf8CodeUnitCount where !take(text.utf8Start[offset]) {
                throw error("no JSON value")
            }
            return value
        }

        mutating func object(depth: Int) throws(ParseError) -> JSON {
            index += 1
            var members: [Member] = []
            skipSpace()
            if take(0x7D) { return .object(members) }
            while true {
                skipSpace()
                guard next == 0x22 else { throw error("a member's name in quotes is due") }
                let name = try string()
                skipSpace()
                guard take(0x3A) else { throw error("':' is due after a member's name") }
                skipSpace()
                members.append(Member(name, try value(depth: depth + 1)))
                skipSpace()
                if take(0x7D) { return .object(members) }
                guard take(0x2C) else { throw error("',' or '}' is due after a member") }
            }
        }

        mutating func array(depth: Int) throws(ParseError) -> JSON {
            index += 1
            var elements: [JSON] = []
            skipSpace()
            if take(0x5D) { return .array(elements) }
            while true {
                skipSpace()
                elements.append(try value(depth: depth + 1))
                skipSpace()
                if take(0x5D) { return .array(elements) }
                guard take(0x2C) else { throw error("',' or ']' is due after an element") }
            }
        }

        mutating func number() throws(ParseError) -> JSON {
            let start = index
            _ = take(0x2D)
            let whole = try digits()
            guard bytes[whole.lowerBound] != 0x30 || whole.count == 1 else {
                throw error("a number with a leading zero")
            }
            var isInteger = true
            if take(0x2E) {
                isInteger = false
                _ = try digits()
            }
            if take(0x65) || take(0x45) {
                isInteger = false
                _ = take(0x2B) || take(0x2D)
                _ = try digits()
            }
            let text = String(decoding: bytes[start..<index], as: UTF8.self)
            if isInteger, let value = Int64(text) { return .integer(value) }
            guard let value = Double(text), value.isFinite else { throw error("a number out of range") }
            return .real(value)
        }

        mutating func digits() throws(ParseError) -> Range<Int> {
            let start = index
            while let byte = next, (0x30...0x39).contains(byte) { index += 1 }
            guard index > start else { throw error("no JSON value") }
            return start..<index
        }

        mutating func string() throws(ParseError) -> String {
            let start = index
            index += 1
            while let byte = next, byte != 0x22, byte != 0x5C, byte >= 0x20 { index += 1 }
            var text = Array(bytes[start + 1..<index])
            while !take(0x22) {
                guard let byte = next else { throw error("a string without its closing quote") }
                guard byte >= 0x20 else { throw error("a control character in a string") }
                index += 1
                guard byte == 0x5C else {
                    text.append(byte)
                    continue
                }
                try appendEscape(to: &text)
            }
            guard let string = String(validating: text, as: UTF8.self) else {
                throw ParseError(offset: start, reason: "a string that is no UTF-8")
            }
            return string
        }

        mutating func appendEscape(to text: inout [UInt8]) throws(ParseError) {
            guard let byte = next else { throw error("a string without its closing quote") }
            index += 1
            switch byte {
            case 0x22, 0x5C, 0x2F: text.append(byte)
            case 0x62: text.append(0x08)
            case 0x66: text.append(0x0C)
            case 0x6E: text.append(0x0A)
            case 0x72: text.append(0x0D)
            case 0x74: text.append(0x09)
            case 0x75:
                var scalar = try hexadecimal()
                if (0xD800..<0xDC00).contains(scalar), take(0x5C), take(0x75) {
                    let low = try hexadecimal()
                    guard (0xDC00..<0xE000).contains(low) else { throw error("half of a surrogate pair") }
                    scalar = 0x10000 + (scalar - 0xD800) << 10 + (low - 0xDC00)
                }
                guard let scalar = Unicode.Scalar(scalar) else { throw error("half of a surrogate pair") }
                text.append(contentsOf: Array(Character(scalar).utf8))
            default: throw error("an unknown escape in a string")
            }
        }

        mutating func hexadecimal() throws(ParseError) -> UInt32 {
            var value: UInt32 = 0
            for _ in 0..<4 {
                guard let byte = next else { throw error("four hexadecimal digits are due") }
                let digit: UInt8
                switch byte {
                case 0x30...0x39: digit = byte - 0x30
                case 0x41...0x46: digit = byte - 0x41 + 10
                case 0x61...0x66: digit = byte - 0x61 + 10
                default: throw error("four hexadecimal digits are due")
                }
                value = value << 4 | UInt32(digit)
                index += 1
            }
            return value
        }
    }
}

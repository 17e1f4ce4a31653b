/// Reads a file of variables byte by byte.
struct EnvironmentFileParser {
    private let bytes: [UInt8]
    private var index = 0
    private var line = 1

    init(_ bytes: [UInt8]) { self.bytes = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes }

    mutating func variables() throws(EnvironmentFile.Mistake) -> [EnvironmentVariable] {
        guard bytes.count <= EnvironmentFile.largest else {
            throw mistake("the file must have at most \(EnvironmentFile.largest) bytes")
        }
        var variables: [EnvironmentVariable] = []
        while let variable = try next() {
            if let index = variables.firstIndex(where: { $0.name == variable.name }) {
                variables[index] = variable
            } else {
                variables.append(variable)
            }
        }
        return variables
    }

    private mutating func next() throws(EnvironmentFile.Mistake) -> EnvironmentVariable? {
        while let byte = peek {
            switch byte {
            case 0x20, 0x09, 0x0D, 0x0A: advance()
            case 0x23, 0x3B: skipComment()
            default: return try variable()
            }
        }
        return nil
    }

    private mutating func variable() throws(EnvironmentFile.Mistake) -> EnvironmentVariable {
        let start = line
        var name: [UInt8] = []
        while let byte = peek, byte != 0x3D, byte != 0x0A {
            name.append(byte)
            advance()
        }
        guard peek == 0x3D else { throw mistake("the line has no '=': it must be NAME=value, or begin with #", start) }
        advance()
        while let last = name.last, last == 0x20 || last == 0x09 { name.removeLast() }
        let text = String(decoding: name, as: UTF8.self)
        guard EnvironmentVariable.isName(text) else {
            throw mistake("the name of a variable must be \(EnvironmentVariable.rule)", start)
        }
        let value = try value()
        guard let decoded = String(validating: value, as: UTF8.self), !value.contains(0) else {
            throw mistake("the value of \(text) must be UTF-8 without NUL", start)
        }
        return EnvironmentVariable(text, decoded)
    }

    private mutating func value() throws(EnvironmentFile.Mistake) -> [UInt8] {
        var value: [UInt8] = []
        /// White space counts only where more follows.
        var space: [UInt8] = []
        while let byte = peek, byte == 0x20 || byte == 0x09 { advance() }
        while let byte = peek, byte != 0x0A {
            advance()
            switch byte {
            case 0x20, 0x09, 0x0D: space.append(byte)
            case 0x22, 0x27:
                value += space
                space = []
                try quoted(by: byte, into: &value)
            case 0x5C:
                value += space
                space = []
                if let next = peek {
                    advance()
                    if next != 0x0A { value.append(next) }
                }
            default:
                value += space
                space = []
                value.append(byte)
            }
        }
        return value
    }

    private mutating func quoted(by quote: UInt8, into value: inout [UInt8]) throws(EnvironmentFile.Mistake) {
        let start = line
        while let byte = peek {
            advance()
            if byte == quote { return }
            guard byte == 0x5C, quote == 0x22, let next = peek else {
                value.append(byte)
                continue
            }
            advance()
            if next == 0x0A { continue }
            if !Self.escaped.contains(next) { value.append(byte) }
            value.append(next)
        }
        throw mistake("the quote that begins here does not end", start)
    }

    /// `"`, `\`, `` ` `` and `$`.
    private static let escaped: [UInt8] = [0x22, 0x5C, 0x60, 0x24]

    private mutating func skipComment() {
        while let byte = peek, byte != 0x0A {
            advance()
            // A comment goes on behind a '\' too.
            if byte == 0x5C, peek != nil { advance() }
        }
    }

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func advance() {
        if bytes[index] == 0x0A { line += 1 }
        index += 1
    }

    private func mistake(_ message: String, _ line: Int? = nil) -> EnvironmentFile.Mistake {
        EnvironmentFile.Mistake(line: line ?? self.line, message: message)
    }
}

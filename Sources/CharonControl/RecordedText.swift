package import CharonCore

/// The text of a recorded line in a message: a string, or the bytes where they are no UTF-8.
package enum RecordedText {
    /// The member of a message that holds these bytes: `text`, or `bytes` with one character of U+0000 to U+00FF for
    /// each byte.
    package static func member(_ bytes: [UInt8]) -> JSON.Member {
        if let text = String(validating: bytes, as: UTF8.self) { return .init("text", .string(text)) }
        var characters = String.UnicodeScalarView()
        for byte in bytes { characters.append(Unicode.Scalar(byte)) }
        return .init("bytes", .string(String(characters)))
    }

    /// The bytes that a line of a message holds; none if it holds none.
    package static func bytes(of line: JSON) -> [UInt8] {
        if let text = line["text"]?.string { return Array(text.utf8) }
        return (line["bytes"]?.string ?? "").unicodeScalars.map { UInt8(truncatingIfNeeded: $0.value) }
    }
}

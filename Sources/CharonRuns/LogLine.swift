package import CharonCore

/// One line of `output.log`, in the CRI log format: `RFC3339Nano stdout|stderr F|P text\n`.
///
/// Kubernetes' container runtimes write this form, and fluent-bit and vector read it. `P` marks a part whose line goes
/// on in the next entry of the same stream. The text is the raw bytes of the command.
package struct LogLine: Hashable, Sendable {
    /// A stream of the command.
    package enum Stream: String, Hashable, Sendable, CaseIterable {
        case stdout, stderr
    }

    /// The bytes before the text: a 30-byte time, two spaces, a stream of 6, a tag of 1 and a space.
    package static let prefixLength = 40

    /// The longest text of one entry, in bytes; a longer line is cut into `P` parts.
    package static let longestText = 16_384

    package var at: Instant
    package var stream: Stream
    package var isPartial: Bool
    package var text: [UInt8]

    package init(at: Instant, stream: Stream, isPartial: Bool, text: [UInt8]) {
        self.at = at
        self.stream = stream
        self.isPartial = isPartial
        self.text = text
    }

    /// Reads an entry without its newline.
    ///
    /// Nil if it is none.
    package init?(entry: ArraySlice<UInt8>) {
        var rest = entry
        guard let time = Self.field(&rest), let name = Self.field(&rest), let tags = Self.field(&rest),
            let at = Instant(rfc3339: Array(time)),
            let stream = Stream(rawValue: String(decoding: name, as: UTF8.self)),
            tags.count == 1, let tag = tags.first, tag == 0x46 || tag == 0x50
        else { return nil }
        self.init(at: at, stream: stream, isPartial: tag == 0x50, text: Array(rest))
    }

    /// Takes what stands before the next space, and the space; nil without one.
    private static func field(_ rest: inout ArraySlice<UInt8>) -> ArraySlice<UInt8>? {
        guard let space = rest.firstIndex(of: 0x20) else { return nil }
        defer { rest = rest[(space + 1)...] }
        return rest[..<space]
    }
}

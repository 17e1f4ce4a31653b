/// Hides the secrets in one stream of bytes: each becomes `<redacted>`, and so do several that overlap or touch.
///
/// The result depends on the bytes alone, not on the chunks they come in: what may be the beginning of a secret is held
/// back until it is known, however long the stream is idle, and is given when the stream ends. At most about 4 KiB are
/// held back, and never more than the line that has not ended: a newline is never hidden and no secret goes over one.
/// The time is linear in the number of bytes.
package struct Redactor: Sendable {
    /// What stands in a secret's place.
    package static let mark = "<redacted>"

    let rules: RedactionRules
    /// What came and is not decided.
    private var held: [UInt8] = []
    /// What was decided last.
    private var history: [UInt8] = []
    private var cover = RedactionCover()
    private var wasHidden = false

    package init(_ rules: RedactionRules) { self.rules = rules }

    /// Whether bytes are held back.
    package var isHolding: Bool { !held.isEmpty }

    /// Takes the next bytes and gives what is known of the result, in one or more pieces.
    package mutating func redact(_ chunk: UnsafeRawBufferPointer, _ give: (UnsafeRawBufferPointer) -> Void) {
        if held.isEmpty { return pass(chunk, isLast: false, give) }
        let joined = held + chunk
        held = []
        joined.withUnsafeBytes { pass($0, isLast: false, give) }
    }

    /// Gives what was held back, at the end of the stream.
    package mutating func finish(_ give: (UnsafeRawBufferPointer) -> Void) {
        let rest = held
        held = []
        rest.withUnsafeBytes { pass($0, isLast: true, give) }
    }

    /// The result of a text that stands alone.
    package static func redact(_ text: some Collection<UInt8>, _ rules: RedactionRules) -> [UInt8] {
        var redactor = Redactor(rules)
        var result: [UInt8] = []
        Array(text).withUnsafeBytes { redactor.redact($0) { result += $0 } }
        redactor.finish { result += $0 }
        return result
    }

    private mutating func pass(
        _ chunk: UnsafeRawBufferPointer, isLast: Bool, _ give: (UnsafeRawBufferPointer) -> Void
    ) {
        let window = RedactionWindow(bytes: chunk.assumingMemoryBound(to: UInt8.self), history: history, isLast: isLast)
        let count = chunk.count
        var scan = RedactionScan(window, rules)
        var position = 0
        var plain = 0
        while position < count {
            if cover.isEmpty {
                let next = scan.next(from: position)
                if next > position {
                    wasHidden = false
                    position = next
                    continue
                }
            }
            guard let hides = cover.step(at: position, in: window, rules) else { break }
            if hides {
                if plain < position { give(UnsafeRawBufferPointer(rebasing: chunk[plain..<position])) }
                if !wasHidden { Self.giveMark(give) }
                plain = position + 1
            }
            wasHidden = hides
            position += 1
        }
        if plain < position { give(UnsafeRawBufferPointer(rebasing: chunk[plain..<position])) }
        history = window.history(at: position)
        cover.move(by: position)
        held = Array(chunk[position...])
    }

    private static func giveMark(_ give: (UnsafeRawBufferPointer) -> Void) {
        var mark = mark
        mark.withUTF8 { give(UnsafeRawBufferPointer($0)) }
    }
}

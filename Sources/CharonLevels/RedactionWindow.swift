/// The bytes of a stream that are to be judged, and the last ones before them.
struct RedactionWindow {
    /// How many bytes before the first one can be seen.
    static let longestHistory = 32

    let bytes: UnsafeBufferPointer<UInt8>
    let history: [UInt8]
    /// No more bytes come.
    let isLast: Bool

    /// The byte at `index`; before the stream and behind its end there is a newline.
    ///
    /// Nil for one that has not come yet.
    subscript(index: Int) -> UInt8? {
        if index >= bytes.count { return isLast ? Byte.newline : nil }
        if index >= 0 { return bytes[index] }
        return index >= -history.count ? history[history.count + index] : Byte.newline
    }

    /// The byte at `index` before the end of the bytes.
    func past(_ index: Int) -> UInt8 { self[index] ?? Byte.newline }

    /// The last bytes before `end`, as the history of what follows.
    func history(at end: Int) -> [UInt8] {
        let own = bytes[max(end - Self.longestHistory, 0)..<end]
        return history.suffix(Self.longestHistory - own.count) + own
    }
}

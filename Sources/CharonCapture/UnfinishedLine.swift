/// A line of one stream that has not ended yet, as much of it as an entry of the journal holds.
struct UnfinishedLine {
    /// The most bytes of a line that go to the journal; the record has all of them.
    static let longest = 256 * 1024

    private(set) var bytes: [UInt8] = []
    /// How many bytes of it there is no place for.
    private(set) var cut: Int64 = 0
    /// Its beginning was left out, so the rest is too.
    private(set) var isSkipped = false

    var isEmpty: Bool { bytes.isEmpty && !isSkipped }

    mutating func append(_ part: UnsafeRawBufferPointer) {
        guard !isSkipped else { return }
        let room = Self.longest - bytes.count
        bytes += part.prefix(room)
        cut += Int64(max(part.count - room, 0))
    }

    /// Leaves the line out; `isEnded`: there is none that goes on.
    mutating func skip(isEnded: Bool) { self = Self(isSkipped: !isEnded) }

    init() { self.init(isSkipped: false) }

    private init(isSkipped: Bool) { self.isSkipped = isSkipped }
}

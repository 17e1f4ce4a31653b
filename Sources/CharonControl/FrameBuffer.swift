/// Collects bytes of a stream and gives out what stands before each NUL.
package struct FrameBuffer: Sendable {
    private var bytes: [UInt8] = []
    private var searched = 0
    private let limit: Int

    /// Frames of more than `limit` bytes are refused.
    package init(limit: Int = ControlInterface.longestMessage) { self.limit = limit }

    /// A frame was longer than the limit; the stream cannot be read on.
    package struct TooLong: Error {}

    package mutating func append(_ more: some Sequence<UInt8>) { bytes.append(contentsOf: more) }

    /// The next complete frame without its NUL; nil until there is one.
    package mutating func next() throws(TooLong) -> [UInt8]? {
        guard let end = bytes[searched...].firstIndex(of: 0) else {
            searched = bytes.count
            guard bytes.count <= limit else { throw TooLong() }
            return nil
        }
        guard end <= limit else { throw TooLong() }
        let frame = Array(bytes[..<end])
        bytes.removeFirst(end + 1)
        searched = 0
        return frame
    }
}

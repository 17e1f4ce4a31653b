import CharonControl
import CharonCore
import Testing

@Suite struct FrameBufferTests {
    private static let stream = Array("first\0\0third, a longer one\0half".utf8)

    @Test func splitsAtEveryByte() throws {
        let frames = ["first", "", "third, a longer one"].map { Array($0.utf8) }
        for a in 0...Self.stream.count {
            for b in a...Self.stream.count {
                var buffer = FrameBuffer()
                var found: [[UInt8]] = []
                for part in [Self.stream[..<a], Self.stream[a..<b], Self.stream[b...]] {
                    buffer.append(part)
                    while let frame = try buffer.next() { found.append(frame) }
                }
                #expect(found == frames, "cut at \(a) and \(b)")
                buffer.append([0])
                #expect(try buffer.next() == Array("half".utf8))
            }
        }
    }

    @Test func refusesAFrameBeyondTheLimit() throws {
        var buffer = FrameBuffer(limit: 10)
        buffer.append([UInt8](repeating: 0x78, count: 10))
        #expect(try buffer.next() == nil)
        buffer.append([0])
        #expect(try buffer.next()?.count == 10)
        buffer.append([UInt8](repeating: 0x78, count: 11))
        #expect(throws: FrameBuffer.TooLong.self) { try buffer.next() }
        var whole = FrameBuffer(limit: 10)
        whole.append([UInt8](repeating: 0x78, count: 11) + [0])
        #expect(throws: FrameBuffer.TooLong.self) { try whole.next() }
    }

    /// The limit is for one frame, not for what waits behind it.
    @Test func manyFramesMayWait() throws {
        var buffer = FrameBuffer(limit: 10)
        for _ in 0..<1000 { buffer.append([0x78, 0]) }
        for _ in 0..<1000 { #expect(try buffer.next() == [0x78]) }
        #expect(try buffer.next() == nil)
    }
}

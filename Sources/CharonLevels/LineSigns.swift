/// Which of the bytes that recognisers ask for stand anywhere in a line: most lines have none, and need no search.
struct LineSigns {
    private typealias Group = SIMD16<UInt8>
    private typealias Mask = SIMDMask<SIMD16<Int8>>

    /// Whether there is any control character below the space.
    let hasControls: Bool
    /// Whether there is a colon.
    let hasColon: Bool
    /// Whether there is an equals sign.
    let hasEquals: Bool

    /// One pass over the line, sixteen bytes at a time.
    init(of line: Span<UInt8>) {
        self = line.withUnsafeBytes { bytes in
            var controls = Mask(repeating: false)
            var colons = controls
            var equals = controls
            for start in stride(from: 0, to: bytes.count, by: 16) {
                let group = Self.group(bytes, start)
                controls .|= group .< Group(repeating: Byte.space)
                colons .|= group .== Group(repeating: Byte.colon)
                equals .|= group .== Group(repeating: Byte.equals)
            }
            return LineSigns(
                hasControls: Self.any(controls), hasColon: Self.any(colons), hasEquals: Self.any(equals))
        }
    }

    private init(hasControls: Bool, hasColon: Bool, hasEquals: Bool) {
        self.hasControls = hasControls
        self.hasColon = hasColon
        self.hasEquals = hasEquals
    }

    /// The bytes from `start` on; at the end of the line some of them again, or spaces if it has fewer than eight.
    @inline(__always)
    private static func group(_ bytes: UnsafeRawBufferPointer, _ start: Int) -> Group {
        let count = bytes.count
        if count >= 16 { return bytes.loadUnaligned(fromByteOffset: min(start, count - 16), as: Group.self) }
        if count >= 8 {
            let ends = SIMD2(
                bytes.loadUnaligned(as: UInt64.self), bytes.loadUnaligned(fromByteOffset: count - 8, as: UInt64.self))
            return unsafeBitCast(ends, to: Group.self)
        }
        var word: UInt64 = 0x2020_2020_2020_2020
        for byte in bytes { word = word << 8 | UInt64(byte) }
        return unsafeBitCast(SIMD2(word, word), to: Group.self)
    }

    @inline(__always)
    private static func any(_ mask: Mask) -> Bool { unsafeBitCast(mask, to: SIMD2<UInt64>.self) != .zero }
}

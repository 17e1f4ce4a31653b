import Glibc

/// Finds the next place where a secret may begin, without a look at every byte by itself.
///
/// Separators are searched for sixteen bytes at a time, a rare byte of each glob with memchr(3), and pieces of secrets
/// by groups of four bytes.
struct RedactionScan {
    private let window: RedactionWindow
    private let rules: RedactionRules
    /// From here on, the beginning of a secret may be all of it that has come.
    private let tail: Int
    /// The next separator, and the next place of each glob, of which it is known that something begins there.
    private var separator = -1
    private var globs: [Int]

    init(_ window: RedactionWindow, _ rules: RedactionRules) {
        self.window = window
        self.rules = rules
        let count = window.bytes.count
        var tail = max(count - max(rules.longestBeginning - 1, 0), 0)
        // No secret goes over a newline.
        if let newline = window.bytes[tail...].lastIndex(of: Byte.newline) { tail = newline + 1 }
        self.tail = tail
        globs = rules.globs.map { _ in -1 }
    }

    /// A position from `start` on; nothing begins before it.
    mutating func next(from start: Int) -> Int {
        if separator < start { separator = nextSeparator(from: start) }
        var limit = separator
        for index in globs.indices {
            if globs[index] < start { globs[index] = nextGlob(index, from: start) }
            limit = min(limit, globs[index])
        }
        if !rules.globs.isEmpty { limit = min(limit, max(start, tail)) }
        return rules.pieces.isEmpty ? limit : nextPiece(from: start, to: limit)
    }

    private func find(_ byte: UInt8, from start: Int) -> Int {
        guard start < window.bytes.count, let base = window.bytes.baseAddress,
            let found = memchr(base + start, Int32(byte), window.bytes.count - start)
        else { return window.bytes.count }
        return UnsafeRawPointer(found) - UnsafeRawPointer(base)
    }

    /// The first separator from `start` on with which something begins.
    private func nextSeparator(from start: Int) -> Int {
        let bytes = window.bytes
        guard let base = UnsafeRawPointer(bytes.baseAddress) else { return start }
        var position = start
        // The byte before and the one behind are looked at too.
        while position + 17 <= bytes.count {
            if position > 0 {
                var found = Self.candidates(at: base + position)
                while found != 0 {
                    let place = position + found.trailingZeroBitCount
                    if isBeginning(place) { return place }
                    found &= found - 1
                }
                position += 16
            } else {
                if Self.isSeparator(bytes[0]), isBeginning(0) { return 0 }
                position = 1
            }
        }
        while position < bytes.count, !(Self.isSeparator(bytes[position]) && isBeginning(position)) { position += 1 }
        return position
    }

    private static func isSeparator(_ byte: UInt8) -> Bool { byte == Byte.colon || byte == Byte.equals }

    /// A bit for each of 16 bytes that is a separator and has a neighbour with which something may begin, as
    /// `isBeginning` looks at them: nearly every line of a log has others.
    @inline(__always)
    private static func candidates(at place: UnsafeRawPointer) -> UInt32 {
        func all(_ byte: UInt8) -> SIMD16<UInt8> { SIMD16(repeating: byte) }
        let group = place.loadUnaligned(as: SIMD16<UInt8>.self)
        let colons = group .== all(Byte.colon)
        let separators = colons .| (group .== all(Byte.equals))
        guard bits(separators) != 0 else { return 0 }
        let next = (place + 1).loadUnaligned(as: SIMD16<UInt8>.self)
        let urls = colons .& ((next .== all(Byte.slash)) .| (next .== all(Byte.backslash)))
        let last = (place - 1).loadUnaligned(as: SIMD16<UInt8>.self)
        let letters = last | all(0x20)
        let named =
            (letters .== all(0x6E)) .| (letters .== all(0x79)) .| (last .== all(Byte.quote))
            .| (last .== all(Byte.apostrophe)) .| (last .== all(Byte.closeBracket)) .| (last .== all(Byte.space))
            .| (last .== all(Byte.tab))
        return bits(urls .| (separators .& named))
    }

    /// A bit for each of 16 truths.
    @inline(__always)
    private static func bits(_ mask: SIMDMask<SIMD16<Int8>>) -> UInt32 {
        let halves = unsafeBitCast(mask, to: SIMD2<UInt64>.self)
        guard halves[0] | halves[1] != 0 else { return 0 }
        // Gathers the lowest bit of each byte in the highest byte.
        func gathered(_ half: UInt64) -> UInt32 {
            UInt32(truncatingIfNeeded: ((half & 0x0101_0101_0101_0101) &* 0x0102_0408_1020_4080) >> 56)
        }
        return gathered(halves[0].littleEndian) | gathered(halves[1].littleEndian) << 8
    }

    @inline(__always)
    private func isBeginning(_ position: Int) -> Bool {
        if window.bytes[position] == Byte.colon {
            switch window[position + 1] {
            case Byte.slash, Byte.backslash, nil:
                if CredentialPlace.password(at: position, in: window)?.isEmpty != true { return true }
            default: break
            }
        }
        return CredentialPlace.isNamed(at: position, in: window)
    }

    /// Where the glob begins, if it does so before the tail.
    private func nextGlob(_ index: Int, from start: Int) -> Int {
        let glob = rules.globs[index]
        var position = find(glob.anchor.byte, from: start + glob.anchor.offset)
        while position < window.bytes.count {
            let begin = position - glob.anchor.offset
            if glob.matches(0, at: begin, in: window) ?? true { return begin }
            position = find(glob.anchor.byte, from: position + 1)
        }
        return window.bytes.count
    }

    /// Of eight bytes of a secret, four are a group that is looked at here, at one of the first four of its places.
    private func nextPiece(from start: Int, to limit: Int) -> Int {
        guard let base = UnsafeRawPointer(window.bytes.baseAddress) else { return start }
        let end = min(window.bytes.count - 8, min(tail, limit) - 1)
        return rules.pieces.groups.withUnsafeBufferPointer { groups in
            var position = start
            while position <= end {
                let word = base.loadUnaligned(fromByteOffset: position, as: UInt64.self).littleEndian
                let first = groups[SecretPieces.hash(UInt32(truncatingIfNeeded: word))]
                let second = groups[SecretPieces.hash(UInt32(truncatingIfNeeded: word >> 32))]
                if first | second != 0 { return max(start, min(first != 0 ? position - 3 : position + 1, limit)) }
                position += 8
            }
            // What begins in the three bytes before has its group behind them.
            return max(start, min(position, tail, limit) - 3)
        }
    }
}

import Glibc

/// Reading ASCII out of a line's bytes: every index is allowed, and behind the end there is NUL, which matches nothing.
extension Span<UInt8> {
    /// The byte at `index` as a scalar, so that it compares with a literal; NUL outside the line.
    @inline(__always)
    func at(_ index: Int) -> Unicode.Scalar {
        // As an unsigned number a negative index is a large one: one comparison tells that the access is safe.
        UInt(bitPattern: index) < UInt(bitPattern: count) ? Unicode.Scalar(self[unchecked: index]) : "\0"
    }

    /// Whether the bytes from `index` on are `word`.
    @inline(__always)
    func has(_ word: StaticString, at index: Int) -> Bool {
        let length = word.utf8CodeUnitCount
        guard index >= 0, count - index >= length else { return false }
        for offset in 0..<length where self[unchecked: index + offset] != word.utf8Start[offset] { return false }
        return true
    }

    /// The first index from `index` on that holds no space and no tab.
    func skippingBlanks(from index: Int) -> Int {
        var index = index
        while at(index).isBlank { index += 1 }
        return index
    }

    /// The first index from `index` on that holds no decimal digit.
    func skippingDigits(from index: Int) -> Int {
        var index = index
        while at(index).isDigit { index += 1 }
        return index
    }

    /// The first index from `index` on that holds no ASCII letter.
    func skippingLetters(from index: Int) -> Int {
        var index = index
        while at(index).isLetter { index += 1 }
        return index
    }

    /// The index of the first `byte` in `start..<end` (memchr(3)).
    func index(of byte: UInt8, from start: Int, to end: Int) -> Int? {
        let end = Swift.min(end, count)
        guard start >= 0, start < end else { return nil }
        return withUnsafeBytes { bytes -> Int? in
            guard let base = bytes.baseAddress else { return nil }
            return memchr(base + start, Int32(byte), end - start).map { UnsafeRawPointer($0) - base }
        }
    }

    /// The index of the last `byte` in `start..<end`.
    func lastIndex(of byte: UInt8, from start: Int, to end: Int) -> Int? {
        guard start >= 0 else { return nil }
        var index = Swift.min(end, count) - 1
        while index >= start, self[unchecked: index] != byte { index -= 1 }
        return index >= start ? index : nil
    }
}

extension Unicode.Scalar {
    var isBlank: Bool { self == " " || self == "\t" }
    var isDigit: Bool { value &- 0x30 < 10 }
    var isUpper: Bool { value &- 0x41 < 26 }
    var isLower: Bool { value &- 0x61 < 26 }
    var isLetter: Bool { (value | 0x20) &- 0x61 < 26 }
    /// Of a letter of ASCII the small one; no other byte becomes a letter.
    var lowered: Unicode.Scalar { Unicode.Scalar(UInt8(truncatingIfNeeded: value) | 0x20) }
    /// Of what the names of programs, files, classes and channels are made: letters, digits, `-`, `.`, `/`, `_`, and
    /// all that is not ASCII.
    @inline(__always)
    var isNameCharacter: Bool {
        // One bit for each character of ASCII.
        value < 0x40
            ? 0x03FF_E000_0000_0000 as UInt64 >> UInt64(value) & 1 == 1
            : value >= 0x80 || 0x07FF_FFFE_87FF_FFFE as UInt64 >> UInt64(value - 0x40) & 1 == 1
    }
}

/// Comparing with the pattern of a rule.
extension Span<UInt8> {
    /// Whether the line begins with `pattern`.
    func hasPrefix(_ pattern: [UInt8]) -> Bool {
        guard count >= pattern.count else { return false }
        for index in pattern.indices where self[index] != pattern[index] { return false }
        return true
    }

    /// Whether `pattern`, which is not empty, stands anywhere in the line.
    func contains(_ pattern: [UInt8]) -> Bool {
        guard let first = pattern.first else { return true }
        var start = 0
        while let found = index(of: first, from: start, to: count - pattern.count + 1) {
            if extracting(droppingFirst: found).hasPrefix(pattern) { return true }
            start = found + 1
        }
        return false
    }
}

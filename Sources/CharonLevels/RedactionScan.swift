/// Finds the next place where a secret may begin, eight bytes at a time.
struct RedactionScan {
    private let window: RedactionWindow
    private let rules: RedactionRules
    /// From here on, the beginning of a secret may be all of it that has come.
    private let tail: Int

    private static let colons = UInt64(Byte.colon) &* 0x0101_0101_0101_0101
    private static let equals = UInt64(Byte.equals) &* 0x0101_0101_0101_0101

    init(_ window: RedactionWindow, _ rules: RedactionRules) {
        self.window = window
        self.rules = rules
        let count = window.bytes.count
        var tail = max(count - max(rules.longestBeginning - 1, 0), 0)
        // No secret goes over a newline.
        if let newline = window.bytes[tail...].lastIndex(of: Byte.newline) { tail = newline + 1 }
        self.tail = tail
    }

    /// The first position from `start` on, or one before it, at which something may begin.
    func next(from start: Int) -> Int {
        guard rules.globs.isEmpty else { return nextBeginning(from: start) }
        return rules.pieces.isEmpty ? nextSeparator(from: start) : nextPiece(from: start)
    }

    private func nextBeginning(from start: Int) -> Int {
        rules.beginnings.withUnsafeBufferPointer { beginnings in
            var position = start
            while position < tail, beginnings[Int(window.bytes[position])] == 0 { position += 1 }
            return position
        }
    }

    private func nextSeparator(from start: Int) -> Int {
        guard let base = UnsafeRawPointer(window.bytes.baseAddress) else { return start }
        var position = start
        while position + 8 <= window.bytes.count {
            if let found = separator(in: base.loadUnaligned(fromByteOffset: position, as: UInt64.self), at: position) {
                return found
            }
            position += 8
        }
        return position
    }

    /// Of eight bytes of a secret, four are a group that is looked at here, at one of the first four of its places.
    private func nextPiece(from start: Int) -> Int {
        guard let base = UnsafeRawPointer(window.bytes.baseAddress) else { return start }
        return rules.pieces.groups.withUnsafeBufferPointer { groups in
            var position = start
            while position + 8 <= window.bytes.count, position < tail {
                let word = base.loadUnaligned(fromByteOffset: position, as: UInt64.self).littleEndian
                let first = groups[SecretPieces.hash(UInt32(truncatingIfNeeded: word))]
                let second = groups[SecretPieces.hash(UInt32(truncatingIfNeeded: word >> 32))]
                let found = separator(in: word, at: position)
                if first | second != 0 || found != nil {
                    let group = first != 0 ? position - 3 : second != 0 ? position + 1 : Int.max
                    // What begins in the last three bytes before a separator shows in its own group only.
                    return max(start, min(group, found ?? Int.max, position + 5))
                }
                position += 8
            }
            return max(start, min(position, tail) - 3)
        }
    }

    /// The position of the first separator in a word with which something begins.
    @inline(__always)
    private func separator(in word: UInt64, at position: Int) -> Int? {
        var found = Self.zeros(word ^ Self.colons) | Self.zeros(word ^ Self.equals)
        while found != 0 {
            let place = position + found.trailingZeroBitCount / 8
            if isBeginning(place) { return place }
            found &= found - 1
        }
        return nil
    }

    private func isBeginning(_ position: Int) -> Bool {
        if window.bytes[position] == Byte.colon {
            switch window[position + 1] {
            case Byte.slash, Byte.backslash, nil: return true
            default: break
            }
        }
        return CredentialPlace.isNamed(at: position, in: window)
    }

    /// The highest bit of each byte that is zero.
    @inline(__always)
    private static func zeros(_ word: UInt64) -> UInt64 {
        let low: UInt64 = 0x7F7F_7F7F_7F7F_7F7F
        return ~((word & low &+ low) | word | low)
    }
}

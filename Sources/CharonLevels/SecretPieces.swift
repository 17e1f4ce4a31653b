import Glibc

/// Known secrets, in pieces that are looked for one by one.
///
/// A piece has 8 to 64 bytes. The pieces of a longer secret overlap or touch, so all of it is hidden and no more than a
/// piece must be held back. As a piece is short, comparing it at each place where its first bytes stand is linear in
/// the text and needs no state machine, whose tables would be as large as all secrets together; a table of four-byte
/// groups says quickly where no piece can begin.
struct SecretPieces: Sendable {
    static let longestPiece = 64

    private var pieces: [[UInt8]] = []
    /// The indices in `pieces` by the first byte.
    private var byFirstByte = [[Int]](repeating: [], count: 256)
    /// Nonzero at the hash of each group of four bytes that begins at one of a piece's first four.
    private(set) var groups: [UInt8] = []
    private(set) var longest = 0

    private static let hashBits: UInt32 = 13

    var isEmpty: Bool { pieces.isEmpty }
    var firstBytes: Set<UInt8> { Set(pieces.map { $0[0] }) }

    @inline(__always)
    static func hash(_ group: UInt32) -> Int { Int((group &* 0x9E37_79B1) >> (32 - hashBits)) }

    /// Adds a secret of at least 8 bytes.
    mutating func add(_ secret: [UInt8]) {
        if groups.isEmpty { groups = [UInt8](repeating: 0, count: 1 << Int(Self.hashBits)) }
        for start in stride(from: 0, to: secret.count, by: Self.longestPiece) {
            // The last one reaches back for its full length.
            let begin = min(start, max(secret.count - Self.longestPiece, 0))
            add(piece: Array(secret[begin..<min(begin + Self.longestPiece, secret.count)]))
        }
    }

    private mutating func add(piece: [UInt8]) {
        guard !pieces.contains(piece) else { return }
        byFirstByte[Int(piece[0])].append(pieces.count)
        pieces.append(piece)
        longest = max(longest, piece.count)
        for offset in 0..<4 {
            let group = (0..<4).reduce(UInt32(0)) { $0 | UInt32(piece[offset + $1]) << UInt32(8 * $1) }
            groups[Self.hash(group)] = 1
        }
    }

    /// The length of the longest piece that stands at `position`, 0 for none.
    ///
    /// Nil while the bytes there may still become a piece.
    func length(at position: Int, in window: RedactionWindow) -> Int? {
        var length = 0
        let available = window.bytes.count - position
        for index in byFirstByte[Int(window.bytes[position])] {
            let piece = pieces[index]
            let compared = min(piece.count, available)
            guard let place = window.bytes.baseAddress, memcmp(place + position, piece, compared) == 0 else { continue }
            if compared == piece.count {
                length = max(length, compared)
            } else if !window.isLast {
                return nil
            }
        }
        return length
    }

    /// The ways in which a secret is commonly written: as it is, in JSON with and without escaped slashes, in a URL.
    static func forms(of secret: [UInt8]) -> [[UInt8]] {
        let escaped = secret.flatMap { $0 == Byte.quote || $0 == Byte.backslash ? [Byte.backslash, $0] : [$0] }
        let slashed = escaped.flatMap { $0 == Byte.slash ? [Byte.backslash, $0] : [$0] }
        let encoded = secret.flatMap { byte -> [UInt8] in
            if Byte.isWord(byte) || "-._~".utf8.contains(byte) { return [byte] }
            let digits = String(byte, radix: 16, uppercase: true)
            return Array((byte < 16 ? "%0" : "%").utf8) + Array(digits.utf8)
        }
        return [secret, escaped, slashed, encoded]
    }
}

/// Which bytes from here on are known to be hidden.
///
/// Positions are those of a `RedactionWindow`, until `move` makes them those of the next one.
struct RedactionCover: Sendable {
    /// A `*` of a glob that has begun.
    private struct Star: Hashable, Sendable {
        let glob: Int
        /// The segment that ends it; beyond the last one only white space does.
        let segment: Int
        var start: Int
    }

    /// The next 64 bytes, the very next one in the lowest bit.
    private var bits: UInt64 = 0
    private var password = 0..<0
    private var header: HeaderValue?
    private var stars: [Star] = []

    /// Nothing is hidden as long as nothing begins.
    var isEmpty: Bool { bits == 0 && password.isEmpty && header == nil && stars.isEmpty }

    /// Whether the byte at `position`, the first that is not decided, is hidden.
    ///
    /// Nil, and nothing has changed, if that depends on bytes that have not come.
    mutating func step(at position: Int, in window: RedactionWindow, _ rules: RedactionRules) -> Bool? {
        let byte = window.bytes[position]
        guard byte != Byte.newline else {
            self = Self()
            return false
        }
        var next = self
        let beginnings = rules.beginnings[Int(byte)]
        if beginnings != 0, !next.begin(beginnings, at: position, in: window, rules) { return nil }
        guard next.endStars(at: position, in: window, rules) else { return nil }
        if let header, position >= header.start {
            guard let isClosed = header.isClosed(at: position, in: window) else { return nil }
            if isClosed { next.header = nil }
        }
        let hides =
            next.bits & 1 == 1 || next.password.contains(position)
            || next.header.map { $0.start <= position } ?? false || next.stars.contains { $0.start <= position }
        next.bits >>= 1
        if next.password.upperBound <= position + 1 { next.password = 0..<0 }
        self = next
        return hides
    }

    /// After `count` bytes were decided.
    mutating func move(by count: Int) {
        if !password.isEmpty { password = password.lowerBound - count..<password.upperBound - count }
        if header != nil { header?.start -= count }
        for index in stars.indices { stars[index].start -= count }
    }

    /// Takes in what begins at `position`; false if that is not known yet.
    private mutating func begin(
        _ beginnings: UInt8, at position: Int, in window: RedactionWindow, _ rules: RedactionRules
    ) -> Bool {
        if beginnings & RedactionRules.piece != 0 {
            guard let length = rules.pieces.length(at: position, in: window) else { return false }
            if length > 0 { bits |= UInt64.max >> UInt64(64 - length) }
        }
        if beginnings & RedactionRules.separator != 0 {
            if window.bytes[position] == Byte.colon {
                guard let found = CredentialPlace.password(at: position, in: window) else { return false }
                if !found.isEmpty { password = found }
            }
            if header == nil, CredentialPlace.isNamed(at: position, in: window) {
                guard let value = CredentialPlace.value(at: position, in: window) else { return false }
                header = value
            }
        }
        if beginnings & RedactionRules.glob != 0 {
            for index in rules.globs.indices {
                guard let isFound = rules.globs[index].matches(0, at: position, in: window) else { return false }
                if isFound { take(segment: 0, of: index, at: position, rules) }
            }
        }
        return true
    }

    /// Ends the stars whose end stands at `position`; false if that is not known yet.
    private mutating func endStars(at position: Int, in window: RedactionWindow, _ rules: RedactionRules) -> Bool {
        for star in stars where star.start <= position {
            let glob = rules.globs[star.glob]
            if star.segment < glob.segments.count {
                guard let isFound = glob.matches(star.segment, at: position, in: window) else { return false }
                if isFound {
                    stars.removeAll { $0 == star }
                    take(segment: star.segment, of: star.glob, at: position, rules)
                    continue
                }
            }
            if window.bytes[position] <= Byte.space { stars.removeAll { $0 == star } }
        }
        return true
    }

    private mutating func take(segment: Int, of index: Int, at position: Int, _ rules: RedactionRules) {
        let glob = rules.globs[index]
        bits |= glob.masks[segment]
        guard segment + 1 < glob.segments.count || glob.isStarLast,
            // One that began earlier hides all that this one would.
            !stars.contains(where: { $0.glob == index && $0.segment == segment + 1 })
        else { return }
        stars.append(Star(glob: index, segment: segment + 1, start: position + glob.segments[segment].count))
    }
}

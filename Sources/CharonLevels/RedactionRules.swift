/// What a `Redactor` hides: secrets that are known, globs of one's own, and what stands where credentials do.
///
/// URLs with a password and `Authorization` and `X-API-KEY` headers need no rule. The secrets appear in no description
/// or dump.
package struct RedactionRules: Sendable {
    /// The shortest secret that is looked for, in bytes.
    ///
    /// A shorter one would be found in words and numbers that have nothing to do with it, and what is hidden there
    /// would tell what it is.
    package static let shortestSecret = 8

    private(set) var pieces = SecretPieces()
    private(set) var globs: [RedactionGlob] = []
    /// For each byte, what may begin with it.
    private(set) var beginnings = [UInt8](repeating: 0, count: 256)
    /// How many bytes may have to be seen to tell whether a secret or a glob begins with the first of them.
    private(set) var longestBeginning = 0

    package init() {
        beginnings[Int(Byte.colon)] = Self.separator
        beginnings[Int(Byte.equals)] = Self.separator
    }

    /// Hides `secret` wherever it stands, as it is and as JSON and URLs write it.
    ///
    /// One of several lines, such as a PEM key, is hidden line by line, as output is read so: each line of it without
    /// the white space around it is a secret of its own. False if it has no line of `shortestSecret` bytes or more, so
    /// that nothing is hidden. A text that is part of the mark itself is no secret.
    @discardableResult
    package mutating func hide(secret: some Sequence<UInt8>) -> Bool {
        var isHidden = false
        for line in Array(secret).split(whereSeparator: { $0 == Byte.newline || $0 == Byte.carriageReturn }) {
            var text = line.drop { $0 <= Byte.space }
            while let last = text.last, last <= Byte.space { text.removeLast() }
            let secret = Array(text)
            // The first and last line of a PEM file are the same in all of them.
            guard secret.count >= Self.shortestSecret, !secret.starts(with: "-----".utf8), !Self.isInMark(secret)
            else { continue }
            for form in SecretPieces.forms(of: secret) { pieces.add(form) }
            isHidden = true
        }
        for byte in pieces.firstBytes { beginnings[Int(byte)] |= Self.piece }
        longestBeginning = max(longestBeginning, pieces.longest)
        return isHidden
    }

    /// Hides what the wildcards of `glob` match; without wildcards, all of it.
    package mutating func hide(_ glob: RedactionGlob) {
        globs.append(glob)
        longestBeginning = max(longestBeginning, glob.segments[0].count)
        for byte in UInt8.min...UInt8.max where glob.segments[0][0].matches(byte) {
            beginnings[Int(byte)] |= Self.glob
        }
    }

    private static func isInMark(_ secret: [UInt8]) -> Bool {
        let mark = Array(Redactor.mark.utf8)
        return mark.indices.contains { mark[$0...].starts(with: secret) }
    }

    static let separator: UInt8 = 1
    static let piece: UInt8 = 2
    static let glob: UInt8 = 4
}

extension RedactionRules: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { Redactor.mark }
    package var debugDescription: String { description }
    package var customMirror: Mirror { Mirror(self, children: []) }
}

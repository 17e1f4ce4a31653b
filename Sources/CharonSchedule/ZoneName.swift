/// Names of the tz database, as `Europe/Riga`.
package enum ZoneName {
    package static let rule = "a name of the tz database such as Europe/Riga, America/New_York or UTC"

    /// Whether a text may be looked up below the directory of zones: it cannot lead out of it.
    package static func isValid(_ name: String) -> Bool {
        guard (1...100).contains(name.utf8.count) else { return false }
        return name.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
            guard let first = part.utf8.first, first != 0x2E, first != 0x2D else { return false }
            return part.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
                    || [0x2B, 0x2D, 0x2E, 0x5F].contains(byte)
            }
        }
    }
}

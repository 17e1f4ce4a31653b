package import CharonCore

/// Fields of an entry in the form of systemd's native protocol (https://systemd.io/JOURNAL_NATIVE_PROTOCOL).
///
/// A value is any bytes. A name is upper case letters, digits and underscores, at most 64, and begins with a letter: one
/// that begins with an underscore is the journal's own, and journald ignores others.
package struct JournalFields: Hashable, Sendable {
    package private(set) var bytes: [UInt8] = []

    package init() {}

    /// Adds a field with a text; a nil text adds nothing.
    package mutating func add(_ name: StaticString, _ value: String?) {
        guard let value else { return }
        add(name, value.utf8)
    }

    /// Adds a field with raw bytes.
    package mutating func add(_ name: StaticString, _ value: some Collection<UInt8>) {
        name.withUTF8Buffer { add(name: $0, value) }
    }

    /// Adds a field whose name is made: other characters become underscores, and it gets `CHARON_` before it.
    package mutating func add(charon name: String, _ value: String) {
        let letters = name.utf8.prefix(57).map { Self.letter($0) }
        add(name: Array("CHARON_".utf8) + letters, value.utf8)
    }

    package mutating func add(_ priority: Severity) { add("PRIORITY", "\(priority.rawValue)") }

    package mutating func add(_ event: Event) {
        add("MESSAGE_ID", event.messageID)
        add("CHARON_EVENT", event.rawValue)
    }

    /// Adds fields that are ready.
    package mutating func add(_ fields: JournalFields) { bytes += fields.bytes }

    private mutating func add(name: some Collection<UInt8>, _ value: some Collection<UInt8>) {
        bytes += name
        // A newline ends the short form; the long one has the length before the value, little-endian.
        if value.contains(Self.newline) {
            bytes.append(Self.newline)
            withUnsafeBytes(of: UInt64(value.count).littleEndian) { bytes += $0 }
        } else {
            bytes.append(0x3D)
        }
        bytes += value
        bytes.append(Self.newline)
    }

    private static let newline: UInt8 = 0x0A

    private static func letter(_ byte: UInt8) -> UInt8 {
        switch byte {
        case 0x30...0x39, 0x41...0x5A: byte
        case 0x61...0x7A: byte - 0x20
        default: 0x5F
        }
    }
}

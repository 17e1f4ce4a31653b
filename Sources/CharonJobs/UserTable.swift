/// The users of `/etc/passwd` (passwd(5)), by name.
///
/// Only the local file: a name service may block, and a daemon's configuration must not depend on one.
package struct UserTable: Hashable, Sendable {
    private let uids: [String: UInt32]

    /// Lines that are no entries are passed over, and so are later entries of the same name.
    package init(passwd text: String) {
        var uids: [String: UInt32] = [:]
        for line in text.split(whereSeparator: \.isNewline) {
            let fields = line.split(separator: ":", omittingEmptySubsequences: false)
            guard fields.count >= 4, !fields[0].isEmpty, let uid = UInt32(fields[2]) else { continue }
            let name = String(fields[0])
            if uids[name] == nil { uids[name] = uid }
        }
        self.uids = uids
    }

    /// The uid of a user; nil if there is none of that name.
    package subscript(_ name: String) -> UInt32? { uids[name] }

    /// All names, sorted.
    package var names: [String] { uids.keys.sorted() }
}

/// A file of variables that is read at each start: an entry of `environment_files`.
package struct EnvironmentFile: Hashable, Sendable {
    /// What an entry is, for messages.
    package static let rule = "an absolute path, with a '-' before it if the file may be missing"

    /// The absolute path.
    package let path: String
    /// A missing file is no failure of the start.
    package let isOptional: Bool

    /// Nil unless `text` follows the rule.
    package init?(_ text: String) {
        isOptional = text.hasPrefix("-")
        path = isOptional ? String(text.dropFirst()) : text
        guard path.utf8.first == 0x2F, path.utf8.count <= 4095, !path.utf8.contains(0) else { return nil }
    }
}

/// A variable of a job's environment.
package struct EnvironmentVariable: Hashable, Sendable {
    /// What a name may be (POSIX, XBD 8.1).
    package static let rule = "letters, digits and _, and no digit at the beginning"

    /// The name, which follows the rule.
    package let name: String
    /// Any text without a NUL; it may be a secret.
    package let value: String

    package init(_ name: String, _ value: String) {
        self.name = name
        self.value = value
    }

    /// Whether a variable can have this name.
    package static func isName(_ text: some StringProtocol) -> Bool {
        guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x5F: true
            default: false
            }
        }
    }

    private static let secretEndings = ["TOKEN", "KEY", "SECRET", "PASSWORD"]

    /// Whether the value is a secret by its name, which ends in `TOKEN`, `KEY`, `SECRET` or `PASSWORD` in any case.
    package var isSecret: Bool {
        let name = name.uppercased()
        return Self.secretEndings.contains { name.hasSuffix($0) }
    }

    /// Those of `variables` whose values are secrets, so that redaction gets them as literal texts.
    package static func secrets(among variables: [EnvironmentVariable]) -> [EnvironmentVariable] {
        variables.filter { $0.isSecret && !$0.value.isEmpty }
    }
}

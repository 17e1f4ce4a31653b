import Glibc

extension RedactionRules {
    /// The values of the variables whose names end in one of these, in any case, are secrets.
    private static let secretNames = ["TOKEN", "KEY", "SECRET", "PASSWORD"].map { Array($0.utf8) }

    /// With the secrets of an environment hidden.
    package init(environment: [[UInt8]]) {
        self.init()
        hide(secretsOf: environment)
    }

    /// Hides the secrets of an environment (`NAME=value`): the values of names that end in `TOKEN`, `KEY`, `SECRET` or
    /// `PASSWORD`, which CHARON_API_KEY does.
    ///
    /// Not those that `hide(secret:)` refuses, nor the path of an existing file, as keys are often named by one.
    package mutating func hide(secretsOf environment: [[UInt8]]) {
        for entry in environment {
            guard let end = entry.firstIndex(of: Self.equals) else { continue }
            let value = entry[(end + 1)...]
            if Self.isSecret(name: entry[..<end]), !Self.isFile(value) { hide(secret: value) }
        }
    }

    /// The words of a command as a record has them: at most 32 KiB of them, without their secrets.
    ///
    /// A command line can be two megabytes long; a record needs to be recognised, not repeated, and to fit into a call
    /// however it is escaped.
    package func recorded(_ words: [[UInt8]]) -> [String] {
        var room = 32_768
        return words.map { word in
            // Before it is cut: a part of a secret is not found.
            let word = Redactor.redact(word, self)
            defer { room -= word.count }
            return String(decoding: word.prefix(max(room, 0)), as: UTF8.self)
        }
    }

    /// `text` without its secrets.
    package func redacted(_ text: String) -> String {
        String(decoding: Redactor.redact(text.utf8, self), as: UTF8.self)
    }

    private static let equals: UInt8 = 0x3D
    private static let slash: UInt8 = 0x2F

    private static func isSecret(name: ArraySlice<UInt8>) -> Bool {
        let letters = name.map { (0x61...0x7A).contains($0) ? $0 - 0x20 : $0 }
        return secretNames.contains { letters.suffix($0.count).elementsEqual($0) }
    }

    private static func isFile(_ value: ArraySlice<UInt8>) -> Bool {
        value.first == slash && access(String(decoding: value, as: UTF8.self), F_OK) == 0
    }
}

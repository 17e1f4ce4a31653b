package import CharonCore

/// The groups of recognisers that can be turned on and off by name.
package struct LevelPresets: OptionSet, Hashable, Sendable {
    /// One bit for each preset.
    package let rawValue: UInt16

    /// The presets of these bits.
    package init(rawValue: UInt16) { self.rawValue = rawValue }

    /// `<0>` to `<7>` at the start of a line, as with systemd (sd-daemon(3)); the prefix is left out of the text.
    package static let prefix = LevelPresets(rawValue: 1 << 0)
    /// Monolog's lines, `[2024-01-01T00:00:00+00:00] app.ERROR: text`.
    package static let monolog = LevelPresets(rawValue: 1 << 1)
    /// PHP's own messages, `PHP Fatal error:  text`, with and without `PHP `.
    package static let php = LevelPresets(rawValue: 1 << 2)
    /// The blocks of Symfony's console: ` [ERROR] text`, ` ! [NOTE] text`, `In File.php line 12:`.
    package static let symfony = LevelPresets(rawValue: 1 << 3)
    /// JSON objects with a level: Monolog, bunyan, pino, GELF, zap, logrus, Python, ECS, Borg, the journal.
    package static let json = LevelPresets(rawValue: 1 << 4)
    /// Pairs as `time=… level=error msg=…`.
    package static let logfmt = LevelPresets(rawValue: 1 << 5)
    /// `error:`, `WARN`, `E:` and their like at the start, behind a time stamp, in brackets, or behind a program's name.
    package static let words = LevelPresets(rawValue: 1 << 6)
    /// Tracebacks of Python, PHP, Java and Node, as one block.
    package static let tracebacks = LevelPresets(rawValue: 1 << 7)

    /// Every preset.
    package static let all = LevelPresets(rawValue: 0xFF)

    /// The presets with their names.
    package static let named: [(name: String, preset: LevelPresets)] = [
        ("prefix", .prefix), ("monolog", .monolog), ("php", .php), ("symfony", .symfony), ("json", .json),
        ("logfmt", .logfmt), ("words", .words), ("tracebacks", .tracebacks),
    ]

    /// The names of the presets in the set, in the order of `named`.
    package var names: [String] { Self.named.filter { contains($0.preset) }.map(\.name) }

    /// The presets of a list with commas between the names, or none of them for `none`.
    ///
    /// - Throws: `usage` as for names.
    package init(list: String) throws(CharonError) {
        let names = list == "none" ? [] : list.split(separator: ",", omittingEmptySubsequences: false)
        try self.init(names: names.map(String.init))
    }

    /// The presets of these names.
    ///
    /// - Throws: `usage` naming the one that does not exist and those that do.
    package init(names: [String]) throws(CharonError) {
        self = []
        for name in names {
            guard let preset = Self.named.first(where: { $0.name == name })?.preset else {
                let known = Self.named.map(\.name).joined(separator: ", ")
                throw CharonError(.usage, "\"\(name)\" is no preset of levels; use some of \(known)")
            }
            insert(preset)
        }
    }
}

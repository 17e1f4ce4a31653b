import CharonCore

/// What a line says of its own level.
struct Finding: Hashable, Sendable {
    let severity: Severity
    /// Whether it tells of a success, which is a level with Charon and a notice with syslog.
    var isSuccess = false
    /// The block that the line begins: which of the next lines belong to it.
    var block: Block.Kind

    init(_ severity: Severity, opening block: Block.Kind = .details) {
        self.severity = severity
        self.block = block
    }

    /// A success.
    static func success(opening block: Block.Kind = .details) -> Finding {
        var finding = Finding(Level.success.severity, opening: block)
        finding.isSuccess = true
        return finding
    }

    /// Whether the next lines can belong to it: a plain one below a warning explains nothing.
    func opensBlock(_ presets: LevelPresets) -> Bool {
        switch block {
        case .symfony, .symfonyMarked, .symfonyBox: true
        default: presets.contains(.tracebacks) && severity.rawValue <= Severity.warning.rawValue
        }
    }

    var level: Level { isSuccess ? .success : severity.level }
}

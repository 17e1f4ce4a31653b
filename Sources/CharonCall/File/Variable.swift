import CharonJobs

/// A variable of a call file.
struct Variable: Sendable {
    /// Where its value comes from.
    enum Source: Sendable, Hashable {
        /// `name=value` on the command line.
        case argument
        /// A systemd credential (systemd.exec(5)).
        case credential(String)
        /// A file that not everybody can read.
        case file(String)
        /// A variable of the environment.
        case environment(String)
    }

    /// What its value is in JSON.
    enum Kind: String, Sendable, CaseIterable { case string, integer, number, boolean, json }

    let name: String
    let position: Position?
    var description: String?
    var fallback: Template?
    var kind = Kind.string
    var credential: String?
    var file: String?
    var environment: String?
    var secret: Bool?

    init(name: String, position: Position?) {
        self.name = name
        self.position = position
    }

    var source: Source {
        if let credential { return .credential(credential) }
        if let file { return .file(file) }
        if let environment { return .environment(environment) }
        return .argument
    }

    /// Whether nobody may see its value.
    var isSecret: Bool { secret ?? (source != .argument) }
}

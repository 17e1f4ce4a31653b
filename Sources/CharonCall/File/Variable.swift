package import CharonJobs

/// A variable of a call file.
package struct Variable: Sendable {
    /// Where its value comes from.
    package enum Source: Sendable, Hashable {
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
    package enum Kind: String, Sendable, CaseIterable { case string, integer, number, boolean, json }

    package let name: String
    package let position: Position?
    package var description: String?
    package var fallback: Template?
    package var kind = Kind.string
    package var credential: String?
    package var file: String?
    package var environment: String?
    package var secret: Bool?

    package init(name: String, position: Position?) {
        self.name = name
        self.position = position
    }

    package var source: Source {
        if let credential { return .credential(credential) }
        if let file { return .file(file) }
        if let environment { return .environment(environment) }
        return .argument
    }

    /// Whether nobody may see its value.
    package var isSecret: Bool { secret ?? (source != .argument) }
}

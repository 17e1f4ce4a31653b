/// A line for whoever runs the call.
package struct Line: Hashable, Sendable {
    /// What kind of line it is, which decides its level, its stream and whether `--quiet` leaves it out.
    package enum Kind: Sendable { case progress, output, success, warning, error }

    let kind: Kind
    let text: String

    package init(_ kind: Kind, _ text: String) {
        self.kind = kind
        self.text = text
    }

    var isForStandardError: Bool { kind == .warning || kind == .error }

    /// The line behind the sign of its level: for `charon-run` and the journal (sd-daemon(3)), else for people.
    func text(isLevelled: Bool) -> String {
        switch (kind, isLevelled) {
        case (.progress, true), (.output, true): "<6>\(text)"
        case (.success, true): "[OK] \(text)"
        case (.warning, true): "<4>\(text)"
        case (.error, true): "<3>\(text)"
        case (.progress, false), (.output, false), (.success, false): text
        case (.warning, false): "warning: \(text)"
        case (.error, false): "error: \(text)"
        }
    }
}

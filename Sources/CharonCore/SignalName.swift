import Glibc

/// A signal by its name of signal(7).
package struct SignalName: Hashable, Sendable, CustomStringConvertible {
    /// The signals that can tell a command to end.
    package static let names = ["TERM", "INT", "HUP", "QUIT", "USR1", "USR2", "KILL"]
    private static let numbers = [SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2, SIGKILL]

    /// The kernel's number.
    package let number: Int32

    private init(number: Int32) { self.number = number }

    /// SIGTERM.
    package static let terminate = SignalName(number: SIGTERM)

    /// A name of `names`, also with `SIG` before it; nil for any other text.
    package init?(_ text: String) {
        let name = text.hasPrefix("SIG") ? String(text.dropFirst(3)) : text
        guard let index = Self.names.firstIndex(of: name) else { return nil }
        number = Self.numbers[index]
    }

    /// With `SIG`.
    package var description: String {
        "SIG" + (Self.numbers.firstIndex(of: number).map { Self.names[$0] } ?? "\(number)")
    }
}

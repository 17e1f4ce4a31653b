/// Why systemd did not do what it was asked for.
package struct ManagerError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The kinds of failure, stable across releases.
    package enum Code: String, Sendable, CaseIterable {
        /// There is no systemd, no libsystemd, no bus, or the connection has broken.
        case unavailable
        /// systemd said no.
        case refused
        /// There was no answer in time.
        case timedOut = "timed-out"
    }

    package let code: Code
    /// What happened, for an operator.
    package let message: String

    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    package var description: String { message }
}

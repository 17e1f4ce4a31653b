/// How a process ended.
package enum ChildEnd: Hashable, Sendable {
    /// It exited with this status, 0 to 255.
    case exited(Int32)
    /// It was ended by this signal, 1 to 64.
    case killed(Int32)
}

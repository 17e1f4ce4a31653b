/// The type of a message, with the names that Charon uses on the wire (`TypeMessageEnum`).
package enum Level: String, Hashable, Sendable, CaseIterable {
    case info, warning, error, success
}

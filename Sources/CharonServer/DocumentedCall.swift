/// The four calls that Charon's document states, by the last segment of their paths.
package enum DocumentedCall: String, CaseIterable, Sendable {
    case canStart = "can-start"
    case start, message, end
}

extension Route {
    /// The documented call; nil for the read API.
    var documentedCall: DocumentedCall? {
        switch self {
        case .canStart: .canStart
        case .start: .start
        case .message: .message
        case .end: .end
        case .crons, .executions, .execution, .messages: nil
        }
    }
}

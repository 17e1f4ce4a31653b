/// How a call ends: the exit codes of `charon-call`, after sysexits(3) where it has one.
package enum CallExit: Int32, Sendable, CaseIterable {
    /// All was done, or the API gave an answer that is meant to be one.
    case done = 0
    /// The operation that was waited for failed, or the body of the answer says so.
    case failed = 1
    /// The command line is wrong (EX_USAGE).
    case usage = 64
    /// A file to be sent cannot be read (EX_NOINPUT).
    case noInput = 66
    /// No answer: name, connection, TLS, time (EX_UNAVAILABLE).
    case unreachable = 69
    /// The file of `save` cannot be written (EX_CANTCREAT).
    case cannotCreate = 73
    /// The deadline of the call or of its waiting is over (EX_TEMPFAIL).
    case deadline = 75
    /// The API refused, or its answer cannot be used (EX_PROTOCOL).
    case refused = 76
    /// No token, or 401 or 403 (EX_NOPERM).
    case authentication = 77
    /// The file or a variable is wrong (EX_CONFIG).
    case configuration = 78

    /// What the code stands for, in a few words for the help.
    package var meaning: String {
        switch self {
        case .done: "done"
        case .failed: "the operation failed"
        case .usage: "wrong usage of the command line"
        case .noInput: "a file to be sent cannot be read"
        case .unreachable: "the API is unreachable"
        case .cannotCreate: "the file to save cannot be written"
        case .deadline: "the deadline is over"
        case .refused: "the API refused"
        case .authentication: "authentication failed"
        case .configuration: "the call file or a variable is wrong"
        }
    }
}

/// Why a call ends without being done: the exit code, and one sentence for a human.
///
/// The message may hold a secret that the API sent back: it is shown through a `Redactor` only.
struct CallFailure: Error, Hashable, Sendable {
    let exit: CallExit
    let message: String

    init(_ exit: CallExit, _ message: String) {
        self.exit = exit
        self.message = message
    }
}

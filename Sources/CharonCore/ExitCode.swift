import Glibc

/// The exit codes of `charon-run`: the child's own wherever it ran, the shells' convention where it did not.
package enum ExitCode {
    /// The timeout ended the command, as with timeout(1).
    package static let timedOut: Int32 = 124
    /// charon-run itself failed and the command did not run, as with env(1) and timeout(1).
    package static let ownFailure: Int32 = 125
    /// The command was found and could not be executed, as POSIX says of sh.
    package static let notExecutable: Int32 = 126
    /// The command was not found, as POSIX says of sh.
    package static let notFound: Int32 = 127

    /// What `charon-run` exits with after `outcome`.
    package static func of(_ outcome: RunOutcome) -> Int32 {
        switch outcome {
        case .skipped: 0
        case .couldNotStart("exec", let errno): errno == ENOENT ? notFound : notExecutable
        case .couldNotStart: ownFailure
        case .exited(let code), .outOfMemory(let code): code
        case .killed(let signal), .stopped(_, let signal): 128 + signal
        case .timedOut: timedOut
        case .lost: ownFailure
        }
    }
}

/// How one run ended.
///
/// A job's failure is a value here, never a thrown error.
package enum RunOutcome: Hashable, Sendable {
    /// Not started, and why.
    case skipped(SkipReason)
    /// The command could not be started: the step that failed, with its errno.
    case couldNotStart(step: String, errno: Int32)
    /// The command ended by itself with this exit status, 0 to 255.
    case exited(code: Int32)
    /// The command was ended by a signal that this project did not send.
    case killed(signal: Int32)
    /// The kernel ended processes of the run because they had all the memory that its limit leaves them; `code` is the
    /// exit code of what came of that.
    case outOfMemory(code: Int32)
    /// The command was ended because it ran longer than its timeout.
    case timedOut(afterSeconds: Double)
    /// The command was ended because its supervisor was told to end; `by` names the signal or the person.
    case stopped(by: String, signal: Int32)
    /// The supervisor died before it could tell.
    ///
    /// Nothing is invented.
    case lost
}

extension RunOutcome {
    /// Who stops a run when the signal came from process 1, as at a shutdown.
    package static let byInit = "process 1"
}

/// Why a run was not started.
package enum SkipReason: String, Hashable, Sendable, CaseIterable {
    /// Charon said that the cron is switched off.
    case off
    /// Charon does not know the cron, and the policy says that such a cron does not run.
    case notRegistered = "not-registered"
    /// Charon gave no answer, and the policy (or its last answer) says that the cron does not run.
    case unreachable
    /// An earlier run of the slug is still going on.
    case overlap
    /// It could not be started before its `start_deadline`.
    case late
}

extension RunOutcome {
    /// The form in records.
    package var json: JSON {
        switch self {
        case .skipped(let reason): ["kind": "skipped", "reason": .string(reason.rawValue)]
        case .couldNotStart(let step, let errno):
            ["kind": "could-not-start", "step": .string(step), "errno": .integer(Int64(errno))]
        case .exited(let code): ["kind": "exited", "code": .integer(Int64(code))]
        case .killed(let signal): ["kind": "killed", "signal": .integer(Int64(signal))]
        case .outOfMemory(let code): ["kind": "out-of-memory", "code": .integer(Int64(code))]
        case .timedOut(let seconds): ["kind": "timed-out", "after": .real(seconds)]
        case .stopped(let by, let signal): ["kind": "stopped", "by": .string(by), "signal": .integer(Int64(signal))]
        case .lost: ["kind": "lost"]
        }
    }

    /// Reads what `json` writes.
    ///
    /// Nil for any other form: an outcome is never guessed.
    package init?(json: JSON) {
        func small(_ name: String, _ range: ClosedRange<Int64>) -> Int32? {
            json[name]?.integer.flatMap { range.contains($0) ? Int32($0) : nil }
        }
        switch json["kind"]?.string {
        case "skipped":
            guard let reason = json["reason"]?.string.flatMap(SkipReason.init) else { return nil }
            self = .skipped(reason)
        case "could-not-start":
            guard let step = json["step"]?.string, let errno = small("errno", 0...4095) else { return nil }
            self = .couldNotStart(step: step, errno: errno)
        case "exited":
            guard let code = small("code", 0...255) else { return nil }
            self = .exited(code: code)
        case "killed":
            guard let signal = small("signal", 1...64) else { return nil }
            self = .killed(signal: signal)
        case "out-of-memory":
            guard let code = small("code", 0...255) else { return nil }
            self = .outOfMemory(code: code)
        case "timed-out":
            guard let seconds = json["after"]?.number, seconds >= 0 else { return nil }
            self = .timedOut(afterSeconds: seconds)
        case "stopped":
            guard let by = json["by"]?.string, let signal = small("signal", 1...64) else { return nil }
            self = .stopped(by: by, signal: signal)
        case "lost": self = .lost
        default: return nil
        }
    }
}

package import CharonCore
package import CharonRuns

/// What `end` says of a run: success, type and message.
package struct EndReport: Hashable, Sendable {
    package let level: Level
    package let isSuccess: Bool
    package let message: String

    /// `lastErrors` are the last lines of stderr, cleaned, for a failure.
    package init(
        _ request: RunRequest, _ delivery: DeliveryRecord, _ ended: SupervisorRecord.Ended, lastErrors: [String]
    ) {
        isSuccess = request.policies.successCodes.isSuccess(ended.outcome)
        level = isSuccess ? .success : .error
        var parts = [Self.sentence(ended.outcome)]
        if ended.duration.milliseconds > 0 || ended.outputBytes > 0 { parts[0] += " after \(ended.duration)" }
        let total = ended.stdoutLines + ended.stderrLines
        parts.append("\(ended.stdoutLines) lines on stdout, \(ended.stderrLines) on stderr")
        if delivery.lines < total { parts.append("\(total - delivery.lines) of these lines were not sent") }
        if ended.lostBytes > 0 { parts.append("\(ended.lostBytes) bytes of output could not be recorded") }
        if !ended.holders.isEmpty {
            parts.append("still holding the output open: \(ended.holders.joined(separator: ", "))")
        }
        if delivery.isLate {
            let start = ended.at.advanced(bySeconds: -ended.duration.seconds)
            parts.append("reported late: ran from \(start.rfc3339) to \(ended.at.rfc3339)")
        }
        var text = parts.joined(separator: "; ")
        if !isSuccess, !lastErrors.isEmpty { text += "\nlast lines of stderr:\n" + lastErrors.joined(separator: "\n") }
        message = text
    }

    /// One clause about an outcome.
    package static func sentence(_ outcome: RunOutcome) -> String {
        switch outcome {
        case .skipped(let reason): "skipped: \(reason.rawValue)"
        case .couldNotStart(let step, let errno): "could not start (\(step): \(SystemError.text(of: errno)))"
        case .exited(let code): "exited with code \(code)"
        case .killed(let signal): "killed by signal \(signal)"
        case .timedOut(let seconds): "ended by its timeout of \(TimeSpan(milliseconds: Int64(seconds * 1000)))"
        case .stopped(let by, let signal): "stopped by \(by) (signal \(signal))"
        case .lost: "lost: its supervisor died before the command ended, so how it ended is not known"
        }
    }
}

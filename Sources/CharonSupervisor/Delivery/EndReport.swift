package import CharonCore
import CharonLevels
package import CharonRuns
import Glibc

/// What `end` says of a run: success, type and message.
package struct EndReport: Hashable, Sendable {
    package let level: Level
    package let isSuccess: Bool
    package let message: String
    /// The outcome in ASCII and nothing else, for a Charon that does not take `message`.
    package let minimalMessage: String

    /// `lastErrors` are the last lines of stderr, cleaned, for a failure.
    package init(
        _ request: RunRequest, _ delivery: DeliveryRecord, _ ended: SupervisorRecord.Ended, lastErrors: [String]
    ) {
        isSuccess = request.policies.successCodes.isSuccess(ended.outcome)
        level = isSuccess ? .success : .error
        let summary = ([Self.sentence(ended)] + Self.remarks(delivery, ended)).joined(separator: "; ")
        // Names of steps, signals and processes are the supervisor's, which may belong to the job's user.
        var text = TextHygiene.clean(summary.utf8)
        if !isSuccess, !lastErrors.isEmpty { text += "\nlast lines of stderr:\n" + lastErrors.joined(separator: "\n") }
        message = text
        minimalMessage = Self.ascii(Self.sentence(ended))
    }

    private static let longestMinimal = 200

    private static func ascii(_ text: String) -> String {
        let scalars = text.unicodeScalars.prefix(longestMinimal).map { (" "..."~").contains($0) ? Character($0) : "?" }
        return String(scalars)
    }

    private static func remarks(_ delivery: DeliveryRecord, _ ended: SupervisorRecord.Ended) -> [String] {
        var remarks: [String] = []
        if ended.outcome == .lost {
            // Nobody has counted: only what Charon has is known.
            if delivery.lines > 0 { remarks.append("\(count(delivery.lines, "line")) of its output sent") }
        } else {
            remarks.append("\(count(ended.stdoutLines, "line")) on stdout, \(ended.stderrLines) on stderr")
        }
        remarks += missing(delivery)
        if ended.outcome != .lost {
            let accounted = delivery.lines + delivery.setAside.lines + delivery.dropped.lines + delivery.withheld
            let unsent = ended.stdoutLines + ended.stderrLines - accounted
            if unsent > 0 { remarks.append("\(unsent) of these lines \(unsent == 1 ? "was" : "were") not sent") }
        }
        if delivery.withheld > 0 {
            remarks.append("\(count(delivery.withheld, "line")) kept back by the run's own rules")
        }
        if ended.lostBytes > 0 { remarks.append("\(count(ended.lostBytes, "byte")) of output could not be recorded") }
        if !ended.holders.isEmpty {
            remarks.append("still holding the output open: \(ended.holders.joined(separator: ", "))")
        }
        if delivery.isLate {
            let start = ended.at.advanced(bySeconds: -ended.duration.seconds)
            let isTimed = ended.outcome != .lost || ended.duration.milliseconds > 0
            remarks.append("reported late" + (isTimed ? ": ran from \(start.rfc3339) to \(ended.at.rfc3339)" : ""))
        }
        return remarks
    }

    /// What Charon could not take, what the disk budget took, and what was left out beyond the cap.
    private static func missing(_ delivery: DeliveryRecord) -> [String] {
        var remarks: [String] = []
        let setAside = delivery.setAside
        if setAside.count > 0 {
            let lines = setAside.lines > 0 ? count(setAside.lines, "line") : "a part of a line"
            remarks.append(
                "\(lines) set aside in \(count(setAside.count, "message")) that Charon did not take")
        }
        if delivery.dropped.count > 0 { remarks.append("\(delivery.dropped.description) dropped by the disk budget") }
        if let omitted = delivery.omitted, omitted.to > omitted.from {
            let bytes = count(omitted.to - omitted.from, "byte")
            remarks.append("\(bytes) of output.log from byte \(omitted.from) on left out, beyond the cap of a run")
        }
        return remarks
    }

    private static func count(_ number: Int64, _ word: String) -> String {
        "\(number) \(word)\(number == 1 ? "" : "s")"
    }

    private static func sentence(_ ended: SupervisorRecord.Ended) -> String {
        switch ended.outcome {
        case .exited, .killed, .outOfMemory, .timedOut, .stopped: "\(sentence(ended.outcome)) after \(ended.duration)"
        case .skipped, .couldNotStart, .lost: sentence(ended.outcome)
        }
    }

    /// One clause about an outcome.
    package static func sentence(_ outcome: RunOutcome) -> String {
        switch outcome {
        case .skipped(let reason): "skipped: \(reason.rawValue)"
        case .couldNotStart(let step, ENOENT) where step.hasPrefix("user ") || step.hasPrefix("group "):
            "could not start: there is no \(step)"
        case .couldNotStart(let step, let errno): "could not start (\(step): \(SystemError.text(of: errno)))"
        case .exited(let code): "exited with code \(code)"
        case .killed(let signal): "killed by signal \(signal)"
        case .outOfMemory(let code): "out of memory: the kernel ended it at its limit (exit code \(code))"
        case .timedOut(let seconds): "ended by its timeout of \(span(seconds))"
        case .stopped(let by, let signal): "stopped by \(by) (signal \(signal))"
        case .lost: "lost: its supervisor died before it could tell how the command ended"
        }
    }

    /// Seconds that a supervisor's record may hold, however many.
    private static func span(_ seconds: Double) -> TimeSpan {
        TimeSpan(milliseconds: Int64(min(max(seconds, 0) * 1000, Double(TimeSpan.longest))))
    }
}

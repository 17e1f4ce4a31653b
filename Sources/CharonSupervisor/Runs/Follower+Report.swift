import CharonCore
import CharonLevels
import CharonRuns
import Logging

/// What the log hears of a run that is followed.
extension Follower {
    /// Reports how the run ended, once.
    func report(_ ended: SupervisorRecord.Ended, _ start: DeliveryRecord.Start) {
        // Names of steps and signals are the supervisor's, which may belong to the job's user.
        let outcome = TextHygiene().text(of: EndReport.sentence(ended.outcome).utf8)
        var metadata: Logger.Metadata = ["outcome": "\(outcome)", "exit_code": "\(ended.exitCode)"]
        if ended.outcome != .lost { metadata["duration"] = "\(ended.duration)" }
        let (event, message, level) = Self.event(of: ended.outcome, record.request.policies.successCodes)
        context.log.report(event, message, level, record.metadata(metadata.merging(start.metadata) { mine, _ in mine }))
    }

    static func event(
        of outcome: RunOutcome, _ successCodes: SuccessCodes
    ) -> (Event, Logger.Message, Logger.Level) {
        if successCodes.isSuccess(outcome) { return (.ended, "run ended", .info) }
        return switch outcome {
        case .timedOut: (.timedOut, "run timed out", .error)
        case .stopped: (.stopped, "run stopped", .warning)
        case .lost: (.lost, "run lost", .error)
        case .skipped, .couldNotStart, .exited, .killed, .outOfMemory: (.failed, "run failed", .error)
        }
    }

    /// Reports what an answer of Charon has changed.
    func report(_ before: DeliveryRecord, _ now: DeliveryRecord) {
        if case .answered = now.start, now.start != before.start {
            context.log.report(.started, "run started, reported late", .info, record.metadata(now.start.metadata))
        }
        guard let note = now.note, note != before.note else { return }
        let metadata = record.metadata(["reason": "\(note)"].merging(now.start.metadata) { mine, _ in mine })
        if now.setAside.count > before.setAside.count {
            context.log.report(.setAside, "message set aside", .error, metadata)
        } else {
            context.log.report(.delayed, "delivery delayed", .warning, metadata)
        }
    }
}
